#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/suite.h"
#include "sam/context.h"
#include "sam/credential.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kMostParsed = 512;   // about 20 KiB each
constexpr std::size_t kMostLinked = 4096;  // about 100 octets each

const x509::Certificate& keep_parsed(Context& context, const x509::Certificate& certificate) {
  if (context.parsed.size() >= kMostParsed) context.parsed.clear();
  return context.parsed.emplace(certificate.der(), certificate).first->second;
}

// A certificate of the store, parsed once. The reference holds until the next call.
const x509::Certificate& certificate_of(Context& context, const store::CertificateRow& row) {
  if (const auto known = context.parsed.find(row.der); known != context.parsed.end())
    return known->second;
  return keep_parsed(context, x509::Certificate::from_der(row.der));
}

// The HSM is asked once for each content and MAC of a row: its answer would be the same.
void check_link_once(Context& context, const store::KeyRow& key) {
  Bytes row = crypto::Hasher(crypto::HashAlgorithm::sha256)
                  .update(linked_content(key))
                  .update(key.link_mac)
                  .finish();
  if (context.linked.count(row) != 0) return;
  check_link(*context.signers, key);
  if (context.linked.size() >= kMostLinked) context.linked.clear();
  context.linked.insert(std::move(row));
}

// Why the certificate may not be signed with now, or nothing: an id and a text.
struct Objection {
  std::string reason, why;
};
std::optional<Objection> objection(Context& context, const store::CertificateRow& row, Time now) {
  if (row.state == "revoked" || row.revoked_at)
    return Objection{"certificate-revoked", fmt::format("certificate {} is revoked", row.serial)};
  if (row.state != "valid" && row.state != "external")
    return Objection{"certificate-missing",
                     fmt::format("certificate {} is {}", row.serial, row.state)};
  const x509::Certificate& certificate = certificate_of(context, row);
  if (now < certificate.not_before())
    return Objection{"certificate-not-yet-valid",
                     fmt::format("certificate {} is valid from {} on", row.serial,
                                 to_rfc3339(certificate.not_before()))};
  if (whole_seconds(now) > certificate.not_after())
    return Objection{"certificate-expired", fmt::format("certificate {} expired at {}", row.serial,
                                                        to_rfc3339(certificate.not_after()))};
  return std::nullopt;
}

const ManifestEntry* first_with_attributes(const Manifest& manifest) {
  const auto found =
      std::find_if(manifest.entries.begin(), manifest.entries.end(),
                   [](const auto& entry) { return !entry.signed_attributes.empty(); });
  return found == manifest.entries.end() ? nullptr : &*found;
}

// The named certificate, or the newest valid one.
store::CertificateRow find_certificate(Context& context, const store::KeyRow& key,
                                       const Manifest& manifest, const x509::Certificate* wanted,
                                       Time now) {
  auto rows = store::certificates_of_key(context.database, key.id);
  rows.erase(
      std::remove_if(rows.begin(), rows.end(), [](const auto& row) { return row.der.empty(); }),
      rows.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  const ManifestEntry* entry = first_with_attributes(manifest);
  const auto named = [&](const store::CertificateRow& row) {
    if (wanted != nullptr) return equal(row.der, wanted->der());
    return entry != nullptr && refers_to(entry->signed_attributes, row.der);
  };
  const std::string what = "the key " + key.id + " may not sign";
  auto found = std::find_if(rows.begin(), rows.end(), named);
  if (found == rows.end() && wanted != nullptr)
    throw refusal("certificate-missing", what, "the certificate is not one of this key");
  if (found == rows.end())
    found = std::find_if(rows.begin(), rows.end(),
                         [&](const auto& row) { return !objection(context, row, now); });
  if (found == rows.end()) found = rows.begin();
  if (found == rows.end()) throw refusal("certificate-missing", what, "it has no certificate");
  if (const auto bad = objection(context, *found, now)) throw refusal(bad->reason, what, bad->why);
  return std::move(*found);
}

std::vector<Bytes> check_manifest(const GroupPolicy& group, const Manifest& manifest,
                                  const x509::Certificate& certificate) {
  check_group(group, manifest);
  try {
    return recompute_dtbs(manifest, certificate);
  } catch (const Error& error) {
    throw Refusal("manifest", error);
  }
}

bool is_unchanged(Context& context, const std::string& signer, const store::KeyRow& before) {
  const auto key = store::find_key(context.database, before.id);
  return key && key->state == "active" && key->owner == signer && equal(key->blob, before.blob) &&
         equal(key->link_mac, before.link_mac);
}

}  // namespace

