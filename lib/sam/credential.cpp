#include "sam/credential.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "sam/factors.h"
#include "sam/octets.h"
#include "sam/seal.h"
#include "x509/revocation.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kLinkContext = "tsp key link 1";

}  // namespace

Bytes linked_content(const store::KeyRow& key) {
  Bytes message;
  append_field(message, as_bytes(kLinkContext));
  append_field(message, as_bytes(key.id));
  append_field(message, as_bytes(key.owner));
  append_field(message, as_bytes(key.algorithm));
  append_u32(message, static_cast<std::uint32_t>(key.scal));
  append_field(message, key.spki);
  append_field(message, as_bytes(key.mechanism));
  append_field(message, as_bytes(key.wrapping_key));
  append_field(message, crypto::sha256(key.blob));
  return message;
}

Bytes link_mac(hsm::Session& hsm, const store::KeyRow& key) {
  return hsm.mac(kLinkKey, linked_content(key));
}

void check_link(hsm::Session& hsm, const store::KeyRow& key) {
  if (!equal_in_constant_time(link_mac(hsm, key), key.link_mac))
    throw Error(Fault::tampered, "the key " + key.id + " is refused",
                "its record in the store was changed: the link MAC is not the one of its content",
                "nothing was signed; compare the store with a backup and the audit log");
}

store::KeyRow generate_key(hsm::Session& hsm, const std::string& owner,
                           const x509::Subject& subject, crypto::KeyAlgorithm algorithm,
                           const std::string& label, Time now) {
  hsm::WrappedKey wrapped = hsm.generate_wrapped(algorithm, kMasterKey);
  store::KeyRow key;
  key.id = to_hex(random_bytes(kIdSize));
  key.owner = owner;
  key.algorithm = crypto::name_of(algorithm);
  key.scal = 1;
  key.label = label;
  key.state = "active";
  key.created_at = now;
  {
    // unwrap() holds the key against the public key; the request's signature shows that it signs.
    const auto signer = hsm.unwrap(wrapped);
    key.request = x509::make_request(subject, *signer);
  }
  key.spki = std::move(wrapped.spki);
  key.blob = std::move(wrapped.blob);
  key.mechanism = std::move(wrapped.mechanism);
  key.wrapping_key = std::move(wrapped.wrapping_key);
  key.link_mac = link_mac(hsm, key);
  return key;
}

Secret seal_key_row(hsm::Session& hsm, store::KeyRow& key, const Secret& pin,
                    const crypto::Argon2& cost) {
  Secret share = Secret::random(kShareSize);
  Sealed sealed = make_seal(hsm, key.id, pin, share, cost, key.blob);
  wipe(key.blob);
  key.blob = std::move(sealed.blob);
  key.scal = 2;
  key.link_mac = link_mac(hsm, key);
  return share;
}

}  // namespace tsp::sam
