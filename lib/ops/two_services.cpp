#include "ops/two_services.h"

namespace tsp::ops {

TwoServices::TwoServices(std::unique_ptr<Backend> authentication, std::unique_ptr<Backend> signing)
    : authentication_(std::move(authentication)), signing_(std::move(signing)) {}

void TwoServices::get_ready() {
  authentication_->get_ready();
  signing_->get_ready();
}

Credential TwoServices::credential(const std::string& user, const std::string& key,
                                   const Secret* pin) {
  return signing_->credential(user, key, pin);
}

Credential TwoServices::one_shot(const std::string& user, int scal, const Secret* pin) {
  return signing_->one_shot(user, scal, pin);
}

void TwoServices::check(const Credential& credential, const sam::Manifest& manifest) {
  signing_->check(credential, manifest);
}

Error TwoServices::refused(const Credential& credential, const Error& error) {
  return signing_->refused(credential, error);
}

sam::Asked TwoServices::ask(const Credential& credential, const sam::Manifest* manifest,
                            sam::AnswerKey answer_key) {
  if (manifest != nullptr && credential.scal == 1)
    return authentication_->ask(credential, manifest, answer_key);
  sam::Asked asked = signing_->ask(credential, manifest, answer_key);
  asked_signing_.insert(asked.request.id);
  return asked;
}

std::optional<Bytes> TwoServices::answer_to(const Bytes& request) {
  if (asked_signing_.count(request) != 0) return signing_->answer_to(request);
  try {
    return authentication_->answer_to(request);
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    return signing_->answer_to(request);  // asked by another process: a session
  }
}

sam::Approval TwoServices::authorize(const Credential& credential, const sam::Manifest& manifest,
                                     const sam::Presented& factors) {
  if (credential.scal != 1 || factors.machine)
    return signing_->authorize(credential, manifest, factors);
  return signing_->authorize_by(
      credential, manifest,
      authentication_->assertion(credential, manifest, factors, signing_->service_id()));
}

std::string TwoServices::service_id() {
  return signing_->service_id();
}

Bytes TwoServices::assertion(const Credential& credential, const sam::Manifest& manifest,
                             const sam::Presented& factors, const std::string& audience) {
  return authentication_->assertion(credential, manifest, factors, audience);
}

sam::Approval TwoServices::authorize_by(const Credential& credential, const sam::Manifest& manifest,
                                        ByteView assertion) {
  return signing_->authorize_by(credential, manifest, assertion);
}

std::vector<sam::Signature> TwoServices::sign(const sam::Approval& approval,
                                              const sam::Manifest& manifest,
                                              const std::function<void(std::size_t)>& progress) {
  return signing_->sign(approval, manifest, progress);
}

OneShotSigned TwoServices::sign_one_shot(const sam::Approval& approval,
                                         const sam::Manifest& manifest,
                                         const std::function<void(std::size_t)>& progress) {
  return signing_->sign_one_shot(approval, manifest, progress);
}

Bytes TwoServices::timestamp(crypto::HashAlgorithm hash, ByteView imprint) {
  return signing_->timestamp(hash, imprint);
}

OwnEvidence TwoServices::evidence(ByteView ocsp_request, Crls crls) {
  return signing_->evidence(ocsp_request, crls);
}

Json TwoServices::call(const Call& call) {
  return signing_->call(call);
}

}  // namespace tsp::ops
