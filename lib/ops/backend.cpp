// Approvals and signatures in this process; backend_credential.cpp: whose and with which key.
#include "ops/backend.h"

#include <algorithm>

#include "ops/activation.h"
#include "ops/crls.h"
#include "ops/ocsp.h"
#include "ops/one_shot.h"
#include "ops/refusals.h"
#include "ops/send_code.h"
#include "ops/services.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

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

}  // namespace

LocalBackend::LocalBackend(Provider& provider, Mode mode) : provider_(provider), mode_(mode) {}

LocalBackend::~LocalBackend() = default;

void LocalBackend::get_ready() {
  signs_ = true;
  if (knows_signer_ && !activation_) provider_.log_in_ahead("signers");
}

void LocalBackend::rest() {
  activation_.reset();
  provider_.rest();
}

sam::SignatureActivationModule& LocalBackend::activation() {
  if (!activation_) activation_ = activation_module(provider_);
  return *activation_;
}

Keep LocalBackend::keep() const {
  return mode_ == Mode::dry_run ? Keep::nothing : Keep::one_a_minute;
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

std::vector<sam::Signature> LocalBackend::approve_and_sign(
    const Credential& credential, const sam::Manifest& manifest, const sam::Presented& factors,
    const std::function<void(std::size_t)>& progress) {
  if (factors.machine) return Backend::approve_and_sign(credential, manifest, factors, progress);
  const sam::Caller caller = provider_.caller();
  return activation().approve_and_sign(
      {&caller, credential.user, credential.key, &manifest, &factors}, progress);
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
  cms::TimestampRequest request;
  request.hash = hash;
  request.imprint = to_bytes(imprint);
  return stamp(provider_, request).token;
}

OwnEvidence LocalBackend::evidence(ByteView ocsp_request, Crls crls) {
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
