// What was done by a signer, for him and with what is his, from the audit log. One pass over the
// log; of it nothing is kept.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ops/provider.h"

namespace tsp::ops {

struct HistoryOf {
  std::string user;
  std::optional<Time> since, until;  // half-open
  std::int64_t from = 0;             // the first record to look at
};
struct HistoryEvent {
  std::int64_t seq = 0;
  Time time{};
  std::string event, outcome;
  std::string document, file_sha256;  // of signatures
  std::string key, certificate;       // id and serial number
  std::string by, role;               // who asked, and in which role
  std::string reason;                 // of refusals, failures and revocations
};
// In the order of the log, in pages as show_log() answers them. An intent stands only where a
// signature has no result: nothing was delivered for it. Error{not_found}; {tampered} for a log
// that cannot be read.
std::optional<std::int64_t> user_history(Provider& provider, const HistoryOf& request,
                                         const std::function<bool(const HistoryEvent&)>& each);

Json to_json(const HistoryEvent& event);

}  // namespace tsp::ops
