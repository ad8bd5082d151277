// OpenSSL's own functions sign with a Signer; plain OpenSSL verifies with the certificate's key.
#include "signing.h"

using namespace tsp;
using namespace tsp::crypto;
using namespace tsp::test;

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
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
  TS_VERIFY_CTX_set0_store(check.get(), store);
#else
  TS_VERIFY_CTX_set_store(check.get(), store);
#endif
  TS_VERIFY_CTX_add_flags(check.get(), TS_VFY_SIGNATURE);
  CHECK(TS_RESP_verify_response(check.get(), response.get()) == 1);
}
