// Making time-stamps: intents durable, then the HSM, then results durable, for all that is queued.
#include <fmt/format.h>
#include <sys/timex.h>

#include "crypto/digest.h"
#include "crypto/suite.h"
#include "ops/accounting.h"
#include "ops/beside.h"
#include "ops/recording.h"
#include "ops/refusals.h"
#include "ops/space.h"
#include "ops/timestamp.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

constexpr int kSerialTries = 3;

// The kernel's own view of its clock.
ClockVerdict judge_kernel_clock(std::chrono::seconds accuracy) {
  ClockVerdict verdict{"synchronised", false, ""};
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    verdict.detail = "the kernel calls its clock unsynchronised";
    return verdict;
  }
  const std::chrono::microseconds error(state.maxerror);
  verdict.detail = fmt::format("maximum error {} us", error.count());
  if (status == TIME_INS || status == TIME_DEL || status == TIME_OOP) {
    verdict.detail += ", a leap second is being handled";
    return verdict;
  }
  verdict.ok = error <= accuracy;
  return verdict;
}

[[noreturn]] void refuse_stamp(Provider& provider, Keep keep, Fault fault,
                               const std::string& reason, const std::string& why) {
  refuse(provider, {"timestamp", "tsa", reason, {{"detail", why}}},
         Error(fault, "no time-stamp was made", why, "nothing was signed"), keep);
}

x509::Certificate usable_tsu(Provider& provider, Time now, Keep keep) {
  const auto row = store::current_certificate(provider.database(), "tsa");
  if (!row)
    refuse_stamp(provider, keep, Fault::policy_refused, "no-certificate",
                 "the TSA has no valid certificate");
  auto certificate = provider.decoded(*row);
  if (now < certificate.not_before())
    refuse_stamp(provider, keep, Fault::policy_refused, "clock-before-certificate",
                 "the clock stands before the TSA's certificate begins, " +
                     to_rfc3339(certificate.not_before()));
  const Time end = std::min(certificate.not_after(),
                            certificate.private_key_usage_end().value_or(certificate.not_after()));
  if (now > end)
    refuse_stamp(provider, keep, Fault::policy_refused, "key-expired",
                 "the TSA's key may be used until " + to_rfc3339(end) +
                     "; renew it with tsp cert renew tsa");
  return certificate;
}

// The TSA's certificate ends no later than its issuer's, so that what is missing was revoked.
x509::Certificate issuer_of_tsu(Provider& provider, Keep keep) {
  const auto row = store::current_certificate(provider.database(), "issuing");
  if (!row)
    refuse_stamp(provider, keep, Fault::policy_refused, "no-certificate",
                 "the authority that issued the TSA's certificate has no valid certificate");
  return provider.decoded(*row);
}

Bytes reserve_serial(store::Transaction& transaction) {
  for (int i = 0; i < kSerialTries; ++i) {
    Bytes serial = x509::random_serial();
    if (store::reserve_tst_serial(transaction, to_hex(serial))) return serial;
  }
  throw Error(Fault::failed, "no free serial number was found for the time-stamp");
}

void check_policy_and_hash(Provider& provider, const cms::TimestampRequest& request,
                           const std::string& policy, Keep keep) {
  if (request.policy && *request.policy != policy)
    refuse_stamp(provider, keep, Fault::policy_refused, "policy-unknown",
                 "the policy " + *request.policy + " is not ours");
  if (request.imprint.size() != crypto::size_of(request.hash))
    refuse_stamp(provider, keep, Fault::bad_input, "imprint-length",
                 "the imprint is not as long as its hash algorithm's");
  if (const auto why = crypto::objection(request.hash, provider.now()))
    refuse_stamp(provider, keep, Fault::policy_refused, "hash-not-acceptable", *why);
}

// What stands before a token can be made, and holds for all that are made at once.
struct Ready {
  std::string policy;
  ClockVerdict clock;
  Time now;
  x509::Certificate tsu;
  std::vector<x509::Certificate> chain;  // for who asks for certificates
};
Ready get_ready(Provider& provider, Keep keep) {
  ClockVerdict clock = judge_clock(provider);
  if (!clock.ok) refuse_stamp(provider, keep, Fault::busy, "clock-not-sound", clock.detail);
  const Time now = provider.now();
  return {provider.test_policy(),
          std::move(clock),
          now,
          usable_tsu(provider, now, keep),
          {issuer_of_tsu(provider, keep)}};
}

