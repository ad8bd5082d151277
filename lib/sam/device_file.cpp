// A device's key file.
#include "base/error.h"
#include "sam/argon2_header.h"
#include "sam/device.h"
#include "sam/octets.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kDeviceKeyMagic = "tsp device key 1\n",
                           kContentMagic = "tsp device keys 1\n";
constexpr std::size_t kPrivate = 32;  // octets

Error damaged() {
  return {Fault::tampered, "the device's key file cannot be read", "it is damaged, or none",
          "restore it from a backup, or register a new device"};
}

void refuse_empty(const Secret& passphrase) {
  if (passphrase.empty())
    throw Error(Fault::policy_refused, "the device's keys cannot be kept",
                "the passphrase is empty", "nothing was written");
}

}  // namespace

Bytes Device::seal(const Secret& passphrase, const crypto::Argon2& cost) const {
  refuse_empty(passphrase);
  refuse_weak_cost(cost);
  const std::string_view algorithm = crypto::name_of(*key_.public_key().algorithm());
  const Secret key = key_.private_octets(), exchange = exchange_.private_octets();
  Bytes content;
  // Enough, so that no copy is left behind.
  content.reserve(kContentMagic.size() + name_.size() + algorithm.size() + 2 * kPrivate + 16);
  append(content, as_bytes(kContentMagic));
  append_field(content, as_bytes(name_));
  append_field(content, as_bytes(algorithm));
  append(content, key.view());
  append(content, exchange.view());
  const Secret guarded(std::move(content));
  const Bytes salt = random_bytes(kSaltSize);
  const Secret sealing = crypto::argon2id(passphrase.view(), salt, cost);
  Bytes out = to_bytes(as_bytes(kDeviceKeyMagic));
  append(out, make_cost_header(cost, salt));
  append(out, crypto::seal(sealing.view(), guarded.view(), out));
  return out;
}

Device Device::open(ByteView file, const Secret& passphrase) {
  if (!as_text(file).starts_with(kDeviceKeyMagic)) throw damaged();
  const auto header = read_cost_header(file.subspan(kDeviceKeyMagic.size()));
  if (!header) throw damaged();
  const Secret key = crypto::argon2id(passphrase.view(), header->salt, header->cost);
  const auto content =
      crypto::open(key.view(), header->rest, file.first(file.size() - header->rest.size()));
  if (!content)
    throw Error(Fault::factor_refused, "the device's keys cannot be opened",
                "the passphrase is wrong, or the file is damaged", "nothing was signed");
  try {
    FormatReader reader(content->view(), kContentMagic, "the device's keys");
    std::string name = reader.text(1, kLongestId);
    const auto algorithm = crypto::parse_key_algorithm(as_text(reader.field(kLongestId)));
    const Secret signing(reader.take(kPrivate)), exchange(reader.take(kPrivate));
    reader.end();
    reader.require(algorithm.has_value(), "its algorithm is unknown");
    return {std::move(name), crypto::SoftwareKey::from_private(*algorithm, signing),
            crypto::ExchangeKey::from_private(exchange)};
  } catch (const Error&) {
    throw damaged();
  }
}

}  // namespace tsp::sam
