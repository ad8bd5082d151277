// Approvals that are stored: what was judged together is stored in one commit.
#include <algorithm>
#include <set>

#include "sam/approval_job.h"

namespace tsp::sam {
namespace {

void make_sad_of(Context& context, ApprovalJob& job, Time now) {
  const ApprovalOrder& order = *job.order;
  store::ApprovalRow row;
  row.user = order.signer;
  row.key = order.key;
  row.manifest_sha256 = job.task->manifest_sha256;
  row.count = static_cast<std::int64_t>(order.manifest->entries.size() + order.further);
  row.expires_at = now + lifetime_of(job.view.group, job.fit->scal);
  job.sad = without_cost(context, order.signer, [&] {
    return make_sad(*context.signers, std::move(row), job.trial.seal_key);
  });
}

std::int64_t store_one(Context& context, store::Transaction& transaction, ApprovalJob& job,
                       Time now) {
  accept(context, transaction, *job.task, job.trial);
  return store_approval(context, transaction, job.event, *job.sad, *job.fit, *job.order->manifest,
                        now);
}

// In the order of the jobs, as one run of records. Answers the first.
std::int64_t store_group(Context& context, store::Transaction& transaction, ApprovalJobs& jobs,
                         Time now) {
  store::delete_expired_approvals(transaction, now);
  std::vector<audit::Event> events;
  for_accepted(jobs, [&](ApprovalJob& job) {
    accept(context, transaction, *job.task, job.trial);
    events.push_back(
        insert_approval(context, transaction, job.event, *job.sad, *job.fit, *job.order->manifest));
  });
  return audit::append_all(transaction, context.clock.now(), events);
}

// All in one transaction; where another took a code or a request first, each in its own.
void store_all(Context& context, ApprovalJobs& jobs, Time now) {
  std::int64_t next = 0;
  const auto done = [](ApprovalJob& job, std::int64_t seq) {
    job.result.approval = Approval{std::move(job.sad->secret), job.sad->row.expires_at, seq};
  };
  try {
    next = put(context, [&](store::Transaction& transaction) {
      return store_group(context, transaction, jobs, now);
    });
  } catch (const Refusal&) {
    for_accepted(jobs, [&](ApprovalJob& job) {
      judged(context, job, [&] {
        done(job, put(context, [&](store::Transaction& transaction) {
               return store_one(context, transaction, job, now);
             }));
      });
    });
    return;
  } catch (const Error& error) {
    for_accepted(jobs, [&](ApprovalJob& job) { job.result.error = error; });
    return;
  }
  for_accepted(jobs, [&](ApprovalJob& job) { done(job, next++); });
}

void authorize_group(Context& context, ApprovalJobs& jobs) {
  const Time now = context.clock.now();
  judge(context, jobs, now);
  for_accepted(jobs, [&](ApprovalJob& job) {
    judged(context, job, [&] { make_sad_of(context, job, now); });
  });
  if (std::ranges::any_of(jobs, &ApprovalJob::alive)) store_all(context, jobs, now);
}

}  // namespace

std::vector<ApprovalResult> SignatureActivationModule::authorize_all(
    const std::vector<ApprovalOrder>& orders) {
  std::vector<ApprovalResult> results(orders.size());
  std::vector<std::size_t> left(orders.size());
  for (std::size_t at = 0; at < left.size(); ++at) left[at] = at;
  // A signer's tries are judged one behind the other: what is right clears those before.
  while (!left.empty()) {
    ApprovalJobs jobs;
    std::set<std::string> signers;
    std::vector<std::size_t> now, later;
    for (const std::size_t at : left)
      (signers.insert(orders[at].signer).second ? now : later).push_back(at);
    for (const std::size_t at : now) jobs.push_back(job_of(orders[at]));
    authorize_group(*state_, jobs);
    for (std::size_t at = 0; at < jobs.size(); ++at) results[now[at]] = std::move(jobs[at].result);
    left.swap(later);
  }
  return results;
}

Approval SignatureActivationModule::authorize(const Caller& caller, const std::string& signer,
                                              const std::string& key, const Manifest& manifest,
                                              const Presented& factors, std::size_t further) {
  auto results = authorize_all({{&caller, signer, key, &manifest, &factors, further}});
  if (results.front().error) throw Error(*results.front().error);
  return std::move(*results.front().approval);
}

}  // namespace tsp::sam
