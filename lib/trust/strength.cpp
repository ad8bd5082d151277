#include "trust/strength.h"

#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

#include "base/error.h"
#include "base/release.h"

namespace tsp::trust {
namespace {

using crypto::HashAlgorithm;
using crypto::Scheme;

using PssPtr = std::unique_ptr<RSA_PSS_PARAMS, Release<&RSA_PSS_PARAMS_free>>;

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

// RFC 4055 section 3.1: the hash of RSASSA-PSS-params, SHA-1 where it is left out.
std::optional<HashAlgorithm> hash_of_pss(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return std::nullopt;
  const PssPtr parameters(static_cast<RSA_PSS_PARAMS*>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (!parameters) return std::nullopt;
  if (parameters->hashAlgorithm == nullptr) return HashAlgorithm::sha1;
  X509_ALGOR_get0(&object, nullptr, nullptr, parameters->hashAlgorithm);
  return hash_of_nid(OBJ_obj2nid(object));
}

Algorithms read(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  int hash_nid = NID_undef, key_nid = NID_undef;
  if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash_nid, &key_nid) != 1) return {};
  Algorithms out{scheme_of_nid(key_nid), hash_of_nid(hash_nid)};
  if (out.scheme == Scheme::rsa_pss) out.hash = hash_of_pss(algorithm);
  if (out.scheme == Scheme::ed25519) out.hash = HashAlgorithm::sha512;
  return out;
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

Algorithms algorithms_of(const x509::Certificate& certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate.get());
  return read(algorithm);
}

Algorithms algorithms_of(const x509::Crl& crl) {
  return read(crl.signature_algorithm());
}

Algorithms algorithms_of(const x509::OcspResponse& response) {
  return read(response.signature_algorithm());
}

std::optional<std::string> objection(const Algorithms& algorithms, const x509::Certificate& signer,
                                     Time at, const crypto::Suite& suite) {
  if (!algorithms.scheme || !algorithms.hash) return "its signature algorithm is unknown";
  return with_key(signer, [&](const crypto::PublicKey& key) {
    return suite.objection(*algorithms.scheme, *algorithms.hash, key, at);
  });
}

std::optional<Time> last_moment(const Algorithms& algorithms, const x509::Certificate& signer,
                                const crypto::Suite& suite) {
  if (!algorithms.scheme || !algorithms.hash) return std::nullopt;
  try {
    return suite.last_moment(*algorithms.scheme, *algorithms.hash, signer.public_key());
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<PathFinding> weaknesses(const Chain& chain, Time at, const crypto::Suite& suite) {
  std::vector<PathFinding> out;
  const auto note = [&](std::size_t depth, const std::optional<std::string>& objection) {
    if (objection) out.push_back({kWeak, depth, chain[depth].subject() + ": " + *objection});
  };
  note(0, with_key(chain.front(),
                   [&](const crypto::PublicKey& key) { return suite.objection(key, at); }));
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    note(i, objection(algorithms_of(chain[i]), chain[i + 1], at, suite));
  return out;
}

}  // namespace tsp::trust
