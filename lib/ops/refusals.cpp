#include "ops/refusals.h"

#include "ops/accounting.h"
#include "ops/counted_refusals.h"
#include "ops/recording.h"

namespace tsp::ops {
namespace {

constexpr auto kMinute = std::chrono::minutes(1);

std::int64_t minute_of(Time time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch() / kMinute;
}

audit::Event event_of(Provider& provider, const store::RefusalRow& row) {
  audit::Event event = provider.event("refusals", audit::Outcome::refused, "",
                                      {{"reason", row.reason},
                                       {"minute", to_rfc3339(Time{kMinute * row.minute})},
                                       {"count", row.count}});
  event.actor = row.caller;
  return event;
}

void flush(Provider& provider, store::Transaction& transaction, std::int64_t minute) {
  for (const auto& row : store::take_refusals_before(transaction, minute)) {
    if (row.count < 2) continue;  // the one has its own record
    audit::append(transaction, provider.now(), event_of(provider, row));
  }
}

std::optional<std::int64_t> record_first(Provider& provider, const audit::Event& event,
                                         const std::string& reason) {
  const std::int64_t minute = minute_of(provider.now());
  std::optional<std::int64_t> seq;
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    flush(provider, transaction, minute);
    account(transaction, provider.now(), group_of(provider.database(), event), event);
    if (store::count_refusal(transaction, {event.actor, reason, minute, 1}) == 1)
      seq = audit::append(transaction, provider.now(), event);
    return seq.value_or(0);
  });
  return seq;
}

}  // namespace

Error refused(Provider& provider, const Refusal& refusal, const Error& error, Keep keep) {
  if (keep == Keep::nothing || error.audit_seq) return error;
  Json details = {{"reason", refusal.reason}};
  details.update(refusal.details);
  const audit::Event event =
      provider.event(refusal.event, audit::Outcome::refused, refusal.subject, std::move(details));
  std::optional<std::int64_t> seq;
  if (keep == Keep::each)
    seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
      return record_call(provider, transaction, group_of(provider.database(), event), event);
    });
  else
    seq = record_first(provider, event, refusal.reason);
  if (!seq) return error;
  return Error(error.fault, error.failed, error.why, error.next, static_cast<std::uint64_t>(*seq));
}

void refuse(Provider& provider, const Refusal& refusal, const Error& error, Keep keep) {
  throw refused(provider, refusal, error, keep);
}

void record_refusals(Provider& provider, const store::RefusalRow& counted) {
  audit::Event event = event_of(provider, counted);
  event.role = "none";
  provider.record(event);
}

void flush_refusals(Provider& provider) {
  const std::int64_t minute = minute_of(provider.now());
  if (!store::has_refusals_before(provider.database(), minute)) return;
  store::Transaction transaction(provider.database());
  flush(provider, transaction, minute);
  transaction.commit();
}

}  // namespace tsp::ops
