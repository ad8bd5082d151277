// OpenSSL's own functions sign with a Signer; plain OpenSSL verifies with the certificate's key.
#include "crypto/signer.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <thread>

#include "base/error.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::crypto;
using test::shared_signer;
using test::SoftwareSigner;

namespace {

using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Release<&X509_CRL_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Release<&CMS_ContentInfo_free>>;
using BioPtr = std::unique_ptr<BIO, Release<&BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;
using OcspPtr = std::unique_ptr<OCSP_BASICRESP, Release<&OCSP_BASICRESP_free>>;
using MdPtr = std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>>;
using CtxPtr = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

// What OpenSSL queued, for INFO.
std::string errors() {
  const BioPtr out(BIO_new(BIO_s_mem()));
  ERR_print_errors(out.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

enum class Padding { pkcs1, pss };

// A digest context that signs with `key` and, for RSA, the padding.
MdPtr signing_context(EVP_PKEY* key, const EVP_MD* md, Padding padding) {
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
X509Ptr certificate_of(Signer& signer, Padding padding = Padding::pkcs1,
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

StorePtr trusting(X509* root) {
  StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root);
  X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
  return store;
}

BioPtr holding(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

struct Case {
  KeyAlgorithm key;
  Padding padding;
};

Case any_case() {
  return GENERATE(Case{KeyAlgorithm::ecdsa_p256, Padding::pkcs1},
                  Case{KeyAlgorithm::ecdsa_p384, Padding::pkcs1},
                  Case{KeyAlgorithm::ecdsa_p521, Padding::pkcs1},
                  Case{KeyAlgorithm::rsa_3072, Padding::pkcs1},
                  Case{KeyAlgorithm::rsa_3072, Padding::pss});
}

}  // namespace

TEST_CASE("a certificate signed by a Signer verifies and names the right algorithm") {
  const Case a = any_case();
  Signer& signer = shared_signer(a.key);
  const X509Ptr certificate = certificate_of(signer, a.padding);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())) == 1);
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate.get());
  unsigned char* der = nullptr;
  const int size = i2d_X509_ALGOR(algorithm, &der);
  const Scheme scheme =
      scheme_for(a.key, a.padding == Padding::pss ? Purpose::document : Purpose::infrastructure);
  CHECK(Bytes(der, der + size) == signature_identifier(scheme, HashAlgorithm::sha256));
  OPENSSL_free(der);
}

TEST_CASE("X509_sign takes the key without a context of its own") {
  Signer& signer = shared_signer(KeyAlgorithm::rsa_3072);
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate = certificate_of(signer);
  const X509Ptr copy(X509_dup(certificate.get()));
  REQUIRE(X509_sign(copy.get(), key.get(), EVP_sha384()) > 0);
  CHECK(X509_verify(copy.get(), X509_get0_pubkey(certificate.get())) == 1);
}

TEST_CASE("an Ed25519 Signer signs certificates too") {
  Signer& signer = shared_signer(KeyAlgorithm::ed25519);
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.public_key().get());
  REQUIRE(X509_sign(certificate.get(), key.get(), nullptr) > 0);
  CHECK(X509_verify(certificate.get(), signer.public_key().get()) == 1);
}

TEST_CASE("a CRL signed by a Signer verifies") {
  const Case a = any_case();
  Signer& signer = shared_signer(a.key);
  const X509Ptr issuer = certificate_of(signer);
  const CrlPtr crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.get()));
  const std::unique_ptr<ASN1_TIME, Release<&ASN1_TIME_free>> now(ASN1_TIME_set(nullptr, 1));
  X509_CRL_set1_lastUpdate(crl.get(), now.get());
  const EvpPkeyPtr key = evp_key_of(signer);
  const MdPtr context = signing_context(key.get(), EVP_sha256(), a.padding);
  REQUIRE(X509_CRL_sign_ctx(crl.get(), context.get()) > 0);
  CHECK(X509_CRL_verify(crl.get(), X509_get0_pubkey(issuer.get())) == 1);
}

