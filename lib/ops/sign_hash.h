// Signing a digest, of which nothing more is known. Errors as for documents.
#pragma once

#include "ops/sign_documents.h"

namespace tsp::ops {

// A raw signature value of a digest: nothing else leaves the machine.
struct SignedHash {
  Bytes signature;
  std::string algorithm;
  x509::Certificate certificate;
  std::int64_t audit_seq = 0;
};
struct SignHash {
  std::string user, key;  // key empty: the user's newest usable one
  crypto::HashAlgorithm hash{};
  Bytes digest;
};
SignedHash sign_hash(Backend& backend, const SignHash& request, const SignerPrompt& signer);
// Checks everything short of factors; for a backend that only tries.
void check_hash(Backend& backend, const SignHash& request, const std::function<Secret()>& pin);

Json to_json(const SignedHash& receipt);

}  // namespace tsp::ops
