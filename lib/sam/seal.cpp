#include "sam/seal.h"

#include "base/error.h"
#include "sam/argon2_header.h"
#include "sam/factors.h"
#include "sam/weak_for_tests.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kSealContext = "tsp seal 1", kKeyContext = "tsp seal key 1",
                           kLine = "tsp-share-1 ";
constexpr std::size_t kSealKeySize = 32;

Bytes seal_associated(const std::string& credential, ByteView header) {
  Bytes out;
  append_field(out, as_bytes(kSealContext));
  append_field(out, as_bytes(credential));
  append_field(out, header);
  return out;
}

// HKDF(Argon2id(PIN) ‖ HMAC_HSM(pepper, credential and salt) ‖ share)
Secret derive_seal_key(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                       const Secret& share, const crypto::Argon2& cost, ByteView header) {
  const Secret hashed = crypto::argon2id(pin.view(), header.last(kSaltSize), cost);
  const Secret pepper(hsm.mac(kPepperKey, seal_associated(credential, header)));
  Bytes input;
  input.reserve(hashed.size() + pepper.size() + share.size());
  append(input, hashed.view());
  append(input, pepper.view());
  append(input, share.view());
  const Secret whole(std::move(input));
  return crypto::hkdf(crypto::HashAlgorithm::sha256, whole.view(), {}, as_bytes(kKeyContext),
                      kSealKeySize);
}

CostHeader read_header(ByteView blob) {
  const auto header = read_cost_header(blob);
  if (!header)
    throw Error(Fault::tampered, "a key cannot be opened", "its seal in the store is damaged",
                "restore the store from a backup");
  return *header;
}

}  // namespace

Sealed make_seal_for_tests(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                           const Secret& share, const crypto::Argon2& cost, ByteView wrapped) {
  Bytes blob = make_cost_header(cost, random_bytes(kSaltSize));
  Secret key = derive_seal_key(hsm, credential, pin, share, cost, blob);
  append(blob, crypto::seal(key.view(), wrapped, seal_associated(credential, Bytes(blob))));
  return {std::move(blob), std::move(key)};
}

Sealed make_seal(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                 const Secret& share, const crypto::Argon2& cost, ByteView wrapped) {
  refuse_weak_cost(cost);
  return make_seal_for_tests(hsm, credential, pin, share, cost, wrapped);
}

Secret seal_key(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                const Secret& share, ByteView blob) {
  const CostHeader header = read_header(blob);
  return derive_seal_key(hsm, credential, pin, share, header.cost, blob.first(kCostHeaderSize));
}

std::optional<Bytes> open_seal(const Secret& key, const std::string& credential, ByteView blob) {
  const CostHeader header = read_header(blob);
  if (key.size() != kSealKeySize) return std::nullopt;
  const auto opened = crypto::open(key.view(), header.rest,
                                   seal_associated(credential, blob.first(kCostHeaderSize)));
  if (!opened) return std::nullopt;
  return to_bytes(opened->view());
}

Secret share_line(const std::string& credential, const Secret& share) {
  std::string text = to_base32(share.view());
  Bytes line;
  line.reserve(kLine.size() + credential.size() + 1 + text.size());
  append(line, as_bytes(kLine));
  append(line, as_bytes(credential));
  line.push_back(' ');
  append(line, as_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return Secret(std::move(line));
}

Secret parse_share_line(const Secret& line, const std::string& credential) {
  const auto refuse = [](std::string why) {
    return Error(Fault::bad_input, "the share cannot be used", std::move(why),
                 "give the activation file that was written when the key was made");
  };
  std::string_view text = line.text();
  if (!text.starts_with(kLine)) throw refuse("it is no activation file");
  text.remove_prefix(kLine.size());
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) throw refuse("it is no activation file");
  if (text.substr(0, blank) != credential) throw refuse("it is another key's");
  auto octets = from_base32(text.substr(blank + 1));
  if (!octets || octets->size() != kShareSize) throw refuse("it is damaged");
  return Secret(std::move(*octets));
}

}  // namespace tsp::sam
