// What the device does.
#include "sam/device.h"

#include "base/error.h"
#include "sam/device_format.h"
#include "sam/manifest_shape.h"

namespace tsp::sam {
namespace {

Bytes sign(crypto::SoftwareKey& key, const Bytes& message) {
  const crypto::KeyAlgorithm algorithm = *key.public_key().algorithm();
  return key.sign(crypto::scheme_for(algorithm, crypto::Purpose::document),
                  crypto::HashAlgorithm::sha256, device::signed_octets(algorithm, message));
}

}  // namespace

Device::Device(std::string name, crypto::SoftwareKey key, crypto::ExchangeKey exchange)
    : name_(std::move(name)), key_(std::move(key)), exchange_(std::move(exchange)) {}

Device Device::generate(std::string name, crypto::KeyAlgorithm algorithm) {
  device::check_name(name);
  return {std::move(name), crypto::SoftwareKey::generate(algorithm),
          crypto::ExchangeKey::generate()};
}

DeviceCard Device::card() const {
  return {name_, *key_.public_key().algorithm(), key_.public_key().spki(), exchange_.point()};
}

Bytes Device::introduce(std::string_view provider, std::string_view signer) {
  const Bytes card = encode(this->card());
  Bytes out = to_bytes(as_bytes(device::kIntroductionMagic));
  append_field(out, card);
  append_field(out, sign(key_, device::introduction_message(card, provider, signer)));
  return out;
}

Bytes Device::answer(const DeviceQuestion& question, bool approved) {
  const ActivationRequest& request = question.request;
  check_manifest(question);
  DeviceAnswer answer{request.id, approved, {}, {}};
  if (approved && !question.sealed_share.empty()) {
    const auto share = exchange_.open(question.sealed_share,
                                      device::share_context(request.credential, exchange_.point()));
    if (!share)
      throw Error(Fault::bad_input, "the question cannot be answered",
                  "the share in it was not sealed for this device and key", kNothingSigned);
    answer.sealed_share = crypto::seal_to(request.answer_point, share->view(),
                                          device::answer_context(request_hash(request)));
  }
  answer.signature = sign(key_, device::answer_message(request, answer));
  return encode(answer);
}

}  // namespace tsp::sam
