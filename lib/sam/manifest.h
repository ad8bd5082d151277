// The manifest: what a signer approves. Per document its name, digests and the very signed
// attributes; the SAM recomputes the DTBS/R from them and signs nothing else
// (docs/formats/manifest.md).
#pragma once

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
  Bytes signed_attributes;  // DER, tag 0x31; empty: a bare digest, "content unknown"
  std::uint32_t pages = 0;  // as shown to the signer; 0: it has none, or they are not known
};

struct Manifest {
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256;
  std::vector<ManifestEntry> entries;
};

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
// attributes. A bare SHA-256 is itself; of another bare digest it cannot be known.
std::optional<Bytes> dtbs_sha256(const Manifest& manifest, std::size_t entry);
// Whether signed attributes name this certificate. Never throws for malformed ones.
bool refers_to(ByteView signed_attributes, ByteView certificate_der);

// The DTBS/R of each entry, in order: the digest of the signed attributes, or the content digest of
// a bare entry. Checks that each attribute set is well-formed, that its message-digest is the
// content digest and that its signing-certificate reference names `credential`.
// Error{policy_refused} names the entry; {bad_input} for malformed attributes, wrong lengths, names
// that would mislead, pages of a bare entry, no entries, more than 10 000, or one DTBS/R twice.
// Does NOT judge the hash algorithm's strength, except that SHA-1 may not name the certificate.
std::vector<Bytes> recompute_dtbs(const Manifest& manifest, const x509::Certificate& credential);

}  // namespace tsp::sam
