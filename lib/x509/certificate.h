// Certificates as values (RFC 5280 section 4).
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/public_key.h"

namespace tsp::x509 {

// A parsed certificate; copies share it. Parsing asks for DER and for a validity that is a pair of
// times; it judges nothing else: neither signature, nor dates, nor extensions. An extension that is
// malformed or stands twice is answered as absent, but has_key_usage() is then false.
class Certificate {
 public:
  static Certificate from_der(ByteView der);          // Error{bad_input}; nothing may follow
  static Certificate from_pem(std::string_view pem);  // the first; Error{bad_input}
  static std::vector<Certificate> all_from_pem(std::string_view pem);
  // As certificates are published: PEM, with whatever text around it, or one in DER. A bag of them
  // (PKCS#7) is not read.
  static std::vector<Certificate> all_from(ByteView content);
  static Certificate of(X509* certificate);  // shares a reference

  X509* get() const { return x509_.get(); }
  const Bytes& der() const { return *der_; }
  std::string pem() const;
  Bytes sha256() const;
  std::string serial() const;   // lower-case hex, no leading zero octet
  std::string subject() const;  // RFC 4514, UTF-8
  std::string issuer() const;
  Bytes subject_der() const;  // the Name, to compare
  Bytes issuer_der() const;
  std::string common_name() const;  // the last CN, UTF-8, or empty
  Time not_before() const;
  Time not_after() const;  // inclusive: the last valid second
  // Decoded once, whoever asks. Error{bad_input} for a key that OpenSSL cannot read.
  crypto::PublicKey public_key() const;
  bool is_ca() const;
  bool is_self_issued() const;  // the names are equal; signature not checked
  // The signature alone: neither names nor dates. Takes whatever algorithm OpenSSL verifies. Each
  // key is tried once, whoever asks.
  bool is_signed_by(const crypto::PublicKey& key) const;
  std::optional<Bytes> subject_key_id() const;
  bool has_key_usage(int bit) const;  // RFC 5280 numbering; true without extension
  bool has_extended_key_usage(std::string_view oid) const;  // false without extension
  bool has_extension(std::string_view oid) const;
  std::optional<Bytes> extension(std::string_view oid) const;  // content of extnValue
  std::vector<std::string> crl_urls() const;
  std::vector<std::string> ocsp_urls() const;
  std::vector<std::string> issuer_urls() const;  // id-ad-caIssuers
  bool needs_no_revocation_check() const;        // noRevAvail, validity-assured or ocsp-nocheck
  // privateKeyUsagePeriod notAfter, where the certificate has one.
  std::optional<Time> private_key_usage_end() const;

  friend bool operator==(const Certificate& a, const Certificate& b) {
    return a.der_ == b.der_ || *a.der_ == *b.der_;
  }

 private:
  struct Known;  // what was found out about it, shared by copies
  Certificate(std::shared_ptr<X509> x509, Bytes der);
  std::shared_ptr<X509> x509_;
  std::shared_ptr<const Bytes> der_;
  std::shared_ptr<Known> known_;
};

}  // namespace tsp::x509
