#include "x509/certificate.h"

#include <map>
#include <mutex>

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/name.h"

namespace tsp::x509 {
namespace {

constexpr std::size_t kLargestCertificate = 1 << 20;  // octets
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

[[noreturn]] void refuse_certificate(std::string why) {
  throw Error(Fault::bad_input, "not a certificate", std::move(why));
}

Bytes decode_pem_block(std::string_view body) {
  std::string digits;
  for (char c : body)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') digits.push_back(c);
  auto der = from_base64(digits);
  if (!der) refuse_certificate("damaged base64 between the PEM lines");
  return std::move(*der);
}

// The DER of the next block from `at` on, which moves behind it; nothing when there is none.
std::optional<Bytes> next_pem_block(std::string_view pem, std::size_t& at) {
  const std::size_t begin = pem.find(kBegin, at);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t body = begin + kBegin.size();
  const std::size_t end = pem.find(kEnd, body);
  if (end == std::string_view::npos) refuse_certificate("the line END CERTIFICATE is missing");
  at = end + kEnd.size();
  return decode_pem_block(pem.substr(body, end - body));
}

}  // namespace

struct Certificate::Known {
  std::mutex guard;
  std::optional<crypto::PublicKey> key;
  std::map<Bytes, bool> signed_by;  // by SubjectPublicKeyInfo
};

Certificate::Certificate(std::shared_ptr<X509> x509, Bytes der)
    : x509_(std::move(x509)),
      der_(std::make_shared<const Bytes>(std::move(der))),
      known_(std::make_shared<Known>()) {}

Certificate Certificate::from_der(ByteView der) {
  if (der.size() > kLargestCertificate) refuse_certificate("larger than 1 MiB");
  const crypto::QuietErrors quiet;
  const std::uint8_t* at = der.data();
  const std::shared_ptr<X509> x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                   &X509_free);
  if (!x509) refuse_certificate("damaged or not DER");
  if (at != der.data() + der.size()) refuse_certificate("something follows it");
  // Two encodings of one certificate would have two digests.
  Bytes again = encode_with(i2d_X509, x509.get());
  if (!equal(again, der)) refuse_certificate("not in DER but in another encoding");
  if (!time_of(X509_get0_notBefore(x509.get())) || !time_of(X509_get0_notAfter(x509.get())))
    refuse_certificate("its validity is no pair of times");
  return {x509, std::move(again)};
}

Certificate Certificate::from_pem(std::string_view pem) {
  std::size_t at = 0;
  const auto der = next_pem_block(pem, at);
  if (!der) refuse_certificate("no line BEGIN CERTIFICATE");
  return from_der(*der);
}

std::vector<Certificate> Certificate::all_from_pem(std::string_view pem) {
  std::vector<Certificate> all;
  std::size_t at = 0;
  while (const auto der = next_pem_block(pem, at)) all.push_back(from_der(*der));
  return all;
}

std::vector<Certificate> Certificate::all_from(ByteView content) {
  if (as_text(content).find(kBegin) != std::string_view::npos)
    return all_from_pem(as_text(content));
  return {from_der(content)};
}

Certificate Certificate::of(X509* certificate) {
  if (X509_up_ref(certificate) != 1) throw Error(Fault::failed, "cannot share a certificate");
  const std::shared_ptr<X509> shared(certificate, &X509_free);
  Bytes der = encode_with(i2d_X509, certificate);
  if (!time_of(X509_get0_notBefore(certificate)) || !time_of(X509_get0_notAfter(certificate)))
    refuse_certificate("its validity is no pair of times");
  return {shared, std::move(der)};
}

std::string Certificate::pem() const {
  const std::string digits = to_base64(*der_);
  std::string text(kBegin);
  text += '\n';
  for (std::size_t i = 0; i < digits.size(); i += 64) text += digits.substr(i, 64) + "\n";
  return text.append(kEnd) + "\n";
}

Bytes Certificate::sha256() const {
  return crypto::sha256(*der_);
}

std::string Certificate::serial() const {
  return serial_of(X509_get0_serialNumber(x509_.get()));
}

std::string Certificate::subject() const {
  return text_of(X509_get_subject_name(x509_.get()));
}

std::string Certificate::issuer() const {
  return text_of(X509_get_issuer_name(x509_.get()));
}

Bytes Certificate::subject_der() const {
  return encode_with(i2d_X509_NAME, X509_get_subject_name(x509_.get()));
}

Bytes Certificate::issuer_der() const {
  return encode_with(i2d_X509_NAME, X509_get_issuer_name(x509_.get()));
}

std::string Certificate::common_name() const {
  return attribute_of(X509_get_subject_name(x509_.get()), "2.5.4.3").value_or("");
}

Time Certificate::not_before() const {
  return *time_of(X509_get0_notBefore(x509_.get()));
}

Time Certificate::not_after() const {
  return *time_of(X509_get0_notAfter(x509_.get()));
}

crypto::PublicKey Certificate::public_key() const {
  const std::lock_guard lock(known_->guard);
  if (!known_->key)
    known_->key = crypto::PublicKey::from_spki(
        encode_with(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(x509_.get())));
  return *known_->key;
}

bool Certificate::is_self_issued() const {
  return X509_NAME_cmp(X509_get_subject_name(x509_.get()), X509_get_issuer_name(x509_.get())) == 0;
}

bool Certificate::is_signed_by(const crypto::PublicKey& key) const {
  const std::lock_guard lock(known_->guard);
  const auto [found, is_new] = known_->signed_by.emplace(key.spki(), false);
  if (is_new) {
    const crypto::QuietErrors quiet;
    found->second = crypto::is_tractable(key.get()) && X509_verify(x509_.get(), key.get()) == 1;
  }
  return found->second;
}

}  // namespace tsp::x509
