#include "sam/sam.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/context.h"
#include "sam/sad.h"

namespace tsp::sam {
namespace {

// Stands for a signature whose digest is still to come. No entry has this hash.
Bytes open_place() {
  return crypto::sha256(as_bytes("tsp open signature 1"));
}

}  // namespace

// What is to come can be approved where nothing is bound to what is shown.
void check_further(const Fit& fit, const Manifest& manifest, const Factors& factors,
                   std::size_t further) {
  if (further == 0) return;
  constexpr const char* kWhat = "signatures of what is still to come are refused";
  if (fit.scal == 2) throw refusal("scal", kWhat, "a key of SCAL 2 signs what was approved");
  if (std::any_of(factors.begin(), factors.end(), &binds_documents))
    throw refusal("factor-bound", kWhat, "the signer's factor is bound to what he was shown");
  if (!std::all_of(manifest.entries.begin(), manifest.entries.end(),
                   [&](const auto& entry) { return is_bare(manifest, entry); }))
    throw refusal("manifest", kWhat, "documents are approved by what they are");
  if (further > fit.group.most_documents ||
      manifest.entries.size() + further > fit.group.most_documents)
    throw refusal("manifest-too-long", kWhat,
                  fmt::format("{} signatures are allowed at once", fit.group.most_documents));
}

audit::Event insert_approval(Context& context, store::Transaction& transaction, audit::Event event,
                             const Sad& sad, const Fit& fit, const Manifest& manifest) {
  const store::ApprovalRow& row = sad.row;
  const HashKey key(sad.secret);
  std::vector<Bytes> hashes;
  hashes.reserve(manifest.entries.size());
  for (std::size_t at = 0; at < manifest.entries.size(); ++at)
    hashes.push_back(key.of(entry_hash(manifest, at)));
  hashes.resize(static_cast<std::size_t>(row.count), key.of(open_place()));
  account(context, transaction, fit.group, event.event, "done");
  store::insert_approval(transaction, row, hashes);
  if (!fit.certificate.empty()) event.details["certificate"] = fit.certificate;
  event.details["approval"] = to_hex(row.id);
  event.details["expires_at"] = to_rfc3339(row.expires_at, true);
  return event;
}

std::int64_t store_approval(Context& context, store::Transaction& transaction, audit::Event event,
                            const Sad& sad, const Fit& fit, const Manifest& manifest, Time now) {
  store::delete_expired_approvals(transaction, now);
  event = insert_approval(context, transaction, std::move(event), sad, fit, manifest);
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
