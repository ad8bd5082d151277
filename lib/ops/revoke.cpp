#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ops/accounting.h"
#include "ops/certificates.h"
#include "ops/compromise.h"
#include "ops/crls.h"
#include "ops/destruction.h"
#include "ops/recording.h"
#include "x509/revocation.h"

namespace tsp::ops {
namespace {

// What one revocation ends: the certificate asked for and, where the key is compromised, the others
// of that key. Those that are still being signed have no octets yet.
struct Falls {
  std::vector<store::CertificateRow> certificates;  // the one asked for first
  bool contains(const std::string& serial) const {
    return std::any_of(certificates.begin(), certificates.end(),
                       [&](const auto& row) { return row.serial == serial; });
  }
};

Falls falls_with(Provider& provider, const store::CertificateRow& row, const std::string& reason) {
  Falls falls{{row}};
  if (!says_compromised(reason)) return falls;
  for (auto& sibling : siblings_of(provider, row)) falls.certificates.push_back(std::move(sibling));
  return falls;
}

void list_others(const Falls& falls, Revoked& receipt) {
  receipt.also_revoked.clear();
  for (const auto& row : falls.certificates)
    if (row.serial != receipt.serial && !row.der.empty())
      receipt.also_revoked.push_back(row.serial);
}

bool changes_crl(const Falls& falls) {
  return std::any_of(falls.certificates.begin(), falls.certificates.end(),
                     [](const auto& row) { return row.state == "valid"; });
}

// Certificates of profiles that are gone, and of external CAs, leave the key as it is.
bool destroys_key(Provider& provider, const store::CertificateRow& row) {
  if (row.role != "signer" || row.state != "valid") return false;
  try {
    return provider.profile(row.profile).destroy_key_on_revocation;
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    return false;
  }
}

// The key that goes with its certificates: there, and of no other that may still be signed with.
std::optional<store::KeyRow> key_to_destroy(Provider& provider, const Falls& falls) {
  const auto& rows = falls.certificates;
  if (std::none_of(rows.begin(), rows.end(),
                   [&](const auto& row) { return destroys_key(provider, row); }))
    return std::nullopt;
  const auto still_signs = [&](const store::CertificateRow& other) {
    return !falls.contains(other.serial) && !other.der.empty() &&
           provider.now() <= other.not_after &&
           (other.state == "valid" || other.state == "external");
  };
  const auto all = store::certificates_of_key(provider.database(), rows.front().key);
  if (std::any_of(all.begin(), all.end(), still_signs)) return std::nullopt;
  auto key = store::find_key(provider.database(), rows.front().key);
  if (!key || key->state != "active") return std::nullopt;
  return key;
}

std::int64_t record_revocation(Provider& provider, store::Transaction& transaction,
                               const store::CertificateRow& row, Json details) {
  return record_call(
      provider, transaction, group_of_user(provider.database(), row.owner),
      provider.event("cert.revoke", audit::Outcome::done, row.serial, std::move(details)));
}

void revoke_others(Provider& provider, store::Transaction& transaction, const Falls& falls,
                   const Revoked& receipt) {
  for (const auto& row : falls.certificates) {
    if (row.serial == receipt.serial) continue;
    if (row.der.empty()) {  // its signing finds no place for it any more
      store::set_certificate_state(transaction, row.serial, "abandoned");
      continue;
    }
    store::revoke_certificate(transaction, row.serial, receipt.revoked_at, receipt.reason);
    record_revocation(provider, transaction, row,
                      {{"reason", receipt.reason},
                       {"key", row.key},
                       {"user", row.owner},
                       {"with", receipt.serial}});
  }
}

std::int64_t revoke_now(Provider& provider, store::Transaction& transaction,
                        const store::CertificateRow& row, Falls& falls, Revoked& receipt) {
  // Looked for again: a certificate may have been issued meanwhile.
  falls = falls_with(provider, row, receipt.reason);
  const auto key = key_to_destroy(provider, falls);
  list_others(falls, receipt);
  revoke_others(provider, transaction, falls, receipt);
  store::revoke_certificate(transaction, row.serial, receipt.revoked_at, receipt.reason);
  Json details = {{"reason", receipt.reason}, {"key", row.key}, {"user", row.owner}};
  if (!row.owner.empty())
    details["approvals_voided"] = store::delete_approvals_of(transaction, row.owner);
  receipt.key_destroyed = key.has_value();
  details["key_destroyed"] = receipt.key_destroyed;
  if (key) {
    receipt.remains = remains_since(key->created_at);
    details["requests_voided"] = store::delete_requests_of(transaction, row.owner);
    destroy_in(provider, transaction, *key);
  }
  return record_revocation(provider, transaction, row, std::move(details));
}

store::CertificateRow must_be_revocable(Provider& provider, const std::string& serial,
                                        const std::string& reason, bool dry_run) {
  store::CertificateRow row = show_certificate(provider, serial).row;
  if (!x509::is_reason(reason))
    throw Error(Fault::usage, "the reason " + printable(reason) + " is none");
  if (row.state == "revoked")
    throw Error(Fault::already_exists, "the certificate " + row.serial + " is revoked already",
                "since " + to_rfc3339(row.revoked_at.value_or(Time{})) + " for " + row.reason);
  if (row.role == "root")
    refuse(provider, {"cert.revoke", row.serial, "root"},
           Error(Fault::policy_refused, "the root is not revoked",
                 "nobody would be told by its own CRL", "take it out of the trust stores instead"),
           dry_run ? Keep::nothing : Keep::each);
  return row;
}

}  // namespace

Revoked revoke_certificate(Provider& provider, const std::string& serial, const std::string& reason,
                           bool dry_run) {
  const store::CertificateRow row = must_be_revocable(provider, serial, reason, dry_run);
  Revoked receipt;
  receipt.serial = row.serial;
  receipt.reason = reason;
  receipt.revoked_at = whole_seconds(provider.now());
  const char* const ca = row.role == "issuing" ? "root" : "issuing";
  Falls falls = falls_with(provider, row, reason);
  if (dry_run) {
    if (changes_crl(falls)) check_crl_key(provider, ca);
    list_others(falls, receipt);
    receipt.key_destroyed = key_to_destroy(provider, falls).has_value();
    return receipt;
  }
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    return revoke_now(provider, transaction, row, falls, receipt);
  });
  // From here on the next signature is refused, whether or not the CRL can be signed now.
  if (changes_crl(falls))
    receipt.crl_number =
        issue_crl_after_revoking(provider, ca, "the certificate " + row.serial, receipt.audit_seq)
            .number;
  if (receipt.key_destroyed) overwrite_log(provider, "the key " + row.key);
  return receipt;
}

Json to_json(const Revoked& receipt) {
  Json json = {{"serial", receipt.serial},
               {"reason", receipt.reason},
               {"revoked_at", to_rfc3339(receipt.revoked_at)},
               {"crl_number", receipt.crl_number},
               {"also_revoked", receipt.also_revoked},
               {"key_destroyed", receipt.key_destroyed},
               {"audit_seq", record_json(receipt.audit_seq)}};
  if (!receipt.remains.empty()) json["remains"] = receipt.remains;
  return json;
}

}  // namespace tsp::ops
