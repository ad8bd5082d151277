#include "ops/backend.h"

#include <fmt/format.h>
#include <algorithm>
#include <system_error>

#include "base/signals.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "ops/activation.h"
#include "ops/crls.h"
#include "ops/keys.h"
#include "ops/ocsp.h"
#include "ops/one_shot.h"
#include "ops/refusals.h"
#include "ops/send_code.h"
#include "ops/services.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

constexpr const char* kUnknownUser = "unknown-user";

bool usable(const store::CertificateRow& row, Time now) {
  return (row.state == "valid" || row.state == "external") && row.not_before <= now &&
         now <= row.not_after;
}

const store::CertificateRow* newest_usable(const std::vector<store::CertificateRow>& rows,
                                           Time now) {
  const store::CertificateRow* best = nullptr;
  for (const auto& row : rows)
    if (usable(row, now) && (best == nullptr || row.created_at >= best->created_at)) best = &row;
  return best;
}

// Why none of a key's certificates can be used, for people.
std::string why_unusable(const std::vector<store::CertificateRow>& rows, Time now) {
  if (rows.empty()) return "the key has no certificate";
  const auto& last = *std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.created_at < b.created_at;
  });
  if (last.state == "revoked") return "its certificate is revoked (" + last.reason + ")";
  if (now < last.not_before)
    return "the clock stands before its certificate begins, " + to_rfc3339(last.not_before);
  if (now > last.not_after) return "its certificate expired at " + to_rfc3339(last.not_after);
  return "its certificate is " + last.state;
}

std::string factors_of(Provider& provider, const store::UserRow& signer, int scal) {
  const auto group = store::find_group(provider.database(), signer.group);
  if (!group)
    throw Error(Fault::tampered, "the group " + signer.group + " is not in the store", "",
                "restore the store from a backup");
  return scal == 2 ? group->factors_scal2 : group->factors_scal1;
}

// Whether the signer's group takes one for this key, as the store says: what the caller says of the
// credential is his own.
bool takes_sent_code(store::Database& database, const Credential& credential,
                     const sam::Manifest* manifest) {
  const auto user = store::find_user(database, credential.user);
  const auto group = user ? store::find_group(database, user->group) : std::nullopt;
  if (!group) return false;
  const auto key = store::find_key(database, credential.key);
  const bool one_shot = manifest != nullptr && manifest->one_shot;
  const int scal = one_shot ? manifest->one_shot->scal : key ? key->scal : 1;
  const auto policy =
      sam::Requirement::parse(scal == 2 ? group->factors_scal2 : group->factors_scal1, scal);
  return std::any_of(policy.alternatives().begin(), policy.alternatives().end(),
                     [](const auto& factors) { return factors.count(sam::Factor::oob) != 0; });
}

// Its whole number: a beginning of it could be guessed.
bool names_key(const std::string& key) {
  const auto octets = from_hex(key);
  return octets && octets->size() == 16;
}

}  // namespace

LocalBackend::LocalBackend(Provider& provider, Mode mode) : provider_(provider), mode_(mode) {}

LocalBackend::~LocalBackend() = default;

void LocalBackend::get_ready() {
  if (activation_ || opening_.valid()) return;
  const SignalsBlocked for_the_thread;
  try {
    opening_ = std::async(std::launch::async, [this] { provider_.session("signers"); });
  } catch (const std::system_error&) {
    // No thread to be had: activation() does it alone.
  }
}

sam::SignatureActivationModule& LocalBackend::activation() {
  if (!activation_) {
    if (opening_.valid()) opening_.get();  // throws what the thread met
    activation_ = activation_module(provider_);
  }
  return *activation_;
}

LocalBackend::Asker LocalBackend::admit(const std::string& user, const std::string& key,
                                        const Secret* pin) {
  const sam::Caller caller = provider_.caller();
  if (caller.staff) return {user};
  if (names_key(key)) return {user, Asker::Told::nothing};
  if (pin == nullptr)
    throw Error(Fault::input_needed, "the signer's PIN is needed",
                "who is no staff is told of a signer by his PIN, or by the number of his key",
                "nothing was signed; give it with --pin-from, or the whole number with --key");
  sam::Presented presented;
  presented.pin = pin->clone();
  activation().check_factors(caller, user, presented, false);
  return {user};
}

void LocalBackend::refuse(const Asker& asker, const Error& error, const std::string& reason) {
  // A name that nobody has is not written down as it was given.
  const std::string subject = reason == kUnknownUser ? "" : asker.user;
  if (asker.told == Asker::Told::nothing)
    activation().refuse_outsider(provider_.caller(), asker.user, subject, reason);
  ops::refuse(provider_,
              {"sign.authorize",
               subject,
               reason,
               {{"detail", reason == kUnknownUser ? "" : error.message}}},
              error, keep());
}

