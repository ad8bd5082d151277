#include "ops/sign_hash.h"

#include "base/error.h"
#include "ops/recording.h"
#include "ops/signing.h"

namespace tsp::ops {
namespace {

sam::Manifest bare_manifest(const SignHash& request) {
  sam::Manifest manifest;
  manifest.hash = request.hash;
  manifest.entries.push_back({"digest only, content unknown", {}, request.digest, {}});
  return manifest;
}

}  // namespace

void check_hash(Backend& backend, const SignHash& request, const AskPin& pin) {
  backend.check(own_credential(backend, request.user, request.key, pin), bare_manifest(request));
}

SignedHash sign_hash(Backend& backend, const SignHash& request, const SignerPrompt& signer) {
  const Credential credential = own_credential(backend, request.user, request.key, signer.pin);
  const sam::Manifest manifest = bare_manifest(request);
  backend.check(credential, manifest);
  const sam::Presented factors = signer.factors({backend, credential, manifest, {}, {}});
  auto signatures = backend.approve_and_sign(credential, manifest, factors, {});
  if (signatures.front().error) throw Error(*signatures.front().error);
  return {std::move(signatures.front().value), credential.algorithm, credential.certificate.value(),
          signatures.front().audit_seq};
}

Json to_json(const SignedHash& receipt) {
  return {{"signature", to_base64(receipt.signature)},
          {"algorithm", receipt.algorithm},
          {"certificate", receipt.certificate.pem()},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
