// The extensions of a certificate. An extension that is malformed or stands twice counts as absent
// where absence is the stricter answer.
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/certificate.h"

namespace tsp::x509 {
namespace {

template <class T, auto Free>
using Owned = std::unique_ptr<T, Release<Free>>;

// The decoded extension; `state` becomes -1 when absent, -2 when there are several.
template <class T, auto Free>
Owned<T, Free> decoded(const X509* certificate, int nid, int* state = nullptr) {
  const crypto::QuietErrors quiet;
  int critical = 0;
  Owned<T, Free> value(static_cast<T*>(X509_get_ext_d2i(certificate, nid, &critical, nullptr)));
  if (state) *state = critical;
  return value;
}

void append_uris(std::vector<std::string>& to, const GENERAL_NAMES* names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i)
    if (auto uri = uri_of(sk_GENERAL_NAME_value(names, i))) to.push_back(std::move(*uri));
}

std::vector<std::string> access_urls(const X509* certificate, int method) {
  std::vector<std::string> urls;
  const auto access =
      decoded<AUTHORITY_INFO_ACCESS, &AUTHORITY_INFO_ACCESS_free>(certificate, NID_info_access);
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* description = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(description->method) != method) continue;
    if (auto uri = uri_of(description->location)) urls.push_back(std::move(*uri));
  }
  return urls;
}

}  // namespace

bool Certificate::is_ca() const {
  const auto constraints =
      decoded<BASIC_CONSTRAINTS, &BASIC_CONSTRAINTS_free>(x509_.get(), NID_basic_constraints);
  return constraints && constraints->ca != 0;
}

std::optional<Bytes> Certificate::subject_key_id() const {
  const auto id =
      decoded<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free>(x509_.get(), NID_subject_key_identifier);
  if (!id) return std::nullopt;
  return octets_of(id.get());
}

bool Certificate::has_key_usage(int bit) const {
  int state = 0;
  const auto bits =
      decoded<ASN1_BIT_STRING, &ASN1_BIT_STRING_free>(x509_.get(), NID_key_usage, &state);
  if (!bits) return state == -1;
  return ASN1_BIT_STRING_get_bit(bits.get(), bit) == 1;
}

bool Certificate::has_extended_key_usage(std::string_view oid) const {
  const auto usages =
      decoded<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free>(x509_.get(), NID_ext_key_usage);
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i)
    if (dotted_of(sk_ASN1_OBJECT_value(usages.get(), i)) == oid) return true;
  return false;
}

bool Certificate::has_extension(std::string_view oid) const {
  return X509_get_ext_by_OBJ(x509_.get(), object_of(oid).get(), -1) >= 0;
}

std::optional<Bytes> Certificate::extension(std::string_view oid) const {
  const int index = X509_get_ext_by_OBJ(x509_.get(), object_of(oid).get(), -1);
  if (index < 0) return std::nullopt;
  return octets_of(X509_EXTENSION_get_data(X509_get_ext(x509_.get(), index)));
}

std::vector<std::string> Certificate::crl_urls() const {
  std::vector<std::string> urls;
  const auto points =
      decoded<CRL_DIST_POINTS, &CRL_DIST_POINTS_free>(x509_.get(), NID_crl_distribution_points);
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint && point->distpoint->type == 0)
      append_uris(urls, point->distpoint->name.fullname);
  }
  return urls;
}

std::vector<std::string> Certificate::ocsp_urls() const {
  return access_urls(x509_.get(), NID_ad_OCSP);
}

std::vector<std::string> Certificate::issuer_urls() const {
  return access_urls(x509_.get(), NID_ad_ca_issuers);
}

bool Certificate::needs_no_revocation_check() const {
  return has_extension("2.5.29.56") || has_extension("0.4.0.194121.2.1") ||
         has_extension("1.3.6.1.5.5.7.48.1.5");
}

std::optional<Time> Certificate::private_key_usage_end() const {
  const auto period = decoded<PKEY_USAGE_PERIOD, &PKEY_USAGE_PERIOD_free>(
      x509_.get(), NID_private_key_usage_period);
  if (!period || !period->notAfter) return std::nullopt;
  return time_of(period->notAfter);
}

}  // namespace tsp::x509
