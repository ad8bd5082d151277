#include "sam/sad.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/symmetric.h"
#include "sam/factors.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kApprovalContext = "tsp sad 1", kSadSealContext = "tsp sad seal 1",
                           kHashContext = "tsp sad hash 1";
constexpr std::size_t kMacKeySize = 32;

Secret derive_mac_key(const Secret& secret, std::string_view context) {
  return crypto::hkdf(crypto::HashAlgorithm::sha256, secret.view(), {}, as_bytes(context),
                      kMacKeySize);
}

// What s stands for: manifest, credential, count and end.
Bytes scope_of(const store::ApprovalRow& row) {
  Bytes scope;
  append_field(scope, row.manifest_sha256);
  append_field(scope, as_bytes(row.user));
  append_field(scope, as_bytes(row.key));
  append_u32(scope, static_cast<std::uint32_t>(row.count));
  append_u64(scope, static_cast<std::uint64_t>(to_unix_ms(row.expires_at)));
  return scope;
}

Bytes approval_mac(hsm::Session& hsm, const store::ApprovalRow& row) {
  Bytes message;
  append_field(message, as_bytes(kApprovalContext));
  append_field(message, row.id);
  append_field(message, scope_of(row));
  append_field(message, crypto::sha256(row.sealed));
  if (!row.window.empty()) append_field(message, row.window);
  return hsm.mac(kLinkKey, message);
}

Error changed() {
  return {Fault::tampered, "the approval is refused",
          "its record in the store was changed, or was not made by the activation module",
          "nothing was signed; compare the store with a backup and the audit log"};
}

}  // namespace

Sad make_sad(hsm::Session& hsm, store::ApprovalRow row, const Secret& seal_key) {
  Secret secret = Secret::random(kSadSize);
  row.id = crypto::sha256(secret.view());
  row.sealed = seal_key.empty() ? Bytes()
                                : crypto::seal(derive_mac_key(secret, kSadSealContext).view(),
                                               seal_key.view(), scope_of(row));
  row.mac = approval_mac(hsm, row);
  return {std::move(secret), std::move(row)};
}

void check_sad(hsm::Session& hsm, const store::ApprovalRow& row) {
  if (!equal_in_constant_time(approval_mac(hsm, row), row.mac)) throw changed();
}

Secret open_sad(const Secret& secret, const store::ApprovalRow& row) {
  if (row.sealed.empty()) return Secret(Bytes());
  auto opened =
      crypto::open(derive_mac_key(secret, kSadSealContext).view(), row.sealed, scope_of(row));
  if (!opened) throw changed();
  return std::move(*opened);
}

HashKey::HashKey(const Secret& secret) : key_(derive_mac_key(secret, kHashContext)) {}

Bytes HashKey::of(ByteView entry_hash) const {
  return crypto::hmac(crypto::HashAlgorithm::sha256, key_.view(), entry_hash);
}

}  // namespace tsp::sam
