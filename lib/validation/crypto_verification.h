// EN 319 102-1, 5.2.7, cryptographic verification: the digest of the signed data against the
// message-digest attribute, then the signature value with the key of the signing certificate.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "cms/signed_data.h"
#include "pdf/document.h"
#include "validation/conclusion.h"

namespace tsp::validation {

inline constexpr std::string_view kHashDiffers = "crypto.hash-differs",
                                  kSignatureWrong = "crypto.signature-wrong",
                                  kAlgorithmUnknown = "crypto.algorithm-unknown",
                                  kDataNotFound = "crypto.signed-data-not-found";

// Digests of a mapped file's stretches, each computed once however many ask. Those of the ranges
// that are named beforehand come out of one pass over the file for each algorithm: the revisions of
// a document begin alike.
class Digests {
 public:
  explicit Digests(ByteView file, std::vector<pdf::ByteRange> ranges = {});
  // Nothing when the range reaches beyond the end, or when so much was hashed for this file
  // (32 times its size and 1 GiB) that somebody has made it to keep us busy.
  const Bytes* of(const pdf::ByteRange& range, crypto::HashAlgorithm hash);

 private:
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, crypto::HashAlgorithm>;
  void hash_ranges(crypto::HashAlgorithm hash);
  bool is_sound(const pdf::ByteRange& range) const;
  bool spend(std::uint64_t octets);
  ByteView file_;
  std::vector<pdf::ByteRange> ranges_;  // by their first stretches
  std::set<crypto::HashAlgorithm> hashed_;
  std::uint64_t left_;
  std::map<Key, Bytes> known_;
};

// passed, SIGNED_DATA_NOT_FOUND, HASH_FAILURE, SIG_CRYPTO_FAILURE, or CRYPTO_CONSTRAINTS_FAILURE
// for an algorithm that nobody here can compute.
Conclusion verify_cryptographically(const cms::SignerInfo& signer,
                                    const x509::Certificate& certificate,
                                    const pdf::ByteRange& range, Digests& digests);

}  // namespace tsp::validation
