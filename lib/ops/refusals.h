// Refusals on record (docs/formats/audit-record.md). Where nobody vouches for the caller yet, which
// is a signer's verb before his factors were checked, there is one record per caller and reason a
// minute, so that nobody fills the log by asking. The rest of the minute is counted, and the count
// goes on record when the minute is over and somebody looks.
#pragma once

#include "base/error.h"
#include "ops/provider.h"

namespace tsp::ops {

struct Refusal {
  std::string event;    // sign.authorize, key.generate, ...
  std::string subject;  // user, key, serial number or role; empty for a name that nobody has
  std::string reason;   // a word that is never renamed
  Json details = Json::object();
};
// `nothing`: a dry run.
enum class Keep { nothing, each, one_a_minute };

// Each is counted for its group (ops/accounting.h), on record or not.

// The error with the number of the refusal's record; without one where there is none. An error
// that names a record already is on record.
Error refused(Provider& provider, const Refusal& refusal, const Error& error, Keep keep);
// Throws what refused() answers.
[[noreturn]] void refuse(Provider& provider, const Refusal& refusal, const Error& error, Keep keep);

// Puts the counts of past minutes on record. Called with each refusal that is counted, before each
// checkpoint and before records are shown.
void flush_refusals(Provider& provider);

}  // namespace tsp::ops