void check_group(const GroupPolicy& group, const Manifest& manifest) {
  if (manifest.entries.size() > group.most_documents)
    throw refusal("manifest-too-long", "the manifest is refused",
                  fmt::format("it names {} documents, {} are allowed at once",
                              manifest.entries.size(), group.most_documents));
  const bool bare = std::any_of(manifest.entries.begin(), manifest.entries.end(),
                                [&](const auto& entry) { return is_bare(manifest, entry); });
  if (bare && !group.bare_hashes)
    throw refusal("manifest-bare", "the manifest is refused", "bare digests are not allowed here");
}

store::KeyRow find_signers_key(Context& context, const std::string& signer, const std::string& id) {
  auto key = store::find_key(context.database, id);
  if (!key) throw refusal("key-unknown", "there is no key of that name", "", Fault::not_found);
  const std::string what = "the key " + id + " may not sign";
  if (key->owner != signer) throw refusal("key-of-another", what, "it is not the signer's own");
  if (key->state != "active") throw refusal("key-not-active", what, "it is " + key->state);
  try {
    check_link_once(context, *key);
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) throw Refusal("key-link", error);
    throw;
  }
  return std::move(*key);
}

Prepared prepare(Context& context, const SignerView& signer, const std::string& id,
                 const Manifest& manifest, const x509::Certificate* wanted, Time now) {
  check_signer(signer);
  if (wanted != nullptr) keep_parsed(context, *wanted);
  store::KeyRow key = find_signers_key(context, signer.name, id);
  store::CertificateRow row = find_certificate(context, key, manifest, wanted, now);
  const auto certificate = certificate_of(context, row);
  const auto algorithm = crypto::parse_key_algorithm(key.algorithm);
  const auto public_key = certificate.public_key();
  if (!algorithm || !equal(public_key.spki(), key.spki))
    throw refusal("key-link", "the key " + id + " is refused",
                  "certificate and key in the store do not belong together", Fault::tampered);
  const auto scheme = crypto::scheme_for(*algorithm, crypto::Purpose::document);
  if (auto why = crypto::objection(scheme, manifest.hash, public_key, now))
    throw refusal("algorithm", "the key " + id + " may not sign", *why);
  auto dtbs = check_manifest(signer.group, manifest, certificate);
  return {signer.group, std::move(key), std::move(row), certificate, scheme, std::move(dtbs)};
}

Fit fit_to_sign(Context& context, const SignerView& signer, const std::string& key,
                const Manifest& manifest, Time now) {
  if (manifest.one_shot || key == kOneShotKey) {
    check_one_shot_order(signer, key, manifest, now);
    return {signer.group, manifest.one_shot->scal, "", std::nullopt};
  }
  Prepared prepared = prepare(context, signer, key, manifest, nullptr, now);
  return {prepared.group, prepared.key.scal, prepared.row.serial, std::move(prepared)};
}

void check_again(Context& context, const std::string& signer, const Prepared& prepared, Time now) {
  check_signer(view_of(context, signer));
  const std::string what = "the key " + prepared.key.id + " may not sign";
  if (prepared.kept == Kept::in_store && !is_unchanged(context, signer, prepared.key))
    throw refusal("key-not-active", what, "it was changed in this moment");
  const auto row = store::find_certificate(context.database, prepared.row.serial);
  if (!row || !equal(row->der, prepared.row.der))
    throw refusal("certificate-missing", what, "its certificate was changed in this moment");
  if (const auto bad = objection(context, *row, now)) throw refusal(bad->reason, what, bad->why);
}

}  // namespace tsp::sam
