#include "support/revocation.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "support/openssl.h"

namespace tsp::test {
namespace {

using CrlPtr = std::unique_ptr<X509_CRL, Release<&X509_CRL_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Release<&ASN1_TIME_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Release<&OCSP_BASICRESP_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Release<&OCSP_RESPONSE_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, Release<&OCSP_CERTID_free>>;

// UTCTime or GeneralizedTime, as the year asks.
TimePtr time_of(const std::string& text) {
  TimePtr out(ASN1_TIME_new());
  expect(ASN1_TIME_set_string_X509(out.get(), text.c_str()) == 1, "time");
  return out;
}
TimePtr generalized(const std::string& text) {
  TimePtr out(ASN1_GENERALIZEDTIME_new());
  expect(ASN1_GENERALIZEDTIME_set_string(out.get(), text.c_str()) == 1, "time");
  return out;
}

ExtensionPtr raw_extension(const char* oid, bool critical, const Bytes& value) {
  const std::unique_ptr<ASN1_OBJECT, Release<&ASN1_OBJECT_free>> object(OBJ_txt2obj(oid, 1));
  const std::unique_ptr<ASN1_OCTET_STRING, Release<&ASN1_OCTET_STRING_free>> octets(
      ASN1_OCTET_STRING_new());
  expect(ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) == 1,
         "extension");
  return ExtensionPtr(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, octets.get()));
}

void add_entries(X509_CRL* crl, const std::vector<CrlEntry>& entries) {
  for (const CrlEntry& entry : entries) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    expect(X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(entry.certificate.get())) ==
                   1 &&
               X509_REVOKED_set_revocationDate(revoked, time_of(entry.date).get()) == 1,
           "entry");
    if (entry.reason >= 0) {
      const std::unique_ptr<ASN1_ENUMERATED, Release<&ASN1_ENUMERATED_free>> reason(
          ASN1_ENUMERATED_new());
      ASN1_ENUMERATED_set(reason.get(), entry.reason);
      expect(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason.get(), 0, 0) == 1, "reason");
    }
    expect(X509_CRL_add0_revoked(crl, revoked) == 1, "entry");
  }
}

void add_extensions(X509_CRL* crl, const Holder& signer, const Extensions& extensions) {
  const ConfigurationPtr configuration(NCONF_new(nullptr));
  for (const auto& [name, value] : extensions) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.certificate().get(), nullptr, nullptr, crl, 0);
    X509V3_set_nconf(&context, configuration.get());
    const ExtensionPtr extension(
        X509V3_EXT_nconf(configuration.get(), &context, name.c_str(), value.c_str()));
    expect(extension && X509_CRL_add_ext(crl, extension.get(), -1) == 1, name);
  }
}

}  // namespace

x509::Crl make_crl(const Holder& signer, const CrlContent& content) {
  const CrlPtr crl(X509_CRL_new());
  expect(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
             X509_CRL_set_issuer_name(crl.get(),
                                      X509_get_subject_name(signer.certificate().get())) == 1 &&
             X509_CRL_set1_lastUpdate(crl.get(), time_of(content.this_update).get()) == 1,
         "fields");
  if (!content.next_update.empty())
    expect(X509_CRL_set1_nextUpdate(crl.get(), time_of(content.next_update).get()) == 1, "fields");
  add_entries(crl.get(), content.entries);
  Extensions extensions = content.extensions;
  extensions.emplace_back("authorityKeyIdentifier", "keyid:always");
  add_extensions(crl.get(), signer, extensions);
  if (!content.expired_certs_since.empty()) {
    Bytes value{0x18, static_cast<std::uint8_t>(content.expired_certs_since.size())};
    append(value, as_bytes(content.expired_certs_since));
    expect(X509_CRL_add_ext(crl.get(), raw_extension("2.5.29.60", false, value).get(), -1) == 1,
           "ExpiredCertsOnCRL");
  }
  expect(X509_CRL_sort(crl.get()) == 1 &&
             X509_CRL_sign(crl.get(), signer.key().key(), EVP_sha256()) > 0,
         "signature");
  std::uint8_t* der = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &der);
  expect(size > 0, "encoding");
  const Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return x509::Crl::from_der(bytes);
}

x509::OcspResponse make_ocsp(const Holder& responder, const x509::Certificate& certificate,
                             const x509::Certificate& issuer, const OcspContent& content) {
  const BasicPtr basic(OCSP_BASICRESP_new());
  const IdPtr id(OCSP_cert_to_id(EVP_sha1(), certificate.get(), issuer.get()));
  const TimePtr next = content.next_update.empty() ? TimePtr() : generalized(content.next_update);
  const bool revoked = content.status == x509::CertStatus::revoked;
  const int status = revoked                                    ? V_OCSP_CERTSTATUS_REVOKED
                     : content.status == x509::CertStatus::good ? V_OCSP_CERTSTATUS_GOOD
                                                                : V_OCSP_CERTSTATUS_UNKNOWN;
  OCSP_SINGLERESP* single =
      OCSP_basic_add1_status(basic.get(), id.get(), status, content.reason,
                             revoked ? generalized(content.revoked_at).get() : nullptr,
                             generalized(content.this_update).get(), next.get());
  expect(single != nullptr, "status");
  if (!content.archive_cutoff.empty())
    expect(OCSP_SINGLERESP_add1_ext_i2d(single, NID_id_pkix_OCSP_archiveCutoff,
                                        generalized(content.archive_cutoff).get(), 0, 0) == 1,
           "ArchiveCutOff");
  if (content.critical_extension)
    expect(OCSP_SINGLERESP_add_ext(single, raw_extension("1.2.3.4", true, {0x05, 0x00}).get(),
                                   -1) == 1,
           "extension");
  if (content.nonce) {
    Bytes nonce = *content.nonce;
    expect(OCSP_basic_add1_nonce(basic.get(), nonce.data(), static_cast<int>(nonce.size())) == 1,
           "nonce");
  }
  // OpenSSL writes its own producedAt; ours replaces it before the signature is made again.
  expect(OCSP_basic_sign(basic.get(), responder.certificate().get(), responder.key().key(),
                         EVP_sha256(), nullptr, 0) == 1,
         "signature");
  auto* produced_at = const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic.get()));
  expect(ASN1_GENERALIZEDTIME_set_string(produced_at, content.produced_at.c_str()) == 1,
         "producedAt");
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  expect(EVP_DigestSignInit(digest, nullptr, EVP_sha256(), nullptr, responder.key().key()) == 1 &&
             OCSP_basic_sign_ctx(basic.get(), responder.certificate().get(), digest, nullptr,
                                 OCSP_NOTIME | OCSP_NOCERTS) == 1,
         "signature");
  EVP_MD_CTX_free(digest);
  const ResponsePtr response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  std::uint8_t* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response.get(), &der);
  expect(size > 0, "encoding");
  const Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return x509::OcspResponse::from_der(bytes);
}

}  // namespace tsp::test