Keep LocalBackend::keep() const {
  return mode_ == Mode::dry_run ? Keep::nothing : Keep::one_a_minute;
}

store::KeyRow LocalBackend::named_key(const Asker& asker, const std::string& key) {
  try {
    return show_key(provider_, key).row;
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    refuse(asker, error, "unknown-key");
  }
}

store::UserRow LocalBackend::active_user(const Asker& asker) {
  const std::string& user = asker.user;
  auto signer = store::find_user(provider_.database(), user);
  if (!signer)
    refuse(asker,
           Error(Fault::not_found, "there is no user " + printable(user), "", "nothing was signed"),
           kUnknownUser);
  if (signer->state != "active")
    refuse(asker,
           Error(Fault::policy_refused, user + " may not sign", "the user is " + signer->state,
                 "nothing was signed"),
           "user-" + signer->state);
  return std::move(*signer);
}

LocalBackend::Usable LocalBackend::newest_credential(const Asker& asker, const std::string& key) {
  const std::string& user = asker.user;
  std::vector<store::KeyRow> keys;
  if (key.empty())
    keys = store::keys_of(provider_.database(), user);
  else
    keys.push_back(named_key(asker, key));
  std::optional<Usable> best;
  std::string why = "the signer has no key";
  for (auto& row : keys) {
    if (row.owner != user)
      refuse(asker,
             Error(Fault::policy_refused, user + " may not use the key " + row.id,
                   "it is another signer's", "nothing was signed"),
             "foreign-key");
    if (row.state != "active") {
      why = "the key is " + row.state;
      continue;
    }
    const auto rows = store::certificates_of_key(provider_.database(), row.id);
    const auto* newest = newest_usable(rows, provider_.now());
    if (newest == nullptr)
      why = why_unusable(rows, provider_.now());
    else if (!best || newest->created_at >= best->certificate.created_at)
      best = Usable{std::move(row), *newest};
  }
  if (best) return std::move(*best);
  const auto is_active = [](const store::KeyRow& row) { return row.state == "active"; };
  refuse(asker,
         Error(keys.empty() ? Fault::not_found : Fault::policy_refused, user + " cannot sign", why,
               std::ranges::none_of(keys, is_active)
                   ? "nothing was signed; generate a key with tsp key generate --user " + user
                   : "nothing was signed; issue a certificate with tsp cert issue --user " + user),
         "no-credential");
}

Credential LocalBackend::credential(const std::string& user, const std::string& key,
                                    const Secret* pin) {
  provider_.load_module_ahead();
  const Asker asker = admit(user, key, pin);
  const store::UserRow signer = active_user(asker);
  const Usable chosen = newest_credential(asker, key);
  const auto parsed = x509::Certificate::from_der(chosen.certificate.der);
  std::vector<x509::Certificate> chain;
  if (chosen.certificate.state == "valid")
    chain.push_back(provider_.certificate_of_role("issuing"));
  return {user,
          chosen.key.id,
          chosen.key.algorithm,
          chosen.certificate.serial,
          chosen.key.scal,
          factors_of(provider_, signer, chosen.key.scal),
          parsed.common_name(),
          parsed,
          std::move(chain)};
}

Credential LocalBackend::one_shot(const std::string& user, int scal, const Secret* pin) {
  provider_.load_module_ahead();
  const Asker asker = admit(user, "", pin);
  const store::UserRow signer = active_user(asker);
  const std::string policy = factors_of(provider_, signer, scal);
  const auto factors = sam::Requirement::for_one_shot(policy, scal);
  if (!factors)
    refuse(asker,
           Error(Fault::policy_refused, user + " cannot sign with a key of SCAL 2 made for it",
                 "the policy " + policy + " knows no device, which alone binds the signer to it",
                 "nothing was signed; leave --scal 2 out"),
           "no-document-bound-factor");
  const sam::OneShot approved = plan_one_shot(provider_, signer, scal);
  return {user,
          std::string(sam::kOneShotKey),
          approved.algorithm,
          "",
          scal,
          factors->text(),
          signer.common_name,
          std::nullopt,
          {provider_.certificate_of_role("issuing")},
          approved};
}

