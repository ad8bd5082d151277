// Intents durable before the HSM is called, results durable before a time-stamp is given away.
#include <fmt/format.h>

#include <algorithm>

#include "ops/accounting.h"
#include "ops/recording.h"
#include "ops/stamping.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

constexpr int kSerialTries = 3;

Bytes reserve_serial(store::Transaction& transaction) {
  for (int i = 0; i < kSerialTries; ++i) {
    Bytes serial = x509::random_serial();
    if (store::reserve_tst_serial(transaction, to_hex(serial))) return serial;
  }
  throw Error(Fault::failed, "no free serial number was found for the time-stamp");
}

cms::TstInfo info_of(Provider& provider, const StampJob& job, Bytes serial) {
  cms::TstInfo info;
  info.policy = job.ready->policy;
  info.hash = job.order->request.hash;
  info.imprint = job.order->request.imprint;
  info.serial = std::move(serial);
  info.time = whole_seconds(job.ready->now);
  info.nonce = job.order->request.nonce;
  if (job.ready->clock.mode == "synchronised")
    info.accuracy = provider.config().duration("tsa.accuracy");
  return info;
}

Json details_of(const StampJob& job, const cms::TstInfo& info) {
  const ClockVerdict& clock = job.ready->clock;
  return {{"serial", to_hex(info.serial)},
          {"policy", info.policy},
          {"hash_algorithm", crypto::name_of(info.hash)},
          {"imprint", to_hex(info.imprint)},
          {"time", to_rfc3339(info.time)},
          {"clock_verdict", {{"mode", clock.mode}, {"ok", clock.ok}, {"detail", clock.detail}}}};
}

audit::Event event_of(Provider& provider, const StampJob& job, audit::Outcome outcome) {
  provider.act_for(job.order->caller, job.order->roles);
  return provider.event("timestamp", outcome, "tsa", job.details);
}

void account_all(Provider& provider, store::Transaction& transaction,
                 const std::vector<audit::Event>& events) {
  for (const auto outcome : {audit::Outcome::done, audit::Outcome::failed}) {
    const auto is_such = [&](const audit::Event& event) { return event.outcome == outcome; };
    const auto first = std::ranges::find_if(events, is_such);
    if (first != events.end())
      account(transaction, provider.now(), "", *first, std::ranges::count_if(events, is_such));
  }
}

void write_results(Provider& provider, StampJobs& jobs) {
  store::Transaction transaction(provider.database());
  std::vector<audit::Event> events;
  for_alive(jobs, [&](StampJob& job) {
    events.push_back(
        event_of(provider, job, job.failed ? audit::Outcome::failed : audit::Outcome::done));
  });
  account_all(provider, transaction, events);
  std::int64_t seq = audit::append_all(transaction, provider.now(), events);
  transaction.commit();
  for_alive(jobs, [&](StampJob& job) {
    job.result.stamped->audit_seq = seq++;
    if (job.failed)
      job.result.error =
          Error(job.failed->fault, job.failed->failed, job.failed->why, job.failed->next,
                static_cast<std::uint64_t>(job.result.stamped->audit_seq));
  });
}

}  // namespace

void record_intents(Provider& provider, StampJobs& jobs) {
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    std::vector<audit::Event> events;
    for_alive(jobs, [&](StampJob& job) {
      job.result.stamped.emplace();
      job.result.stamped->info = info_of(provider, job, reserve_serial(transaction));
      job.details = details_of(job, job.result.stamped->info);
      events.push_back(event_of(provider, job, audit::Outcome::intent));
    });
    std::int64_t seq = audit::append_all(transaction, provider.now(), events);
    for_alive(jobs, [&](StampJob& job) { job.intent = seq++; });
    return seq;
  });
}

void record_results(Provider& provider, StampJobs& jobs) {
  std::string why;
  try {
    return write_results(provider, jobs);
  } catch (const std::exception& error) {
    why = error.what();
  }
  for_alive(jobs, [&](StampJob& job) {
    job.result.error = Error(
        Fault::audit_after_signing, "the HSM was called, but the record could not be written", why,
        fmt::format("the time-stamp was thrown away; the intent of audit record {} stays open",
                    job.intent));
  });
}

}  // namespace tsp::ops
