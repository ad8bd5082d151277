// Promise 3, for all that is queued: intents durable, then the HSM, then results durable.
#include <fmt/format.h>

#include <algorithm>

#include "sam/activation.h"
#include "sam/signing_job.h"

namespace tsp::sam {
namespace {

void for_signable(Jobs& jobs, const std::function<void(SigningJob&)>& act) {
  for (SigningJob& job : jobs)
    if (job.alive()) act(job);
}

// Refusals and intents, in the order of the jobs, as one run of records.
void record_intents(Context& context, store::Transaction& transaction, Jobs& jobs) {
  const Time now = context.clock.now();
  for_signable(jobs, [&](SigningJob& job) { consume(context, transaction, job, now); });
  std::vector<audit::Event> events;
  for (SigningJob& job : jobs) {
    if (job.result.error) continue;
    job.first_intent = std::ssize(events);
    if (job.refusal) {
      void_approval(context, transaction, job);
      events.push_back(refusal_of(context, transaction, job));
    } else {
      for (std::size_t at = 0; at < job.size(); ++at) events.push_back(intent_of(job, at));
    }
  }
  const std::int64_t first = audit::append_all(transaction, now, events);
  for (SigningJob& job : jobs) {
    if (job.result.error) continue;
    job.first_intent += first;
    if (!job.refusal) insert_intents(transaction, job, now);
  }
}

}  // namespace

void insert_intents(store::Transaction& transaction, const SigningJob& job, Time now) {
  for (std::size_t at = 0; at < job.size(); ++at)
    store::insert_intent(transaction, {job.first_intent + static_cast<std::int64_t>(at),
                                       job.prepared->key.id, job.prepared->dtbs[at], now});
}

// Whatever keeps the records from being written keeps every order from being signed.
void begin(Context& context, Jobs& jobs) {
  try {
    put(context, [&](store::Transaction& transaction) {
      record_intents(context, transaction, jobs);
      return 0;
    });
  } catch (const Error& error) {
    for (SigningJob& job : jobs)
      if (!job.result.error) job.result.error = error;
    return;
  }
  for (SigningJob& job : jobs) {
    if (!job.refusal || job.result.error) continue;
    job.result.error = *job.refusal;
    job.result.reason = job.refusal->reason;
    job.result.error->audit_seq = static_cast<std::uint64_t>(job.first_intent);
  }
}

namespace {

KeyUse use_of(const SigningJob& job) {
  const Manifest& manifest = *job.order->manifest;
  KeyUse use{job.approval.user, job.approval.key, {manifest.hash, {}}};
  for (std::size_t at = 0; at < job.size(); ++at)
    if (!job.result.signatures[at].error)
      use.signed_documents.entries.push_back(manifest.entries[at]);
  return use;
}

// Intents closed, calls on the account, a used-up approval gone, and what the signer is to be told.
void settle(Context& context, store::Transaction& transaction, const SigningJob& job) {
  const std::vector<Signature>& signatures = job.result.signatures;
  for (std::size_t at = 0; at < job.size(); ++at)
    store::close_intent(transaction, job.first_intent + static_cast<std::int64_t>(at));
  const auto done = std::count_if(signatures.begin(), signatures.end(),
                                  [](const Signature& signature) { return !signature.error; });
  const GroupPolicy& group = job.prepared->group;
  if (done > 0) account(context, transaction, group, "sign", "done", done);
  if (const auto failed = std::ssize(signatures) - done; failed > 0)
    account(context, transaction, group, "sign", "failed", failed);
  if (done > 0 && context.policy.tell) context.policy.tell(transaction, use_of(job));
  if (job.prepared->kept == Kept::in_hsm)
    account(context, transaction, group, "key.destroy", "done");
  else if (job.stored && store::unconsumed(context.database, job.approval_id) == 0)
    store::delete_approval(transaction, job.approval_id);
}

void record_results(Context& context, Jobs& jobs) {
  store::Transaction transaction(context.database);
  std::vector<audit::Event> events;
  for_signable(jobs, [&](SigningJob& job) {
    for (std::size_t at = 0; at < job.size(); ++at) events.push_back(result_of(job, at));
  });
  for_signable(jobs, [&](const SigningJob& job) {
    if (job.prepared->kept == Kept::in_hsm) events.push_back(destruction_of(job, "used"));
  });
  std::int64_t seq = audit::append_all(transaction, context.clock.now(), events);
  for_signable(jobs, [&](SigningJob& job) {
    for (Signature& signature : job.result.signatures) {
      signature.audit_seq = seq++;
      if (signature.error)
        signature.error->audit_seq = static_cast<std::uint64_t>(signature.audit_seq);
    }
    settle(context, transaction, job);
  });
  transaction.commit();
}

// No signature without its record.
void wipe_all(Jobs& jobs, const std::string& why) {
  for_signable(jobs, [&](SigningJob& job) {
    for (Signature& signature : job.result.signatures) wipe(signature.value);
    job.result.signatures.clear();
    job.result.error = Error(
        Fault::audit_after_signing, "the HSM was called, but the result could not be recorded", why,
        fmt::format("the signatures were wiped; {} intents stay open, from audit record {} on",
                    job.size(), job.first_intent),
        static_cast<std::uint64_t>(job.first_intent));
  });
}

}  // namespace

void finish(Context& context, Jobs& jobs) {
  if (std::none_of(jobs.begin(), jobs.end(), [](const auto& job) { return job.alive(); })) return;
  try {
    record_results(context, jobs);
  } catch (const std::exception& error) {
    wipe_all(jobs, error.what());
  }
}

std::vector<SigningResult> SignatureActivationModule::sign_all(
    const std::vector<SigningOrder>& orders) {
  Context& context = *state_;
  Jobs jobs(orders.begin(), orders.end());
  {
    const store::Snapshot snapshot(context.database);  // one state of the store for all
    for (SigningJob& job : jobs) look_at(context, job);
  }
  if (std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return !job.result.error; }))
    begin(context, jobs);
  for_signable(jobs, [&](SigningJob& job) {
    Activation activation(*job.prepared, job.order->manifest->hash, job.seal_key, nullptr);
    job.result.signatures = use_key(*context.signers, std::move(activation), job.order->progress);
  });
  finish(context, jobs);
  std::vector<SigningResult> results;
  for (SigningJob& job : jobs) results.push_back(std::move(job.result));
  return results;
}

std::vector<Signature> SignatureActivationModule::sign(
    const Caller& caller, const Approval& approval, const Manifest& manifest,
    const std::function<void(std::size_t)>& progress) {
  auto results = sign_all({{&caller, &approval, &manifest, progress}});
  if (results.front().error) throw Error(*results.front().error);
  return std::move(results.front().signatures);
}

}  // namespace tsp::sam
