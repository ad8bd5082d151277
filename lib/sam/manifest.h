// The manifest: what a signer approves. Per document its name, digests and the very signed
// attributes; the SAM recomputes the DTBS/R from them and signs nothing else
// (docs/formats/manifest.md). Of a one-shot manifest the SAM makes the attributes itself, once
// there is a certificate for them to name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/algorithms.h"
#include "x509/certificate.h"

namespace tsp::sam {

struct ManifestEntry {
  std::string name;         // as shown to the signer: what base/text.h printable() leaves alone
  Bytes file_sha256;        // of the file as it was given; a bare digest may have none
  Bytes content_digest;     // of the signed content (a PDF's byte ranges), made with `hash`
  Bytes signed_attributes;  // DER, tag 0x31; empty: a bare digest, or of a one-shot manifest
  std::uint32_t pages = 0;  // as shown to the signer; 0: it has none, or they are not known
};

// The key and the certificate that are made for one approval alone (ETSI TS 119 431-1
// GEN-6.2.1-09), as they are shown to the signer and approved by him.
struct OneShot {
  std::string subject;        // of the certificate, RFC 4514 as x509::to_text() writes it
  std::string algorithm;      // of the key: "ecdsa-p256", …
  std::uint32_t seconds = 0;  // for which the certificate is valid at most, 1 to 86 400
  int scal = 1;
  friend bool operator==(const OneShot&, const OneShot&) = default;
};
// Where others name their key: no key has that id.
inline constexpr std::string_view kOneShotKey = "one-shot";

struct Manifest {
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256;
  std::vector<ManifestEntry> entries;
  std::optional<OneShot> one_shot{};
};

// Whether of this entry nothing is known but a digest.
inline bool is_bare(const Manifest& manifest, const ManifestEntry& entry) {
  return !manifest.one_shot && entry.signed_attributes.empty();
}

// Canonical octets, what manifest_hash() digests and a factor may be bound to.
Bytes encode(const Manifest& manifest);
// encode() read back, for whoever shows what is approved. Error{bad_input} for other octets, and
// for entries whose lengths or names recompute_dtbs() would refuse. Does NOT look into signed
// attributes.
Manifest decode_manifest(ByteView octets);
Bytes manifest_hash(const Manifest& manifest);  // SHA-256
// SHA-256 of one entry's canonical octets and the hash algorithm: what an approval lists and
// consumes, so that neither name nor file can be exchanged after it.
Bytes entry_hash(const Manifest& manifest, std::size_t entry);
// SHA-256 of the data to be signed, as audit records and receipts name it: of the signed
// attributes. A bare SHA-256 is itself; of another bare digest it cannot be known, nor of a
// one-shot manifest.
std::optional<Bytes> dtbs_sha256(const Manifest& manifest, std::size_t entry);
// Whether signed attributes name this certificate. Never throws for malformed ones.
bool refers_to(ByteView signed_attributes, ByteView certificate_der);

// The DTBS/R of each entry, in order: the digest of the signed attributes, or the content digest of
// a bare entry. Checks that each attribute set is well-formed, that its message-digest is the
// content digest and that its signing-certificate reference names `credential`.
// Error{policy_refused} names the entry; {bad_input} for malformed attributes, wrong lengths, names
// that would mislead, pages of a bare entry, no entries, more than 10 000, or one DTBS/R twice, and
// for a one-shot manifest.
// Does NOT judge the hash algorithm's strength, except that SHA-1 may not name the certificate.
std::vector<Bytes> recompute_dtbs(const Manifest& manifest, const x509::Certificate& credential);

// What recompute_dtbs() checks, of a one-shot manifest: as much as can be known before there is a
// certificate. Error{bad_input}.
void check_one_shot(const Manifest& manifest);
// The ordinary manifest that a one-shot manifest becomes: each entry with the signed attributes of
// EN 319 122-1 and nothing else: content-type id-data, message-digest its content digest,
// signing-certificate-v2.
Manifest with_attributes(const Manifest& one_shot, const x509::Certificate& credential);

}  // namespace tsp::sam
