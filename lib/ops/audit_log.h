// The audit log from outside: verify, show, checkpoint, prove, export.
#pragma once

#include "audit/verify.h"
#include "ops/provider.h"

namespace tsp::ops {

struct VerifyLog {
  std::string checkpoint;    // text of a note the auditor holds
  std::string verifier_key;  // text; empty: the TSP's own, remembered
};
struct LogVerified {
  audit::Verdict verdict;
  std::string anchor = "none";            // none, remembered, given, witnessed
  std::optional<std::string> checkpoint;  // the note that was held against
};
// This TSP's own log, held against the checkpoints that HOME remembers.
LogVerified verify_log(Provider& provider, const VerifyLog& request);
// A store, an exported folder or a proof, which nothing remembered is held against. The key is
// needed. Error{not_found}.
LogVerified verify_copy(const std::string& path, const VerifyLog& request);
// A proof that came by standard input; {bad_input} for anything else.
LogVerified verify_proof(std::string_view text, const VerifyLog& request);
std::string verifier_key(Provider& provider);  // text: of this TSP's log

struct ShowLog {
  std::optional<Time> since, until;
  std::string event, subject;
  std::int64_t from = 0;  // the first record to look at
};
// Looks at records from a number on, until `each` returns false or many were looked at: the number
// of the last of them, to go on after; nothing at the log's end.
std::optional<std::int64_t> read_on(Provider& provider, std::int64_t from,
                                    const std::function<bool(const audit::Record&)>& each);
// The same, of those that match.
std::optional<std::int64_t> show_log(Provider& provider, const ShowLog& request,
                                     const std::function<bool(const audit::Record&)>& each);
// A signed checkpoint over the log as it is; kept in the store and in HOME/checkpoints.
std::string make_checkpoint(Provider& provider);
// That the HSM has the keys and the log its tree; signs nothing. The size that would be signed.
std::uint64_t check_checkpoint(Provider& provider);

Json to_json(const LogVerified& receipt);
Json to_json(const audit::Record& record);

}  // namespace tsp::ops
