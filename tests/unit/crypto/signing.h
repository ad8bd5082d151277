// What the tests of evp_key_of() share: certificates made with a Signer, and OpenSSL's types.
#pragma once

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/signer.h"
#include "support/catch.h"
#include "support/software_signer.h"

namespace tsp::test {

using namespace crypto;

using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Release<&X509_CRL_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Release<&CMS_ContentInfo_free>>;
using BioPtr = std::unique_ptr<BIO, Release<&BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;
using OcspPtr = std::unique_ptr<OCSP_BASICRESP, Release<&OCSP_BASICRESP_free>>;
using MdPtr = std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>>;
using CtxPtr = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

// What OpenSSL queued, for INFO.
inline std::string errors() {
  const BioPtr out(BIO_new(BIO_s_mem()));
  ERR_print_errors(out.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

enum class Padding { pkcs1, pss };

// A digest context that signs with `key` and, for RSA, the padding.
inline MdPtr signing_context(EVP_PKEY* key, const EVP_MD* md, Padding padding) {
  MdPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  REQUIRE(EVP_DigestSignInit(context.get(), &parameters, md, nullptr, key) == 1);
  if (padding == Padding::pss) {
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  return context;
}

// Self-made, parsed from DER in the default context as every certificate is.
inline X509Ptr certificate_of(Signer& signer, Padding padding = Padding::pkcs1,
                              const char* usage = "emailProtection,OCSPSigning") {
  X509Ptr made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), signer.public_key().get());
  X509_NAME* name = X509_get_subject_name(made.get());
  const auto* cn = reinterpret_cast<const unsigned char*>("TEST signer");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, cn, -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  for (auto [nid, value] : {std::pair{NID_basic_constraints, "critical,CA:TRUE"},
                            std::pair{NID_ext_key_usage, usage}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  const EvpPkeyPtr key = evp_key_of(signer);
  const MdPtr context = signing_context(key.get(), EVP_sha256(), padding);
  REQUIRE(X509_sign_ctx(made.get(), context.get()) > 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(made.get(), &der);
  REQUIRE(size > 0);
  const unsigned char* at = der;
  X509Ptr parsed(d2i_X509(nullptr, &at, size));
  OPENSSL_free(der);
  REQUIRE(parsed);
  return parsed;
}

inline StorePtr trusting(X509* root) {
  StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root);
  X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
  return store;
}

inline BioPtr holding(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

struct Case {
  KeyAlgorithm key;
  Padding padding;
};

inline Case any_case() {
  return GENERATE(Case{KeyAlgorithm::ecdsa_p256, Padding::pkcs1},
                  Case{KeyAlgorithm::ecdsa_p384, Padding::pkcs1},
                  Case{KeyAlgorithm::ecdsa_p521, Padding::pkcs1},
                  Case{KeyAlgorithm::rsa_3072, Padding::pkcs1},
                  Case{KeyAlgorithm::rsa_3072, Padding::pss});
}

}  // namespace tsp::test