TEST_CASE("an OCSP response signed by a Signer verifies") {
  const Case a = any_case();
  Signer& signer = shared_signer(a.key);
  const X509Ptr issuer = certificate_of(signer);
  const OcspPtr response(OCSP_BASICRESP_new());
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha256(), issuer.get(), issuer.get());
  const std::unique_ptr<ASN1_TIME, Release<&ASN1_TIME_free>> now(X509_gmtime_adj(nullptr, 0));
  OCSP_basic_add1_status(response.get(), id, V_OCSP_CERTSTATUS_GOOD, 0, nullptr, now.get(),
                         nullptr);
  OCSP_CERTID_free(id);
  const EvpPkeyPtr key = evp_key_of(signer);
  const MdPtr context = signing_context(key.get(), EVP_sha256(), a.padding);
  REQUIRE(OCSP_basic_sign_ctx(response.get(), issuer.get(), context.get(), nullptr, 0) == 1);
  CHECK(OCSP_basic_verify(response.get(), nullptr, trusting(issuer.get()).get(), 0) == 1);
}

TEST_CASE("CMS signed by a Signer verifies, with and without signed attributes") {
  const Case a = any_case();
  const auto flags = static_cast<unsigned>(GENERATE(0, CMS_CADES, CMS_NOATTR));
  Signer& signer = shared_signer(a.key);
  const X509Ptr certificate = certificate_of(signer);
  const EvpPkeyPtr key = evp_key_of(signer);
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL | CMS_BINARY));
  CMS_SignerInfo* info = CMS_add1_signer(cms.get(), certificate.get(), key.get(), EVP_sha256(),
                                         flags | CMS_PARTIAL | CMS_BINARY | CMS_KEY_PARAM);
  REQUIRE(info != nullptr);
  if (a.padding == Padding::pss)
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(info),
                                         RSA_PKCS1_PSS_PADDING) == 1);
  INFO("flags " << flags);
  REQUIRE(CMS_final(cms.get(), holding("a document").get(), nullptr, CMS_BINARY | flags) == 1);
  const StorePtr store = trusting(certificate.get());
  const BioPtr out(BIO_new(BIO_s_mem()));
  const bool verified =
      CMS_verify(cms.get(), nullptr, store.get(), nullptr, out.get(), CMS_BINARY) == 1;
  INFO(errors());
  CHECK(verified);
}

TEST_CASE("CMS read back verifies with the certificate's own key, and not when its text changed") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p384, KeyAlgorithm::rsa_3072));
  const X509Ptr certificate = certificate_of(signer);
  const EvpPkeyPtr key = evp_key_of(signer);
  const CmsPtr cms(CMS_sign(certificate.get(), key.get(), nullptr, holding("a document").get(),
                            CMS_BINARY | CMS_CADES | CMS_DETACHED));
  const BioPtr wire(BIO_new(BIO_s_mem()));
  REQUIRE(i2d_CMS_bio(wire.get(), cms.get()) == 1);
  const CmsPtr read(d2i_CMS_bio(wire.get(), nullptr));
  REQUIRE(read);
  const StorePtr store = trusting(certificate.get());
  const auto verifies = [&](std::string_view text) {
    return CMS_verify(read.get(), nullptr, store.get(), holding(text).get(), nullptr,
                      CMS_BINARY | CMS_CADES) == 1;
  };
  CHECK(verifies("a document"));
  CHECK_FALSE(verifies("A document"));
  ERR_clear_error();
}

TEST_CASE("CMS_sign in one call takes the key") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const X509Ptr certificate = certificate_of(signer);
  const EvpPkeyPtr key = evp_key_of(signer);
  const CmsPtr cms(CMS_sign(certificate.get(), key.get(), nullptr, holding("text").get(),
                            CMS_BINARY | CMS_CADES));
  REQUIRE(cms);
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(CMS_verify(cms.get(), nullptr, trusting(certificate.get()).get(), nullptr, out.get(),
                   CMS_BINARY) == 1);
}

