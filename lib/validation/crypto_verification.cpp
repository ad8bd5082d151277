#include "validation/crypto_verification.h"

#include <algorithm>

#include "ades/pades.h"
#include "crypto/digest.h"

namespace tsp::validation {

Digests::Digests(ByteView file, std::vector<pdf::ByteRange> ranges)
    : file_(file),
      ranges_(std::move(ranges)),
      left_(std::uint64_t{32} * file.size() + (std::uint64_t{1} << 30)) {
  std::erase_if(ranges_, [&](const pdf::ByteRange& each) { return !is_sound(each); });
  std::ranges::sort(ranges_, {}, &pdf::ByteRange::first_end);
}

bool Digests::is_sound(const pdf::ByteRange& range) const {
  return range.file_end <= file_.size() && range.second_begin <= range.file_end &&
         range.first_end <= range.second_begin;
}

bool Digests::spend(std::uint64_t octets) {
  if (octets > left_) return false;
  left_ -= octets;
  return true;
}

void Digests::hash_ranges(crypto::HashAlgorithm hash) {
  crypto::Hasher running(hash);
  std::uint64_t at = 0;
  for (const pdf::ByteRange& range : ranges_) {
    const std::uint64_t more = range.first_end - at, behind = range.file_end - range.second_begin;
    if (!spend(more + behind)) return;
    running.update(file_.subspan(at, more));
    at = range.first_end;
    known_[{range.first_end, range.second_begin, range.file_end, hash}] =
        running.fork().update(file_.subspan(range.second_begin, behind)).finish();
  }
}

const Bytes* Digests::of(const pdf::ByteRange& range, crypto::HashAlgorithm hash) {
  if (!is_sound(range)) return nullptr;
  if (hashed_.insert(hash).second) hash_ranges(hash);
  const Key key(range.first_end, range.second_begin, range.file_end, hash);
  auto found = known_.find(key);
  if (found == known_.end()) {
    if (!spend(range.first_end + range.file_end - range.second_begin)) return nullptr;
    found = known_.emplace(key, ades::digest_of(file_, range, hash)).first;
  }
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
                    "the signed octets are not all in the file, or too many to hash");
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
