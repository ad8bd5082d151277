#include "ops/refusals.h"

#include "ops/recording.h"

namespace tsp::ops {
namespace {

constexpr auto kMinute = std::chrono::minutes(1);

std::int64_t minute_of(Time time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch() / kMinute;
}

void flush(Provider& provider, store::Transaction& transaction, std::int64_t minute) {
  for (const auto& row : store::take_refusals_before(transaction, minute)) {
    if (row.count < 2) continue;  // the one has its own record
    audit::Event event = provider.event("refusals", audit::Outcome::refused, "",
                                        {{"reason", row.reason},
                                         {"minute", to_rfc3339(Time{kMinute * row.minute})},
                                         {"count", row.count}});
    event.actor = row.caller;
    audit::append(transaction, provider.now(), event);
  }
}

}  // namespace

std::optional<std::int64_t> record_refusal(Provider& provider, const audit::Event& event,
                                           const std::string& reason) {
  const std::int64_t minute = minute_of(provider.now());
  std::optional<std::int64_t> seq;
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    flush(provider, transaction, minute);
    if (store::count_refusal(transaction, {event.actor, reason, minute, 1}) == 1)
      seq = audit::append(transaction, provider.now(), event);
    return seq.value_or(0);
  });
  return seq;
}

void flush_refusals(Provider& provider) {
  store::Transaction transaction(provider.database());
  flush(provider, transaction, minute_of(provider.now()));
  transaction.commit();
}

}  // namespace tsp::ops
