#include "sam/sam.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/context.h"
#include "sam/sad.h"

namespace tsp::sam {
namespace {

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

// What the factors are for. A key that is not the signer's is tried like one that nobody has.
Task task_of(Context& context, const Caller& caller, const std::string& signer,
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

std::chrono::seconds lifetime_of(const GroupPolicy& group, int scal) {
  return scal == 2 ? std::min(group.lifetime, kLongestApproval) : group.lifetime;
}

}  // namespace

std::int64_t store_approval(Context& context, store::Transaction& transaction, audit::Event event,
                            const Sad& sad, const Fit& fit, const Manifest& manifest, Time now) {
  const store::ApprovalRow& row = sad.row;
  const HashKey key(sad.secret);
  std::vector<Bytes> hashes;
  hashes.reserve(manifest.entries.size());
  for (std::size_t at = 0; at < manifest.entries.size(); ++at)
    hashes.push_back(key.of(entry_hash(manifest, at)));
  store::delete_expired_approvals(transaction, now);
  account(context, transaction, fit.group, "sign.authorize", "done");
  store::insert_approval(transaction, row, hashes);
  if (!fit.certificate.empty()) event.details["certificate"] = fit.certificate;
  event.details["approval"] = to_hex(row.id);
  event.details["expires_at"] = to_rfc3339(row.expires_at, true);
  return audit::append(transaction, context.clock.now(), event);
}

SignatureActivationModule::SignatureActivationModule(store::Database& database, const Clock& clock,
                                                     std::shared_ptr<hsm::Session> signers,
                                                     const Policy& policy)
    : state_(new State{{database, clock, std::move(signers), policy}}) {}

SignatureActivationModule::~SignatureActivationModule() = default;

void SignatureActivationModule::check(const std::string& signer, const std::string& key,
                                      const x509::Certificate& certificate,
                                      const Manifest& manifest) {
  prepare(*state_, view_of(*state_, signer), key, manifest, &certificate, state_->clock.now());
}

void SignatureActivationModule::check_one_shot(const std::string& signer,
                                               const Manifest& manifest) {
  check_one_shot_order(view_of(*state_, signer), std::string(kOneShotKey), manifest,
                       state_->clock.now());
}

Approval SignatureActivationModule::authorize(const Caller& caller, const std::string& signer,
                                              const std::string& key, const Manifest& manifest,
                                              const Presented& factors) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("sign.authorize", caller, signer);
  event.details = {{"key", counted_name(key)},
                   {"documents", manifest.entries.size()},
                   {"hash", crypto::name_of(manifest.hash)},
                   {"manifest_sha256", to_hex(manifest_hash(manifest))}};
  try {
    const SignerView view = view_of(context, signer);
    std::optional<Fit> fit;
    if (caller.staff) fit = fit_to_sign(context, view, key, manifest, now);
    const Task task = task_of(context, caller, signer, key, manifest, view.group, factors);
    event.details["factors"] = text_of(task.needed);
    const Trial trial = try_factors(context, task, factors, now);
    if (!fit) {
      try {
        fit = fit_to_sign(context, view, key, manifest, now);
      } catch (const Refusal& refusal) {  // right factors: the code is used, the tries are not
        refuse(context, event, refusal,
               [&](store::Transaction& transaction) { accept(context, transaction, task, trial); });
      }
    }
    store::ApprovalRow row;
    row.user = signer;
    row.key = key;
    row.manifest_sha256 = task.manifest_sha256;
    row.count = static_cast<std::int64_t>(manifest.entries.size());
    row.expires_at = now + lifetime_of(view.group, fit->scal);
    Sad sad = without_cost(context, signer, [&] {
      return make_sad(*context.signers, std::move(row), trial.seal_key);
    });
    const std::int64_t seq = put(context, [&](store::Transaction& transaction) {
      accept(context, transaction, task, trial);
      return store_approval(context, transaction, event, sad, *fit, manifest, now);
    });
    return {std::move(sad.secret), sad.row.expires_at, seq};
  } catch (const Refusal& refusal) {
    add_tries(context, event, refusal);
    refuse(context, event, refusal, void_refused(refusal, factors));
  }
}

void SignatureActivationModule::refuse_outsider(const Caller& caller, const std::string& signer,
                                                const std::string& subject,
                                                const std::string& reason) {
  Context& context = *state_;
  audit::Event event = event_of("sign.authorize", caller, subject);
  event.subject = subject;
  event.details = {{"cause", reason}};
  try {
    // No signer's name has a colon.
    try_counted(context, caller, "credential:" + signer, context.clock.now(), [] { return false; });
    throw std::logic_error("a try that cannot be right");
  } catch (const Refusal& refusal) {
    refuse(context, event, refusal);
  }
}

void SignatureActivationModule::check_factors(const Caller& caller, const std::string& signer,
                                              const Presented& factors, bool otp_needed) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("user.authenticate", caller, signer);
  try {
    if (caller.staff) check_signer(view_of(context, signer));
    Task task{caller, signer, std::nullopt, Ask::sign, Bytes(32), 0, {Factor::pin}};
    if (otp_needed) task.needed.insert(Factor::totp);
    if (!factors.pin || (otp_needed && !factors.otp))
      throw refusal("factor-missing", "the signer's factors are missing",
                    otp_needed ? "PIN and one-time code are both needed" : "the PIN is needed",
                    Fault::input_needed);
    const Trial trial = try_factors(context, task, factors, now);
    try {
      check_signer(view_of(context, signer));
    } catch (const Refusal& refusal) {
      refuse(context, event, refusal,
             [&](store::Transaction& transaction) { accept(context, transaction, task, trial); });
    }
    put(context, [&](store::Transaction& transaction) {
      accept(context, transaction, task, trial);
      return audit::append(transaction, context.clock.now(), event);
    });
  } catch (const Refusal& refusal) {
    add_tries(context, event, refusal);
    refuse(context, event, refusal);
  }
}

}  // namespace tsp::sam