TEST_CASE("a time-stamp token signed by a Signer verifies") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const X509Ptr certificate = certificate_of(signer, Padding::pkcs1, "critical,timeStamping");
  const EvpPkeyPtr key = evp_key_of(signer);
  const Bytes imprint = sha256(as_bytes("a document"));

  const std::unique_ptr<TS_REQ, Release<&TS_REQ_free>> request(TS_REQ_new());
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_cert_req(request.get(), 1);
  const std::unique_ptr<TS_MSG_IMPRINT, Release<&TS_MSG_IMPRINT_free>> message(
      TS_MSG_IMPRINT_new());
  const std::unique_ptr<X509_ALGOR, Release<&X509_ALGOR_free>> algorithm(X509_ALGOR_new());
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get());
  Bytes copy = imprint;
  TS_MSG_IMPRINT_set_msg(message.get(), copy.data(), static_cast<int>(copy.size()));
  TS_REQ_set_msg_imprint(request.get(), message.get());
  const BioPtr asked(BIO_new(BIO_s_mem()));
  i2d_TS_REQ_bio(asked.get(), request.get());

  const std::unique_ptr<TS_RESP_CTX, Release<&TS_RESP_CTX_free>> authority(TS_RESP_CTX_new());
  REQUIRE(TS_RESP_CTX_set_signer_cert(authority.get(), certificate.get()) == 1);
  REQUIRE(TS_RESP_CTX_set_signer_key(authority.get(), key.get()) == 1);
  TS_RESP_CTX_set_signer_digest(authority.get(), EVP_sha256());
  TS_RESP_CTX_set_ess_cert_id_digest(authority.get(), EVP_sha256());
  TS_RESP_CTX_add_md(authority.get(), EVP_sha256());
  const std::unique_ptr<ASN1_OBJECT, Release<&ASN1_OBJECT_free>> policy(OBJ_txt2obj("1.2.3.4", 1));
  TS_RESP_CTX_set_def_policy(authority.get(), policy.get());
  const std::unique_ptr<TS_RESP, Release<&TS_RESP_free>> response(
      TS_RESP_create_response(authority.get(), asked.get()));
  REQUIRE(response);

  const std::unique_ptr<TS_VERIFY_CTX, Release<&TS_VERIFY_CTX_free>> check(TS_VERIFY_CTX_new());
  REQUIRE(TS_REQ_to_TS_VERIFY_CTX(request.get(), check.get()) != nullptr);
  X509_STORE* store = trusting(certificate.get()).release();
  TS_VERIFY_CTX_set_store(check.get(), store);
  TS_VERIFY_CTX_add_flags(check.get(), TS_VFY_SIGNATURE);
  CHECK(TS_RESP_verify_response(check.get(), response.get()) == 1);
}

TEST_CASE("the key belongs to its certificate and to no other, before and after signing") {
  const auto [algorithm, other] =
      GENERATE(std::pair{KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384},
               std::pair{KeyAlgorithm::rsa_3072, KeyAlgorithm::rsa_4096});
  Signer& signer = shared_signer(algorithm);
  const X509Ptr certificate = certificate_of(signer);
  const EvpPkeyPtr key = evp_key_of(signer), again = evp_key_of(signer);
  CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
  const X509Ptr copy(X509_dup(certificate.get()));
  CHECK(X509_sign(copy.get(), key.get(), EVP_sha256()) > 0);
  CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), again.get()) == 1);
  CHECK(EVP_PKEY_eq(signer.public_key().get(), key.get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), signer.public_key().get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), shared_signer(other).public_key().get()) != 1);
  SoftwareSigner stranger(KeyAlgorithm::ecdsa_p256);
  CHECK(X509_check_private_key(certificate.get(), evp_key_of(stranger).get()) != 1);
  ERR_clear_error();
}

TEST_CASE("the key answers for its public half and gives nothing private away") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const EvpPkeyPtr key = evp_key_of(signer);
  CHECK(PublicKey::of(key.get()).spki() == signer.public_key().spki());
  CHECK(EVP_PKEY_get_bits(key.get()) == signer.public_key().bits());
  CHECK(EVP_PKEY_get_size(key.get()) == EVP_PKEY_get_size(signer.public_key().get()));
  CHECK(EVP_PKEY_get_id(key.get()) == EVP_PKEY_get_id(signer.public_key().get()));
  OSSL_PARAM* values = nullptr;
  CHECK(EVP_PKEY_todata(key.get(), EVP_PKEY_KEYPAIR, &values) != 1);
  CHECK(EVP_PKEY_todata(key.get(), EVP_PKEY_PUBLIC_KEY, &values) == 1);
  OSSL_PARAM_free(values);
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(i2d_PrivateKey_bio(out.get(), key.get()) != 1);
  ERR_clear_error();
}

