#include "ops/factor_octets.h"

#include "base/error.h"

namespace tsp::ops {
namespace {

// One octet for each part that is there, then its field.
enum class FactorPart : std::uint8_t { pin = 1, otp, request, answer, share, machine, answer_key };

}  // namespace

Secret encode(const sam::Presented& factors) {
  const Secret key = factors.answer_key ? factors.answer_key->private_octets() : Secret(Bytes());
  const auto size_of = [](const std::optional<Secret>& secret) {
    return secret ? secret->size() + 5 : 0;
  };
  Bytes out;
  out.reserve(64 + size_of(factors.pin) + size_of(factors.otp) + factors.request.size() +
              factors.answer.size() + size_of(factors.share) + size_of(factors.machine) +
              key.size());
  const auto put = [&](FactorPart part, ByteView octets) {
    out.push_back(static_cast<std::uint8_t>(part));
    append_field(out, octets);
  };
  if (factors.pin) put(FactorPart::pin, factors.pin->view());
  if (factors.otp) put(FactorPart::otp, factors.otp->view());
  if (!factors.request.empty()) put(FactorPart::request, factors.request);
  if (!factors.answer.empty()) put(FactorPart::answer, factors.answer);
  if (factors.share) put(FactorPart::share, factors.share->view());
  if (factors.machine) put(FactorPart::machine, factors.machine->view());
  if (!key.empty()) put(FactorPart::answer_key, key.view());
  return Secret(std::move(out));
}

sam::Presented decode_presented(ByteView octets) {
  sam::Presented out;
  ByteReader reader(octets);
  std::uint8_t last = 0;
  while (reader.left() > 0) {
    const auto part = reader.u8();
    const auto field = reader.field();
    if (!part || !field || *part <= last)
      throw Error(Fault::bad_input, "the factors are not what they should be", "",
                  "nothing was signed");
    last = *part;
    switch (static_cast<FactorPart>(*part)) {
      case FactorPart::pin:
        out.pin = Secret::copy_of(*field);
        break;
      case FactorPart::otp:
        out.otp = Secret::copy_of(*field);
        break;
      case FactorPart::request:
        out.request = to_bytes(*field);
        break;
      case FactorPart::answer:
        out.answer = to_bytes(*field);
        break;
      case FactorPart::share:
        out.share = Secret::copy_of(*field);
        break;
      case FactorPart::machine:
        out.machine = Secret::copy_of(*field);
        break;
      case FactorPart::answer_key:
        out.answer_key = std::make_shared<const crypto::ExchangeKey>(
            crypto::ExchangeKey::from_private(Secret::copy_of(*field)));
        break;
      default:
        throw Error(Fault::bad_input, "the factors are of a kind that is not known", "",
                    "nothing was signed");
    }
  }
  return out;
}

}  // namespace tsp::ops
