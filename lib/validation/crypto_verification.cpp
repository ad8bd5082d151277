#include "validation/crypto_verification.h"

#include "ades/pades.h"

namespace tsp::validation {

const Bytes* Digests::of(const pdf::ByteRange& range, crypto::HashAlgorithm hash) {
  if (range.file_end > file_.size() || range.second_begin > range.file_end ||
      range.first_end > range.second_begin)
    return nullptr;
  const std::tuple key(range.first_end, range.second_begin, range.file_end, hash);
  auto found = known_.find(key);
  if (found == known_.end()) found = known_.emplace(key, ades::digest_of(file_, range, hash)).first;
  return &found->second;
}

Conclusion verify_cryptographically(const cms::SignerInfo& signer,
                                    const x509::Certificate& certificate,
                                    const pdf::ByteRange& range, Digests& digests) {
  if (!signer.hash || !signer.scheme)
    return conclude(Sub::crypto_constraints_failure, kAlgorithmUnknown,
                    "the algorithms of the signature are unknown or contradict each other (" +
                        signer.signature_algorithm_oid + ")");
  const Bytes* digest = digests.of(range, *signer.hash);
  if (digest == nullptr)
    return conclude(Sub::signed_data_not_found, kDataNotFound,
                    "the signed octets are not all in the file");
  switch (cms::verify(signer, certificate, *digest)) {
    case cms::Crypto::ok:
      return passed();
    case cms::Crypto::digest_differs:
      return conclude(Sub::hash_failure, kHashDiffers,
                      "the document is not the one that was signed: its digest differs");
    case cms::Crypto::signature_wrong:
      return conclude(Sub::sig_crypto_failure, kSignatureWrong,
                      "the signature value does not verify with the signing certificate's key");
    case cms::Crypto::unsupported:
      break;
  }
  return conclude(Sub::crypto_constraints_failure, kAlgorithmUnknown,
                  "the algorithms of the signature do not fit the key of the certificate");
}

}  // namespace tsp::validation
