// Factors judged: what is asked for at the same time is counted in one commit and checked one by
// one.
#include "sam/approval_job.h"

#include <algorithm>

namespace tsp::sam {

// What of the policy's factors was presented is tried, and is not enough: to a caller who is not
// staff the answer, the work and the try are those of a wrong factor, since what a policy asks for
// would tell who is a signer, and in which group.
Factors hopeless(const Presented& factors) {
  Factors given;
  if (factors.pin) given.insert(Factor::pin);
  if (factors.otp) given.insert(Factor::totp);
  if (!factors.answer.empty()) given.insert(Factor::device);
  if (given.empty())
    throw refusal("factor-missing", "the signer's factors are missing", "none was given",
                  Fault::input_needed);
  return given;
}

std::chrono::seconds lifetime_of(const GroupPolicy& group, int scal) {
  return scal == 2 ? std::min(group.lifetime, kLongestApproval) : group.lifetime;
}

namespace {

int scal_of(const Task& task, const Manifest& manifest) {
  if (manifest.one_shot) return manifest.one_shot->scal == 2 ? 2 : 1;
  return task.key ? task.key->scal : 1;
}

Requirement requirement_of(const GroupPolicy& group, const Manifest& manifest, int scal) {
  const std::string& policy = group.factors.at(scal == 2 ? 1 : 0);
  if (!manifest.one_shot) return Requirement::parse(policy, scal);
  if (auto requirement = Requirement::for_one_shot(policy, scal)) return std::move(*requirement);
  throw refusal("scal", "no key of SCAL 2 is made for these signatures alone",
                "the policy " + policy + " knows no device");
}

// Where factors of SCAL 1 are another service's, they are not even looked at.
void refuse_factors_of(const Context& context, const Task& task, const Manifest& manifest) {
  if (!context.policy.accepted || scal_of(task, manifest) == 2) return;
  throw Refusal("assertion-needed",
                Error(Fault::policy_refused, "factors of SCAL 1 are not taken here",
                      "an authentication service checks them (sign.authentication_services)",
                      "nothing was signed; name that service with --auth-socket"));
}

// What the factors are for. A key that is not the signer's is tried like one that nobody has.
Task approval_task(Context& context, const Caller& caller, const std::string& signer,
                   const std::string& key, const Manifest& manifest, const GroupPolicy& group,
                   const Presented& factors) {
  Task task{caller,
            signer,
            store::find_key(context.database, key),
            Ask::sign,
            manifest_hash(manifest),
            manifest.entries.size(),
            {}};
  if (task.key && (task.key->owner != signer || task.key->state != "active")) task.key.reset();
  if (task.key || manifest.one_shot) task.credential = key;
  refuse_factors_of(context, task, manifest);
  const int scal = scal_of(task, manifest);
  try {
    task.needed = choose_factors(requirement_of(group, manifest, scal), scal, factors);
  } catch (const Refusal&) {
    if (caller.staff) throw;
    task.needed = hopeless(factors);
    task.enough = false;
  }
  return task;
}

void look_at(Context& context, ApprovalJob& job, Time now) {
  const ApprovalOrder& order = *job.order;
  job.view = view_of(context, order.signer);
  if (order.caller->staff)
    job.fit = fit_to_sign(context, job.view, order.key, *order.manifest, now);
  job.task.emplace(approval_task(context, *order.caller, order.signer, order.key, *order.manifest,
                                 job.view.group, *order.factors));
  if (job.fit) check_further(*job.fit, *order.manifest, job.task->needed, order.further);
  job.event.details["factors"] = text_of(job.task->needed);
  job.request = answered_request(context, *job.task, *order.factors, now);
  if (job.request) heed_refusal(context, *job.task, *job.request, *order.factors);
}

using RefusedJobs = std::vector<std::pair<ApprovalJob*, Refusal>>;

void record_refusals(Context& context, RefusedJobs& refused) {
  for (auto& [job, refusal] : refused)
    judged(context, *job, [&refusal = refusal] { throw Refusal(refusal); });
}

// One state of the store for all; what is refused is on record after it was looked at.
void look_at_all(Context& context, ApprovalJobs& jobs, Time now) {
  RefusedJobs refused;
  {
    const store::Snapshot snapshot(context.database);
    for_accepted(jobs, [&](ApprovalJob& job) {
      try {
        look_at(context, job, now);
      } catch (const Refusal& refusal) {
        refused.emplace_back(&job, refusal);
      } catch (const Error& error) {
        job.result.error = error;
      }
    });
  }
  record_refusals(context, refused);
}

// Every try is durable before its factors are looked at.
void count_tries(Context& context, ApprovalJobs& jobs, Time now) {
  RefusedJobs refused;
  try {
    put(context, [&](store::Transaction& transaction) {
      for_accepted(jobs, [&](ApprovalJob& job) {
        try {
          use_sealing(context, transaction, job.order->factors->sealing);
          job.trial.count =
              count_try(context, transaction, *job.order->caller, job.order->signer, now);
        } catch (const Refusal& refusal) {
          refused.emplace_back(&job, refusal);
        }
      });
      return 0;
    });
  } catch (const Error& error) {
    for_accepted(jobs, [&](ApprovalJob& job) { job.result.error = error; });
    return;
  }
  record_refusals(context, refused);
}

void check_factors(Context& context, ApprovalJob& job, Time now) {
  const ApprovalOrder& order = *job.order;
  evaluate(context, *job.task, *order.factors, job.request, now, job.trial);
  if (!job.fit) {
    try {
      job.fit = fit_to_sign(context, job.view, order.key, *order.manifest, now);
      check_further(*job.fit, *order.manifest, job.task->needed, order.further);
    } catch (const Refusal& refusal) {  // right factors: the code is used, the tries are not
      refuse(context, job.event, refusal, [&](store::Transaction& transaction) {
        accept(context, transaction, *job.task, job.trial);
      });
    }
  }
}

}  // namespace

ApprovalJob job_of(const ApprovalOrder& order) {
  audit::Event event =
      event_of("sign.authorize", *order.caller, order.signer, order.key, *order.manifest);
  if (order.further > 0) event.details["further"] = order.further;
  return {&order, std::move(event), {}, {}, {}, {}, {}, {}, {}};
}

void judged(Context& context, ApprovalJob& job, const std::function<void()>& act) {
  try {
    try {
      act();
    } catch (const Refusal& refusal) {
      add_tries(context, job.event, refusal);
      refuse(context, job.event, refusal, void_refused(refusal, *job.order->factors));
    }
  } catch (const Error& error) {
    job.result.error = error;
  }
}

void judge(Context& context, ApprovalJobs& jobs, Time now) {
  look_at_all(context, jobs, now);
  if (std::ranges::any_of(jobs, &ApprovalJob::alive)) count_tries(context, jobs, now);
  for_accepted(jobs, [&](ApprovalJob& job) {
    judged(context, job, [&] { check_factors(context, job, now); });
  });
}

}  // namespace tsp::sam
