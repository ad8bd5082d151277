// Reading CRLs.
#include <map>
#include <mutex>

#include "base/error.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/name.h"
#include "x509/reason.h"
#include "x509/revocation.h"

namespace tsp::x509 {
namespace {

constexpr std::size_t kLargestCrl = 64 << 20;  // octets

using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Release<&ASN1_INTEGER_free>>;
using EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, Release<&ASN1_ENUMERATED_free>>;

[[noreturn]] void refuse_crl(std::string why) {
  throw Error(Fault::bad_input, "not a CRL", std::move(why));
}

RevokedEntry entry_of(const X509_REVOKED* revoked) {
  const auto when = time_of(X509_REVOKED_get0_revocationDate(revoked));
  if (!when) refuse_crl("an entry's date is no time");
  RevokedEntry entry{serial_of(X509_REVOKED_get0_serialNumber(revoked)), *when, {}};
  const EnumeratedPtr reason(static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, nullptr, nullptr)));
  if (reason) entry.reason = reason_name(ASN1_ENUMERATED_get(reason.get()));
  return entry;
}

template <class Extensions>
bool has_critical(const Extensions* extensions) {
  for (int i = 0; i < X509v3_get_ext_count(extensions); ++i)
    if (X509_EXTENSION_get_critical(X509v3_get_ext(extensions, i)) != 0) return true;
  return false;
}

bool has_critical_entry(X509_CRL* crl) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)
    if (has_critical(X509_REVOKED_get0_extensions(sk_X509_REVOKED_value(entries, i)))) return true;
  return false;
}

}  // namespace

struct Crl::Known {
  std::mutex guard;
  std::optional<bool> complete;
  std::map<Bytes, bool> signed_by;  // by SubjectPublicKeyInfo
};

Crl::Crl(std::shared_ptr<X509_CRL> crl, Bytes der)
    : crl_(std::move(crl)),
      der_(std::make_shared<const Bytes>(std::move(der))),
      known_(std::make_shared<Known>()) {}

Crl Crl::from_der(ByteView der) {
  if (der.size() > kLargestCrl) refuse_crl("larger than 64 MiB");
  const crypto::QuietErrors quiet;
  const std::uint8_t* at = der.data();
  const std::shared_ptr<X509_CRL> crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())),
                                      &X509_CRL_free);
  if (!crl) refuse_crl("damaged or not DER");
  if (at != der.data() + der.size()) refuse_crl("something follows it");
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
  if (!time_of(X509_CRL_get0_lastUpdate(crl.get())) || (next && !time_of(next)))
    refuse_crl("its dates are no times");
  return {crl, to_bytes(der)};
}

std::string Crl::issuer() const {
  return text_of(X509_CRL_get_issuer(crl_.get()));
}

Bytes Crl::issuer_der() const {
  return encode_with(i2d_X509_NAME, X509_CRL_get_issuer(crl_.get()));
}

Time Crl::this_update() const {
  return *time_of(X509_CRL_get0_lastUpdate(crl_.get()));
}

std::optional<Time> Crl::next_update() const {
  return time_of(X509_CRL_get0_nextUpdate(crl_.get()));
}

std::optional<std::uint64_t> Crl::number() const {
  const crypto::QuietErrors quiet;
  const IntegerPtr number(static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(crl_.get(), NID_crl_number, nullptr, nullptr)));
  std::uint64_t value = 0;
  if (!number || ASN1_INTEGER_get_uint64(&value, number.get()) != 1) return std::nullopt;
  return value;
}

std::optional<Time> Crl::expired_certs_since() const {
  const crypto::QuietErrors quiet;
  const int index = X509_CRL_get_ext_by_OBJ(crl_.get(), object_of("2.5.29.60").get(), -1);
  if (index < 0) return std::nullopt;
  const Bytes value = octets_of(X509_EXTENSION_get_data(X509_CRL_get_ext(crl_.get(), index)));
  const std::uint8_t* at = value.data();
  const GeneralizedPtr time(
      d2i_ASN1_GENERALIZEDTIME(nullptr, &at, static_cast<long>(value.size())));
  return time_of(time.get());
}

std::optional<RevokedEntry> Crl::find(const std::string& serial) const {
  const crypto::QuietErrors quiet;
  const IntegerPtr number(new_serial(serial));
  if (!number) return std::nullopt;
  // OpenSSL sorts the entries once, under its lock, and then searches by halves. 2: removeFromCRL.
  X509_REVOKED* revoked = nullptr;
  if (X509_CRL_get0_by_serial(crl_.get(), &revoked, number.get()) != 1) return std::nullopt;
  return entry_of(revoked);
}

std::optional<RevokedEntry> Crl::find(const Certificate& certificate) const {
  const crypto::QuietErrors quiet;
  X509_REVOKED* revoked = nullptr;
  if (X509_CRL_get0_by_cert(crl_.get(), &revoked, certificate.get()) != 1) return std::nullopt;
  return entry_of(revoked);
}

std::size_t Crl::size() const {
  const int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl_.get()));
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool Crl::is_signed_by(const Certificate& ca) const {
  const crypto::QuietErrors quiet;
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(ca.get())) != 0)
    return false;
  EVP_PKEY* key = X509_get0_pubkey(ca.get());
  if (key == nullptr || !crypto::is_tractable(key)) return false;
  Bytes spki = encode_with(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(ca.get()));
  const std::lock_guard lock(known_->guard);
  const auto [known, is_new] = known_->signed_by.emplace(std::move(spki), false);
  if (is_new) known->second = X509_CRL_verify(crl_.get(), key) == 1;
  return known->second;
}

bool Crl::is_delta() const {
  return X509_CRL_get_ext_by_NID(crl_.get(), NID_delta_crl, -1) >= 0;
}

bool Crl::is_complete() const {
  const std::lock_guard lock(known_->guard);
  if (!known_->complete)
    known_->complete =
        X509_CRL_get_ext_by_NID(crl_.get(), NID_issuing_distribution_point, -1) < 0 &&
        !is_delta() && !has_critical(X509_CRL_get0_extensions(crl_.get())) &&
        !has_critical_entry(crl_.get());
  return *known_->complete;
}

const X509_ALGOR* Crl::signature_algorithm() const {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl_.get(), nullptr, &algorithm);
  return algorithm;
}

}  // namespace tsp::x509
