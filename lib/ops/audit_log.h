// The audit log from outside: verify, show, checkpoint, prove, export.
#pragma once

#include "audit/verify.h"
#include "ops/provider.h"

namespace tsp::ops {

struct VerifyLog {
  std::string path;          // a store, an exported folder, a proof; empty: this TSP's store
  std::string checkpoint;    // text of a note the auditor holds
  std::string verifier_key;  // text; empty: the TSP's own, remembered
  bool require_anchor = false;
};
struct LogVerified {
  audit::Verdict verdict;
  std::string anchor = "none";            // none, remembered, given, witnessed
  std::optional<std::string> checkpoint;  // the note that was held against
};
LogVerified verify_log(Provider& provider, const VerifyLog& request);

struct ShowLog {
  std::optional<Time> since, until;
  std::string event, subject;
};
void show_log(Provider& provider, const ShowLog& request,
              const std::function<void(const audit::Record&)>& each);
// A signed checkpoint over the log as it is; kept in the store and in HOME/checkpoints.
std::string make_checkpoint(Provider& provider);
// That the HSM has the keys and the log its tree; signs nothing. The size that would be signed.
std::uint64_t check_checkpoint(Provider& provider);

Json to_json(const LogVerified& receipt);
Json to_json(const audit::Record& record);

}  // namespace tsp::ops
