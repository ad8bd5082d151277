#include "trust/strength.h"

#include <openssl/objects.h>

#include "base/error.h"
#include "crypto/suite.h"

namespace tsp::trust {
namespace {

using crypto::HashAlgorithm;
using crypto::Scheme;

std::optional<HashAlgorithm> hash_of_nid(int nid) {
  for (HashAlgorithm hash : {HashAlgorithm::sha1, HashAlgorithm::sha224, HashAlgorithm::sha256,
                             HashAlgorithm::sha384, HashAlgorithm::sha512})
    if (OBJ_txt2nid(std::string(crypto::oid_of(hash)).c_str()) == nid) return hash;
  return std::nullopt;
}

std::optional<Scheme> scheme_of_nid(int nid) {
  switch (nid) {
    case NID_rsaEncryption:
      return Scheme::rsa_pkcs1;
    case NID_rsassaPss:
      return Scheme::rsa_pss;
    case NID_X9_62_id_ecPublicKey:
      return Scheme::ecdsa;
    case NID_ED25519:
      return Scheme::ed25519;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> objection_to_signature(const x509::Certificate& certificate,
                                                  const crypto::PublicKey& key, Time at) {
  int hash_nid = NID_undef, key_nid = NID_undef;
  if (X509_get_signature_info(certificate.get(), &hash_nid, &key_nid, nullptr, nullptr) != 1)
    return "its signature algorithm is unknown";
  const auto scheme = scheme_of_nid(key_nid);
  const auto hash = scheme == Scheme::ed25519 ? HashAlgorithm::sha512 : hash_of_nid(hash_nid);
  if (!scheme || !hash) return "its signature algorithm is unknown";
  return crypto::objection(*scheme, *hash, key, at);
}

// Calls `judge` with the certificate's key; a key that cannot be read is an objection itself.
template <class Judge>
std::optional<std::string> with_key(const x509::Certificate& certificate, Judge judge) {
  try {
    return judge(certificate.public_key());
  } catch (const Error& error) {
    return error.why;
  }
}

}  // namespace

std::vector<PathFinding> weaknesses(const Chain& chain, Time at) {
  std::vector<PathFinding> out;
  const auto note = [&](std::size_t depth, const std::optional<std::string>& objection) {
    if (objection) out.push_back({kWeak, depth, chain[depth].subject() + ": " + *objection});
  };
  note(0, with_key(chain.front(),
                   [&](const crypto::PublicKey& key) { return crypto::objection(key, at); }));
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    note(i, with_key(chain[i + 1], [&](const crypto::PublicKey& key) {
           return objection_to_signature(chain[i], key, at);
         }));
  return out;
}

}  // namespace tsp::trust