TEST_CASE("a certificate request takes the key as its own") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const EvpPkeyPtr key = evp_key_of(signer);
  const std::unique_ptr<X509_REQ, Release<&X509_REQ_free>> request(X509_REQ_new());
  REQUIRE(X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  REQUIRE(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
  CHECK(X509_REQ_verify(request.get(), signer.public_key().get()) == 1);
}

TEST_CASE("keys of the default provider still sign by themselves beside ours") {
  auto& signer = shared_signer(KeyAlgorithm::ecdsa_p256);
  const EvpPkeyPtr ours = evp_key_of(signer);
  const int asked = signer.asked;
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.key());
  CHECK(X509_sign(certificate.get(), signer.key(), EVP_sha256()) > 0);
  CHECK(signer.asked == asked);
}

TEST_CASE("what the Signer throws comes back, once, and OpenSSL only sees a failure") {
  SoftwareSigner signer(KeyAlgorithm::ecdsa_p256);
  signer.before = [] { throw Error(Fault::hsm_unavailable, "the HSM is gone"); };
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.public_key().get());
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0);
  CHECK_THROWS_WITH(rethrow_signer_error(), ContainsSubstring("the HSM is gone"));
  CHECK_NOTHROW(rethrow_signer_error());
  ERR_clear_error();
}

TEST_CASE("a signer's error stays on its thread and a success forgets it") {
  SoftwareSigner signer(KeyAlgorithm::ecdsa_p256);
  signer.before = [] { throw std::runtime_error("not an Error of ours"); };
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.public_key().get());
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0);
  std::thread([] { CHECK_NOTHROW(rethrow_signer_error()); }).join();
  signer.before = nullptr;
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  CHECK_NOTHROW(rethrow_signer_error());
  ERR_clear_error();
}

TEST_CASE("PSS with another salt or mask than the hash's is refused, not silently changed") {
  Signer& signer = shared_signer(KeyAlgorithm::rsa_3072);
  const EvpPkeyPtr key = evp_key_of(signer);
  EVP_PKEY_CTX* parameters = nullptr;
  const MdPtr context(EVP_MD_CTX_new());
  REQUIRE(EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key.get()) == 1);
  REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
  const auto signs = [&] {
    Bytes out(512);
    std::size_t size = out.size();
    const MdPtr copy(EVP_MD_CTX_new());
    return EVP_MD_CTX_copy_ex(copy.get(), context.get()) == 1 &&
           EVP_DigestSignUpdate(copy.get(), "x", 1) == 1 &&
           EVP_DigestSignFinal(copy.get(), out.data(), &size) == 1;
  };
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1);
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 20) == 1);
  CHECK_FALSE(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_MAX) != 1);
  CHECK(EVP_PKEY_CTX_ctrl_str(parameters, "rsa_pss_saltlen", "digest") == 1);
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_ctrl_str(parameters, "rsa_padding_mode", "none") != 1);
  CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha1()) == 1);
  CHECK_FALSE(signs());
  ERR_clear_error();
}

TEST_CASE("a digest computed elsewhere is signed when its length fits the hash") {
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072);
  Signer& signer = shared_signer(algorithm);
  const EvpPkeyPtr key = evp_key_of(signer);
  const CtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  const Bytes digest = sha256(as_bytes("a document"));
  std::size_t size = 0;
  REQUIRE(EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) == 1);
  Bytes value(size);
  REQUIRE(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), digest.size()) == 1);
  value.resize(size);
  const Scheme scheme = scheme_for(algorithm, Purpose::infrastructure);
  CHECK(signer.public_key().verify(scheme, HashAlgorithm::sha256, digest, value));
  CHECK(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), 20) != 1);
  size = 10;
  CHECK(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), digest.size()) != 1);
  ERR_clear_error();
}

TEST_CASE("keys that only sign PSS, or other things, are refused") {
  SoftwareSigner signer(EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")));
  CHECK_THROWS_AS(evp_key_of(signer), Error);
}