// One order on its way.
struct Job {
  const StampOrder* order;
  std::shared_ptr<const Ready> ready{};
  Json details = Json::object();
  std::int64_t intent = 0;
  std::optional<Error> failed;  // of the HSM; on record with the results
  StampResult result;           // error: nothing more is done for it

  bool alive() const { return !result.error; }
};
using Jobs = std::vector<Job>;

Keep keep_for(Roles roles) {
  return roles.empty() ? Keep::one_a_minute : Keep::each;
}

cms::TstInfo info_of(Provider& provider, const Job& job, Bytes serial) {
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

Json details_of(const Job& job, const cms::TstInfo& info) {
  const ClockVerdict& clock = job.ready->clock;
  return {{"serial", to_hex(info.serial)},
          {"policy", info.policy},
          {"hash_algorithm", crypto::name_of(info.hash)},
          {"imprint", to_hex(info.imprint)},
          {"time", to_rfc3339(info.time)},
          {"clock_verdict", {{"mode", clock.mode}, {"ok", clock.ok}, {"detail", clock.detail}}}};
}

audit::Event event_of(Provider& provider, const Job& job, audit::Outcome outcome) {
  provider.act_for(job.order->caller, job.order->roles);
  return provider.event("timestamp", outcome, "tsa", job.details);
}

template <class Act>
void for_alive(Jobs& jobs, Act act) {
  for (Job& job : jobs)
    if (job.alive()) act(job);
}

// Nobody vouches for relying parties: what space is left is for our own signers.
void refuse_where_space_is_low(Provider& provider, const StampOrder& order) {
  if (!order.for_anybody) return;
  const Space space = look_at_space(provider.home(), provider.config());
  if (space.low())
    refuse(provider, {"timestamp", "tsa", "space-low"}, space_is_low(space, "the time-stamp"),
           Keep::one_a_minute);
}

// What is refused is on record when this returns.
void judge(Provider& provider, Jobs& jobs) {
  std::shared_ptr<const Ready> ready;
  for_alive(jobs, [&](Job& job) {
    try {
      const Keep keep = keep_for(job.order->roles);
      provider.act_for(job.order->caller, job.order->roles);
      refuse_where_space_is_low(provider, *job.order);
      if (!ready) ready = std::make_shared<const Ready>(get_ready(provider, keep));
      check_policy_and_hash(provider, job.order->request, ready->policy, keep);
      job.ready = ready;
    } catch (const Error& error) {
      job.result.error = error;
    }
  });
}

void record_intents(Provider& provider, Jobs& jobs) {
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    std::vector<audit::Event> events;
    for_alive(jobs, [&](Job& job) {
      job.result.stamped.emplace();
      job.result.stamped->info = info_of(provider, job, reserve_serial(transaction));
      job.details = details_of(job, job.result.stamped->info);
      events.push_back(event_of(provider, job, audit::Outcome::intent));
    });
    std::int64_t seq = audit::append_all(transaction, provider.now(), events);
    for_alive(jobs, [&](Job& job) { job.intent = seq++; });
    return seq;
  });
}

cms::StampOrder token_order(const Job& job) {
  const bool certificates = job.order->request.certificates;
  return {job.result.stamped->info, certificates,
          certificates ? job.ready->chain : std::vector<x509::Certificate>{}};
}

void note_failure(Job& job, const Error& error) {
  job.failed = error;
  job.details["reason"] = error.message;
}

void check_token(Job& job, const cms::StampOrder& order) {
  try {
    const Bytes& token = job.result.stamped->token;
    cms::check_signed_token(token, order, job.ready->tsu);
    job.details["token_sha256"] = to_hex(crypto::sha256(token));
  } catch (const Error& error) {
    note_failure(job, error);
  } catch (const std::exception& error) {
    note_failure(job, Error(Fault::failed, "the time-stamp could not be verified", error.what()));
  }
}