void LocalBackend::check(const Credential& credential, const sam::Manifest& manifest) {
  if (!provider_.caller().staff) return;
  try {
    if (credential.certificate) {
      activation().check(credential.user, credential.key, *credential.certificate, manifest);
    } else {
      activation().check_one_shot(credential.user, manifest);
      check_one_shot(provider_, credential.user, manifest.one_shot.value());
    }
  } catch (const Error& error) {
    ops::refuse(provider_,
                {"sign.authorize",
                 credential.user,
                 std::string(fault_row(error.fault).name),
                 {{"detail", error.message}}},
                error, keep());
  }
}

Error LocalBackend::refused(const Credential& credential, const Error& error) {
  return ops::refused(provider_,
                      {"sign.authorize",
                       credential.user,
                       "document",
                       {{"key", credential.key}, {"detail", error.why}}},
                      error, keep());
}

// The code goes to the signer and to nobody else: not to whoever asked.
sam::Asked LocalBackend::send(const Credential& credential, const sam::Manifest* manifest,
                              sam::Asked asked) {
  if (asked.sent_code && takes_sent_code(provider_.database(), credential, manifest))
    send_code(provider_, asked);
  asked.sent_code.reset();
  return asked;
}

sam::Asked LocalBackend::ask(const Credential& credential, const sam::Manifest* manifest,
                             sam::AnswerKey answer_key) {
  return send(
      credential, manifest,
      activation().ask(provider_.caller(), credential.user, credential.key, manifest, answer_key));
}

sam::Asked LocalBackend::ask_for(const Credential& credential, const sam::Manifest* manifest,
                                 ByteView answer_point) {
  return send(credential, manifest,
              activation().ask(provider_.caller(), credential.user, credential.key, manifest,
                               sam::AnswerKey::with_caller, answer_point));
}

std::optional<Bytes> LocalBackend::answer_to(const Bytes& request) {
  return activation().answer_to(request);
}

sam::Approval LocalBackend::authorize(const Credential& credential, const sam::Manifest& manifest,
                                      const sam::Presented& factors) {
  if (factors.machine)
    return activation().authorize_machine(provider_.caller(), credential.user, credential.key,
                                          manifest, *factors.machine, factors.sealing);
  return activation().authorize(provider_.caller(), credential.user, credential.key, manifest,
                                factors);
}

std::string LocalBackend::service_id() {
  return ops::service_id(provider_);
}

Bytes LocalBackend::assertion(const Credential& credential, const sam::Manifest& manifest,
                              const sam::Presented& factors, const std::string& audience) {
  return assert_factors(provider_, activation(), credential.user, credential.key, manifest, factors,
                        audience)
      .assertion;
}

sam::Approval LocalBackend::authorize_by(const Credential& credential,
                                         const sam::Manifest& manifest, ByteView assertion) {
  return activation().authorize_by(provider_.caller(), credential.user, credential.key, manifest,
                                   assertion);
}

std::vector<sam::Signature> LocalBackend::sign(const sam::Approval& approval,
                                               const sam::Manifest& manifest,
                                               const std::function<void(std::size_t)>& progress) {
  return activation().sign(provider_.caller(), approval, manifest, progress);
}

OneShotSigned LocalBackend::sign_one_shot(const sam::Approval& approval,
                                          const sam::Manifest& manifest,
                                          const std::function<void(std::size_t)>& progress) {
  const sam::Caller caller = provider_.caller();
  const auto certify = [this](const sam::OneShotKey& key) {
    return certify_one_shot(provider_, key);
  };
  auto done = activation().sign_one_shot({&caller, &approval, &manifest, certify, progress});
  return {std::move(done.key), std::move(done.certificate), std::move(done.signatures)};
}

Bytes LocalBackend::timestamp(crypto::HashAlgorithm hash, ByteView imprint) {
  if (opening_.valid()) opening_.wait();  // the provider's sessions are that thread's until then
  cms::TimestampRequest request;
  request.hash = hash;
  request.imprint = to_bytes(imprint);
  return stamp(provider_, request).token;
}

OwnEvidence LocalBackend::evidence(ByteView ocsp_request, Crls crls) {
  if (opening_.valid()) opening_.get();  // sessions are opened by one thread at a time
  OwnEvidence out;
  out.authorities = provider_.authority_chain();
  if (!ocsp_request.empty()) out.ocsp_response = answer_ocsp(provider_, ocsp_request);
  if (crls == Crls::leave) return out;
  issue_due_crls(provider_);
  for (const char* name : {"root", "issuing"})
    if (const auto row = store::current_crl(provider_.database(), name))
      out.crls.push_back(row->der);
  return out;
}

Json LocalBackend::call(const Call& call) {
  return run_operation(provider_, call);
}

}  // namespace tsp::ops
