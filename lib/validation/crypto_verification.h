// EN 319 102-1, 5.2.7, cryptographic verification: the digest of the signed data against the
// message-digest attribute, then the signature value with the key of the signing certificate.
#pragma once

#include <functional>
#include <map>

#include "cms/signed_data.h"
#include "pdf/document.h"
#include "validation/conclusion.h"

namespace tsp::validation {

inline constexpr std::string_view kHashDiffers = "crypto.hash-differs",
                                  kSignatureWrong = "crypto.signature-wrong",
                                  kAlgorithmUnknown = "crypto.algorithm-unknown",
                                  kDataNotFound = "crypto.signed-data-not-found";

// Digests of a mapped file's stretches, each computed once however many ask.
class Digests {
 public:
  explicit Digests(ByteView file) : file_(file) {}
  // Nothing when the range reaches beyond the end.
  const Bytes* of(const pdf::ByteRange& range, crypto::HashAlgorithm hash);

 private:
  ByteView file_;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, crypto::HashAlgorithm>, Bytes>
      known_;
};

// passed, SIGNED_DATA_NOT_FOUND, HASH_FAILURE, SIG_CRYPTO_FAILURE, or CRYPTO_CONSTRAINTS_FAILURE
// for an algorithm that nobody here can compute.
Conclusion verify_cryptographically(const cms::SignerInfo& signer,
                                    const x509::Certificate& certificate,
                                    const pdf::ByteRange& range, Digests& digests);

}  // namespace tsp::validation