// The HSM signs one while that before is verified beside it; a single one is verified here.
void make_tokens(Jobs& jobs, crypto::Signer& key) {
  std::optional<Beside> beside;
  if (std::ranges::count_if(jobs, &Job::alive) > 1) beside.emplace();
  for_alive(jobs, [&](Job& job) {
    job.details["intent"] = job.intent;
    try {
      auto order = token_order(job);
      job.result.stamped->token = cms::sign_token(order, job.ready->tsu, key);
      if (beside)
        beside->add([&job, order = std::move(order)] { check_token(job, order); });
      else
        check_token(job, order);
    } catch (const Error& error) {
      note_failure(job, error);
    }
  });
  if (beside) beside->finish();
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

void record_results(Provider& provider, Jobs& jobs) {
  store::Transaction transaction(provider.database());
  std::vector<audit::Event> events;
  for_alive(jobs, [&](Job& job) {
    events.push_back(
        event_of(provider, job, job.failed ? audit::Outcome::failed : audit::Outcome::done));
  });
  account_all(provider, transaction, events);
  std::int64_t seq = audit::append_all(transaction, provider.now(), events);
  transaction.commit();
  for_alive(jobs, [&](Job& job) {
    job.result.stamped->audit_seq = seq++;
    if (job.failed)
      job.result.error =
          Error(job.failed->fault, job.failed->failed, job.failed->why, job.failed->next,
                static_cast<std::uint64_t>(job.result.stamped->audit_seq));
  });
}

// No time-stamp without its record.
void finish(Provider& provider, Jobs& jobs) {
  std::string why;
  try {
    return record_results(provider, jobs);
  } catch (const std::exception& error) {
    why = error.what();
  }
  for_alive(jobs, [&](Job& job) {
    job.result.error = Error(
        Fault::audit_after_signing, "the HSM was called, but the record could not be written", why,
        fmt::format("the time-stamp was thrown away; the intent of audit record {} stays open",
                    job.intent));
  });
}

void stamp_alive(Provider& provider, Jobs& jobs) {
  try {
    const auto key = provider.session("pki")->open_signer(kTsaKey);
    record_intents(provider, jobs);
    make_tokens(jobs, *key);
  } catch (const Error& error) {  // before anything was signed
    for_alive(jobs, [&](Job& job) { job.result.error = error; });
    return;
  }
  finish(provider, jobs);
}

}  // namespace

ClockVerdict judge_clock(Provider& provider) {
  if (provider.config().text("tsa.clock") == "synchronised")
    return judge_kernel_clock(provider.config().duration("tsa.accuracy"));
  return {"trusted", true, "the system's clock is taken as it is"};
}

std::vector<StampResult> stamp_all(Provider& provider, std::span<const StampOrder> orders) {
  Jobs jobs;
  for (const StampOrder& order : orders) jobs.push_back({&order, {}, {}, 0, {}, {}});
  judge(provider, jobs);
  if (std::ranges::any_of(jobs, &Job::alive)) stamp_alive(provider, jobs);
  std::vector<StampResult> results;
  for (Job& job : jobs) {
    if (job.result.error) job.result.stamped.reset();
    results.push_back(std::move(job.result));
  }
  return results;
}

Stamped stamp(Provider& provider, const cms::TimestampRequest& request) {
  provider.world().stop_if_asked();
  const StampOrder order{request, provider.caller().name, provider.roles(), false};
  StampResult result = std::move(stamp_all(provider, {&order, 1}).front());
  if (result.error) throw Error(*result.error);
  return std::move(*result.stamped);
}

void check_stamp(Provider& provider, const cms::TimestampRequest& request) {
  check_policy_and_hash(provider, request, get_ready(provider, Keep::nothing).policy,
                        Keep::nothing);
  provider.session("pki")->open_signer(kTsaKey);
}

namespace {

TimestampAnswer rejected(Provider& provider, const cms::TimestampRequest& request,
                         const Error& error) {
  using cms::FailureInfo;
  const bool foreign = request.policy && *request.policy != provider.test_policy();
  const auto info = error.fault == Fault::busy             ? FailureInfo::time_not_available
                    : error.fault != Fault::policy_refused ? FailureInfo::system_failure
                    : foreign                              ? FailureInfo::unaccepted_policy
                                                           : FailureInfo::bad_alg;
  return {cms::rejected(info, error.failed), true, error};
}

}  // namespace

std::vector<TimestampAnswer> answer_timestamps(Provider& provider,
                                               const std::vector<TimestampQuery>& queries) {
  std::vector<TimestampAnswer> answers(queries.size());
  std::vector<StampOrder> orders;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < queries.size(); ++at) {
    try {
      orders.push_back(
          {cms::parse_request(queries[at].octets), queries[at].caller, queries[at].roles, true});
      places.push_back(at);
    } catch (const cms::RequestRefused& error) {
      answers[at] = {cms::rejected(error.info, error.message), false, error};
    }
  }
  const auto results = stamp_all(provider, orders);
  for (std::size_t at = 0; at < results.size(); ++at)
    answers[places[at]] = results[at].error
                              ? rejected(provider, orders[at].request, *results[at].error)
                              : TimestampAnswer{cms::granted(results[at].stamped->token), true, {}};
  return answers;
}

}  // namespace tsp::ops
