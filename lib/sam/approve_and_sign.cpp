// Approval and signatures in one call: what another process would find in the store is here known.
#include <stdexcept>

#include "sam/activation.h"
#include "sam/approval_job.h"
#include "sam/signing_job.h"

namespace tsp::sam {
namespace {

// As look_at() finds it for an approval of before.
void take_over(ApprovalJob& approved, SigningJob& job) {
  job.stored = false;
  job.approval.user = approved.order->signer;
  job.approval.key = approved.order->key;
  job.seal_key = std::move(approved.trial.seal_key);
  job.prepared = std::move(approved.fit->prepared);
  job.result.certificate = job.prepared->certificate;
}

audit::Event approval_of(Context& context, store::Transaction& transaction,
                         const ApprovalJob& approved, const SigningJob& job) {
  audit::Event event = approved.event;
  account(context, transaction, approved.fit->group, event.event, "done");
  event.details["certificate"] = approved.fit->certificate;
  event.details["approval"] = to_hex(job.approval_id);
  event.details["at_once"] = true;
  return event;
}

// What was right is used up and on record, whatever follows: the intents, or why there are none.
// Answers the first record.
std::int64_t record(Context& context, store::Transaction& transaction, const ApprovalJob& approved,
                    SigningJob& job) {
  const Time now = context.clock.now();
  accept(context, transaction, *approved.task, approved.trial);
  try {
    check_again(context, job.approval.user, *job.prepared, now);
  } catch (const Refusal& refusal) {
    job.refusal = refusal;
    audit::Event event = approved.event;
    account_refusal(context, transaction, event, refusal);
    return audit::append(transaction, now, event);
  }
  std::vector<audit::Event> events{approval_of(context, transaction, approved, job)};
  for (std::size_t at = 0; at < job.size(); ++at) events.push_back(intent_of(job, at));
  const std::int64_t first = audit::append_all(transaction, now, events);
  job.first_intent = first + 1;
  insert_intents(transaction, job, now);
  return first;
}

}  // namespace

std::vector<Signature> SignatureActivationModule::approve_and_sign(
    const ApprovalOrder& order, const std::function<void(std::size_t)>& progress) {
  if (order.further > 0 || order.manifest->one_shot || order.factors->machine)
    throw std::logic_error("an approval that is needed in between");
  Context& context = *state_;
  ApprovalJobs approvals;
  approvals.push_back(job_of(order));
  ApprovalJob& approved = approvals.front();
  judge(context, approvals, context.clock.now());
  if (approved.result.error) throw Error(*approved.result.error);

  const Approval named{Secret::random(kSadSize), {}, 0};
  const SigningOrder signing{order.caller, &named, order.manifest, progress};
  Jobs jobs;
  jobs.emplace_back(signing);
  SigningJob& job = jobs.front();
  take_over(approved, job);
  judged(context, approved, [&] {
    const std::int64_t first = put(context, [&](store::Transaction& transaction) {
      return record(context, transaction, approved, job);
    });
    if (!job.refusal) return;
    approved.result.error = *job.refusal;
    approved.result.error->audit_seq = static_cast<std::uint64_t>(first);
  });
  if (approved.result.error) throw Error(*approved.result.error);
  job.result.signatures =
      use_key(*context.signers,
              Activation(*job.prepared, order.manifest->hash, job.seal_key, nullptr), progress);
  finish(context, jobs);
  if (job.result.error) throw Error(*job.result.error);
  return std::move(job.result.signatures);
}

}  // namespace tsp::sam
