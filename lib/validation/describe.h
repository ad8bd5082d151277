// The report's words for what the processes found. Internal to the room.
#pragma once

#include "validation/document_stamps.h"
#include "validation/long_term.h"

namespace tsp::validation {

std::vector<ChainCertificate> describe_chain(
    const std::vector<x509::Certificate>& chain,
    const std::vector<std::optional<trust::RevocationVerdict>>& used, const Context& context);

TimestampResult describe_timestamp(const CoveringStamp& stamp, const Context& context);

// What the verdict rests on, and when it is proven to have existed.
std::vector<ProofOfExistence> describe_proofs(const SignatureResult& signature,
                                              const ObjectId& value, const Context& context);

// Until when what was signed so, with a certificate of that chain, can be judged as it is now, and
// what ends then: the first end of a certificate or an algorithm.
struct End {
  Time time = Time::max();
  std::string because;
};
End end_of(const cms::SignerInfo& signer, const std::vector<x509::Certificate>& chain,
           std::optional<crypto::HashAlgorithm> imprint, const Context& context);

}  // namespace tsp::validation
