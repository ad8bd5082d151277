// Making time-stamps: intents durable, then the HSM, then results durable, for all that is queued.
#include <algorithm>

#include "crypto/digest.h"
#include "ops/beside.h"
#include "ops/stamping.h"

namespace tsp::ops {
namespace {

Keep keep_for(Roles roles) {
  return roles.empty() ? Keep::one_a_minute : Keep::each;
}

// What is refused is on record when this returns.
void judge(Provider& provider, StampJobs& jobs) {
  std::shared_ptr<const StampReadiness> ready;
  for_alive(jobs, [&](StampJob& job) {
    try {
      const Keep keep = keep_for(job.order->roles);
      provider.act_for(job.order->caller, job.order->roles);
      refuse_where_space_is_low(provider, *job.order);
      if (!ready)
        ready = std::make_shared<const StampReadiness>(get_stamp_readiness(provider, keep));
      check_policy_and_hash(provider, job.order->request, ready->policy, keep);
      job.ready = ready;
    } catch (const Error& error) {
      job.result.error = error;
    }
  });
}

cms::StampOrder token_order(const StampJob& job) {
  const bool certificates = job.order->request.certificates;
  return {job.result.stamped->info, certificates,
          certificates ? job.ready->chain : std::vector<x509::Certificate>{}};
}

void note_failure(StampJob& job, const Error& error) {
  job.failed = error;
  job.details["reason"] = error.message;
}

void check_token(StampJob& job, const cms::StampOrder& order) {
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
void make_tokens(StampJobs& jobs, crypto::Signer& key) {
  std::optional<Beside> beside;
  if (std::ranges::count_if(jobs, &StampJob::alive) > 1) beside.emplace();
  for_alive(jobs, [&](StampJob& job) {
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

void stamp_alive(Provider& provider, StampJobs& jobs) {
  try {
    const auto key = provider.session("pki")->open_signer(kTsaKey);
    record_intents(provider, jobs);
    make_tokens(jobs, *key);
  } catch (const Error& error) {  // before anything was signed
    for_alive(jobs, [&](StampJob& job) { job.result.error = error; });
    return;
  }
  record_results(provider, jobs);
}

}  // namespace

std::vector<StampResult> stamp_all(Provider& provider, std::span<const StampOrder> orders) {
  StampJobs jobs;
  for (const StampOrder& order : orders) jobs.push_back({&order, {}, {}, 0, {}, {}});
  judge(provider, jobs);
  if (std::ranges::any_of(jobs, &StampJob::alive)) stamp_alive(provider, jobs);
  std::vector<StampResult> results;
  for (StampJob& job : jobs) {
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

}  // namespace tsp::ops
