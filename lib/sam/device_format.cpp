#include "sam/device_format.h"

#include "crypto/digest.h"
#include "sam/octets.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kCardMagic = "tsp device card 1\n",
                           kAnswerMagic = "tsp device answer 1\n";
constexpr std::size_t kLongestDeviceName = 64, kLongestSpki = 1024, kLongestCard = 2048;  // octets
constexpr std::size_t kLongestSignature = 72;

DeviceCard read_card(ByteView octets) {
  FormatReader reader(octets, kCardMagic, "the device's card");
  DeviceCard card;
  card.name = reader.text(1, kLongestDeviceName);
  const auto algorithm = crypto::parse_key_algorithm(as_text(reader.field(kLongestDeviceName)));
  reader.require(algorithm.has_value(), "its algorithm is unknown");
  card.algorithm = *algorithm;
  card.spki = to_bytes(reader.field(kLongestSpki));
  card.exchange_point = reader.take(crypto::kPointSize);
  reader.end();
  reader.require(crypto::is_point(card.exchange_point), "its exchange key is no point of P-256");
  return card;
}

[[noreturn]] void refuse_card(std::string why) {
  throw Error(Fault::policy_refused, "the device is refused", std::move(why),
              "nothing was changed");
}

}  // namespace

Bytes encode(const DeviceCard& card) {
  Bytes out = to_bytes(as_bytes(kCardMagic));
  append_field(out, as_bytes(card.name));
  append_field(out, as_bytes(crypto::name_of(card.algorithm)));
  append_field(out, card.spki);
  append(out, card.exchange_point);
  return out;
}

DeviceCard decode_card(ByteView octets) {
  DeviceCard card = read_card(octets);
  const auto key = crypto::PublicKey::from_spki(card.spki);
  if (const auto weakness = crypto::find_weakness(key)) refuse_card(*weakness);
  if (key.algorithm() != card.algorithm)
    refuse_card("its key is not of the algorithm that it names");
  if (card.algorithm != crypto::KeyAlgorithm::ecdsa_p256 &&
      card.algorithm != crypto::KeyAlgorithm::ed25519)
    refuse_card(std::string(crypto::name_of(card.algorithm)) +
                " is neither ecdsa-p256 nor ed25519");
  return card;
}

Bytes encode(const DeviceAnswer& answer) {
  Bytes out = to_bytes(as_bytes(kAnswerMagic));
  append(out, answer.request_id);
  out.push_back(answer.approved ? 1 : 0);
  append_field(out, answer.sealed_share);
  append_field(out, answer.signature);
  return out;
}

DeviceAnswer decode_answer(ByteView octets) {
  FormatReader reader(octets, kAnswerMagic, "the device's answer");
  DeviceAnswer answer;
  answer.request_id = reader.take(kIdSize);
  const std::uint8_t approved = reader.u8();
  reader.require(approved <= 1, "it is neither yes nor no");
  answer.approved = approved == 1;
  answer.sealed_share = to_bytes(reader.field(kLongestSealedShare));
  reader.require(answer.approved || answer.sealed_share.empty(), "a refusal brings no share");
  answer.signature = to_bytes(reader.field(kLongestSignature));
  reader.end();
  return answer;
}

namespace device {

void check_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestDeviceName || !is_utf8(name) || printable(name) != name)
    throw Error(Fault::bad_input, "the device's name is refused",
                "it has 1 to 64 octets that can be shown as they are", "choose another");
}

Bytes introduction_message(ByteView card, std::string_view provider, std::string_view signer) {
  Bytes message;
  append_field(message, as_bytes("tsp device introduction 1"));
  append_field(message, as_bytes(provider));
  append_field(message, as_bytes(signer));
  append_field(message, crypto::sha256(card));
  return message;
}

Bytes answer_message(const ActivationRequest& request, const DeviceAnswer& answer) {
  Bytes message;
  append_field(message, as_bytes("tsp device answer 1"));
  append_field(message, request_hash(request));
  message.push_back(answer.approved ? 1 : 0);
  append_field(message, crypto::sha256(answer.sealed_share));
  return message;
}

Bytes signed_octets(crypto::KeyAlgorithm algorithm, ByteView message) {
  return algorithm == crypto::KeyAlgorithm::ed25519 ? to_bytes(message) : crypto::sha256(message);
}

bool verify(const DeviceCard& card, ByteView message, ByteView signature) {
  return crypto::PublicKey::from_spki(card.spki).verify(
      crypto::scheme_for(card.algorithm, crypto::Purpose::document), crypto::HashAlgorithm::sha256,
      signed_octets(card.algorithm, message), signature);
}

Bytes share_context(std::string_view credential, ByteView exchange_point) {
  Bytes out;
  append_field(out, as_bytes("tsp share 1"));
  append_field(out, as_bytes(credential));
  append_field(out, exchange_point);
  return out;
}

Bytes answer_context(ByteView request_hash) {
  Bytes out;
  append_field(out, as_bytes("tsp answer 1"));
  append_field(out, request_hash);
  return out;
}

}  // namespace device

DeviceCard check_introduction(ByteView octets, std::string_view provider, std::string_view signer) {
  FormatReader reader(octets, device::kIntroductionMagic, "the device's introduction");
  const ByteView card_octets = reader.field(kLongestCard);
  const ByteView signature = reader.field(kLongestSignature);
  reader.end();
  DeviceCard card = decode_card(card_octets);
  if (!device::verify(card, device::introduction_message(card_octets, provider, signer), signature))
    refuse_card("its introduction was not signed by it for this signer at this provider");
  return card;
}

Bytes seal_share(const DeviceCard& card, std::string_view credential, const Secret& share) {
  return crypto::seal_to(card.exchange_point, share.view(),
                         device::share_context(credential, card.exchange_point));
}

bool is_answer(const DeviceCard& card, const ActivationRequest& request,
               const DeviceAnswer& answer) noexcept {
  try {
    const bool right =
        device::verify(card, device::answer_message(request, answer), answer.signature);
    return right && equal(answer.request_id, request.id) &&
           (answer.approved || answer.sealed_share.empty());
  } catch (...) {
    return false;
  }
}

std::optional<Secret> open_share(const crypto::ExchangeKey& answer_key,
                                 const ActivationRequest& request, const DeviceAnswer& answer) {
  return answer_key.open(answer.sealed_share, device::answer_context(request_hash(request)));
}

}  // namespace tsp::sam
