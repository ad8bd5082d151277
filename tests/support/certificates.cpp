#include "support/certificates.h"

#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/secret.h"
#include "support/openssl.h"

namespace tsp::test {
namespace {

using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Release<&BN_free>>;

void set_name(X509_NAME* name, const std::string& common_name) {
  const auto add = [&](const char* field, const std::string& value) {
    expect(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1,
           "name");
  };
  add("C", "DE");
  add("O", "TEST");
  add("CN", common_name);
}

void set_serial(X509* certificate, const std::optional<Bytes>& serial) {
  Bytes magnitude = serial ? *serial : random_bytes(16);
  if (!serial) magnitude.front() = (magnitude.front() & 0x3f) | 0x40;
  const NumberPtr number(BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr));
  expect(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "serial");
}

X509Ptr build(const CertificateOrder& order, const SoftwareSigner& key, X509* issuer,
              EVP_PKEY* issuer_key) {
  X509Ptr out(X509_new());
  X509* subject_certificate = out.get();
  if (issuer == nullptr) issuer = subject_certificate;
  expect(X509_set_version(subject_certificate, X509_VERSION_3) == 1, "version");
  set_serial(subject_certificate, order.serial);
  set_name(X509_get_subject_name(subject_certificate), order.common_name);
  expect(X509_set_issuer_name(subject_certificate, X509_get_subject_name(issuer)) == 1 &&
             ASN1_TIME_set_string_X509(X509_getm_notBefore(subject_certificate),
                                       order.not_before.c_str()) == 1 &&
             ASN1_TIME_set_string_X509(X509_getm_notAfter(subject_certificate),
                                       order.not_after.c_str()) == 1 &&
             X509_set_pubkey(subject_certificate, key.key()) == 1,
         "fields");
  const ConfigurationPtr configuration(NCONF_new(nullptr));
  for (const auto& [name, value] : order.extensions) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, subject_certificate, nullptr, nullptr, 0);
    X509V3_set_nconf(&context, configuration.get());
    const ExtensionPtr extension(
        X509V3_EXT_nconf(configuration.get(), &context, name.c_str(), value.c_str()));
    expect(extension != nullptr && X509_add_ext(subject_certificate, extension.get(), -1) == 1,
           name);
  }
  const bool digests = EVP_PKEY_is_a(issuer_key, "ED25519") == 0;
  expect(X509_sign(subject_certificate, issuer_key,
                   digests ? EVP_get_digestbyname(order.hash) : nullptr) > 0,
         "signature");
  return out;
}

}  // namespace

Extensions ca_extensions() {
  return {{"basicConstraints", "critical,CA:TRUE"},
          {"keyUsage", "critical,keyCertSign,cRLSign"},
          {"subjectKeyIdentifier", "hash"},
          {"authorityKeyIdentifier", "keyid"}};
}

Extensions signer_extensions() {
  return {{"keyUsage", "critical,nonRepudiation"},
          {"subjectKeyIdentifier", "hash"},
          {"authorityKeyIdentifier", "keyid"}};
}

Extensions tsu_extensions() {
  return {{"keyUsage", "critical,digitalSignature"},
          {"extendedKeyUsage", "critical,timeStamping"},
          {"subjectKeyIdentifier", "hash"},
          {"authorityKeyIdentifier", "keyid"}};
}

Extensions ocsp_extensions() {
  return {{"keyUsage", "critical,digitalSignature"},
          {"extendedKeyUsage", "OCSPSigning"},
          {"noCheck", "ignored"},
          {"subjectKeyIdentifier", "hash"},
          {"authorityKeyIdentifier", "keyid"}};
}

Holder::Holder(const CertificateOrder& order, crypto::KeyAlgorithm algorithm)
    : key_(std::make_shared<SoftwareSigner>(algorithm)) {
  const X509Ptr made = build(order, *key_, nullptr, key_->key());
  certificate_ = std::make_shared<x509::Certificate>(x509::Certificate::of(made.get()));
}

Holder::Holder(const CertificateOrder& order, const Holder& issuer, crypto::KeyAlgorithm algorithm)
    : Holder(order, issuer, std::make_shared<SoftwareSigner>(algorithm)) {}

Holder::Holder(const CertificateOrder& order, const Holder& issuer,
               std::shared_ptr<SoftwareSigner> key)
    : key_(std::move(key)) {
  const X509Ptr made = build(order, *key_, issuer.certificate().get(), issuer.key().key());
  certificate_ = std::make_shared<x509::Certificate>(x509::Certificate::of(made.get()));
}

}  // namespace tsp::test
