// One order on its way to an approval: what is known of it so far. For this room alone.
#pragma once

#include "sam/context.h"
#include "sam/sad.h"

namespace tsp::sam {

struct ApprovalJob {
  const ApprovalOrder* order;
  audit::Event event;
  SignerView view;
  std::optional<Fit> fit;
  std::optional<Task> task;
  std::optional<store::RequestRow> request;
  Trial trial{};
  std::optional<Sad> sad;
  ApprovalResult result;  // error: nothing more is done for it

  bool alive() const { return !result.error && !result.approval; }
};
using ApprovalJobs = std::vector<ApprovalJob>;

ApprovalJob job_of(const ApprovalOrder& order);

template <class Act>
void for_accepted(ApprovalJobs& jobs, Act act) {
  for (ApprovalJob& job : jobs)
    if (job.alive()) act(job);
}

// Runs `act`; what it refuses is on record when this returns, and stands in the job with every
// other Error.
void judged(Context& context, ApprovalJob& job, const std::function<void()>& act);

// Everything short of the approval: the orders are looked at in one state of the store, their tries
// counted in one commit, which is durable before any factor is looked at, and their factors
// checked. Whoever is alive after this has a `fit`, and a `trial` that accept() takes.
void judge(Context& context, ApprovalJobs& jobs, Time now);

}  // namespace tsp::sam
