// PAdES (EN 319 142-1): prepare, close, read. The private key is elsewhere: prepare() gives the
// signed attributes, the caller has them signed, close() builds the CMS and fills the hole.
#pragma once

#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "pdf/revision.h"

namespace tsp::ades {

struct PreparedPdf {
  pdf::PreparedRevision revision;
  crypto::HashAlgorithm hash;
  Bytes file_sha256;        // of the original file
  Bytes content_digest;     // over the byte ranges, made with `hash`
  Bytes signed_attributes;  // its digest is the DTBS/R; empty until the signer is named
};

// Plans the revision, hashes original and revision in one pass (the file's SHA-256 and the content
// digest together), builds the signed attributes for `signer`. `order.contents_size` 0: sized from
// the parts that will be embedded (certificates, a token of up to 12 KiB where `with_timestamp`).
// `preparation` is of the same file.
PreparedPdf prepare_pdf(pdf::Preparation preparation, const Fd& file, const std::string& name,
                        pdf::SignatureOrder order, crypto::HashAlgorithm hash,
                        const x509::Certificate& signer,
                        const std::vector<x509::Certificate>& chain, bool with_timestamp);

// The same in two steps, for a signer whose certificate is made between them. The room is sized for
// a key of this algorithm and a certificate issued by chain.front(), whose length nobody knows yet:
// generously, with 4 KiB for it besides an issuer's name as long as that certificate.
struct FutureSigner {
  crypto::KeyAlgorithm algorithm;
  const std::vector<x509::Certificate>& chain;
};
PreparedPdf prepare_pdf(pdf::Preparation preparation, const Fd& file, const std::string& name,
                        pdf::SignatureOrder order, crypto::HashAlgorithm hash,
                        const FutureSigner& signer, bool with_timestamp);
void name_signer(PreparedPdf& pdf, const x509::Certificate& signer);

// What was prepared earlier and kept elsewhere, held against the file: the same octets, the same
// digests, a sound revision. Error{bad_input} where the file has changed since. Signed attributes
// are NOT looked at.
void check_prepared(const Fd& file, const std::string& name, PreparedPdf& pdf);

// Builds the CMS around the signature value (and the token), verifies it in software, and fills the
// hole. Error{failed} when the signature does not verify: nothing must be written then.
void close_pdf(PreparedPdf& pdf, const x509::Certificate& signer,
               const std::vector<x509::Certificate>& chain, crypto::Scheme scheme,
               ByteView signature, const std::optional<Bytes>& timestamp_token);

// Whether the hole has room for the CMS that close_pdf() would make. Where it has none with a
// time-stamp, a document time-stamp over the signature serves as well (EN 319 142-1, 6.3 B-T).
bool fits(const PreparedPdf& pdf, const x509::Certificate& signer,
          const std::vector<x509::Certificate>& chain, crypto::Scheme scheme, ByteView signature,
          const std::optional<Bytes>& timestamp_token);

// A document time-stamp, ISO 32000-2 12.8.5, EN 319 142-1 5.4.3: a revision with a field of type
// DocTimeStamp whose /Contents is the RFC 3161 token over everything else.
struct PreparedTimestamp {
  pdf::PreparedRevision revision;
  crypto::HashAlgorithm hash{};
  Bytes imprint;  // over the byte ranges, made with `hash`
};
// What is to be planned: a time-stamp with room for `contents_size` octets.
pdf::SignatureOrder timestamp_order(std::size_t contents_size);
// With a revision that was planned so. `original` has been fed with all that precedes the revision,
// by `hash`.
PreparedTimestamp prepare_timestamp(pdf::PreparedRevision revision, crypto::HashAlgorithm hash,
                                    crypto::Hasher original);
// Fills the hole; false, and nothing done, where it is too small. Error{failed} for a token of
// something else.
bool close_timestamp(PreparedTimestamp& timestamp, ByteView token);

// Writes original and revision to a descriptor, the original copied by the kernel where it can.
void write_pdf(const Fd& original, const PreparedPdf& pdf, int out, const std::string& name);

// The digest of the signed stretches of a signature in a mapped file.
Bytes digest_of(ByteView file, const pdf::ByteRange& range, crypto::HashAlgorithm hash);

// B-B, B-T, B-LT, B-LTA or none: what a signature has grown into, computed from what is there
// (standards.md 4.2). `why_not_more` says what the next level lacks.
struct Level {
  std::string name;  // "B-T", or "none"
  std::string why_not_more;
};
Level level_of(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
               const cms::SignedData& data);
// The same with those time-stamps only that the caller, who has judged them, lets count: whether
// some time-stamp of the signature itself does, and which document time-stamps.
struct Counting {
  bool of_signature = false;
  std::vector<const pdf::SignatureEntry*> of_document;  // into document.signatures
};
Level level_of(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
               const cms::SignedData& data, const Counting& counting);

}  // namespace tsp::ades
