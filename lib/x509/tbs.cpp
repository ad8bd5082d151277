#include "x509/tbs.h"

#include <algorithm>

#include "crypto/der.h"
#include "crypto/digest.h"
#include "x509/subject.h"

namespace tsp::x509 {
namespace {

namespace der = crypto::der;

constexpr std::uint8_t kPrintableString = 0x13;

Bytes uri_name(std::string_view url) {
  return der::tlv(der::context(6, false), as_bytes(url));
}

// Named bits: the last octet ends with a bit that is set (X.690 11.2.2).
Bytes key_usage(const std::vector<std::string>& names) {
  std::uint8_t octets[2] = {0, 0};
  int last = 0;
  for (const std::string& name : names) {
    const int bit = key_usage_bit(name).value_or(0);
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (0x80 >> (bit % 8)));
    last = std::max(last, bit);
  }
  Bytes content{static_cast<std::uint8_t>(7 - last % 8), octets[0]};
  if (last > 7) content.push_back(octets[1]);
  return der::tlv(der::kBitString, content);
}

Bytes basic_constraints(const Profile& profile) {
  if (profile.role != Role::root && profile.role != Role::issuing) return der::sequence();
  if (!profile.path_length) return der::sequence(der::boolean(true));
  return der::sequence(der::boolean(true), der::integer(*profile.path_length));
}

Bytes certificate_policies(const Order& order) {
  Bytes all;
  for (const std::string& policy : order.profile.policies)
    append(all, der::sequence(der::oid(policy == "test" ? order.policy_oid : policy)));
  return der::tlv(der::kSequence, all);
}

// PrivateKeyUsagePeriod ::= SEQUENCE {notBefore [0], notAfter [1] GeneralizedTime}, implicit.
Bytes private_key_usage(const Order& order) {
  const Time end = order.not_before + *order.profile.private_key_usage;
  return der::sequence(
      der::tlv(der::context(0, false), as_bytes(to_generalized_time(order.not_before))),
      der::tlv(der::context(1, false), as_bytes(to_generalized_time(end))));
}

Bytes distribution_points(const std::string& url) {
  return der::sequence(
      der::sequence(der::wrap(der::context(0), der::wrap(der::context(0), uri_name(url)))));
}

Bytes information_access(const Order& order, bool with_ocsp) {
  Bytes all;
  if (with_ocsp)
    append(all, der::sequence(der::oid("1.3.6.1.5.5.7.48.1"), uri_name(order.ocsp_url)));
  if (!order.issuer_url.empty())
    append(all, der::sequence(der::oid("1.3.6.1.5.5.7.48.2"), uri_name(order.issuer_url)));
  return der::tlv(der::kSequence, all);
}

Bytes extended_key_usage(const std::vector<std::string>& oids) {
  Bytes all;
  for (const std::string& oid : oids) append(all, der::oid(oid));
  return der::tlv(der::kSequence, all);
}

// Where to ask: only of certificates that somebody else issued and that can be revoked.
Bytes status_extensions(const Order& order) {
  const Profile& profile = order.profile;
  Bytes all;
  if (profile.role == Role::root) return all;
  if (!order.crl_url.empty() && !profile.validity_assured)
    append(all, extension("2.5.29.31", false, distribution_points(order.crl_url)));
  const bool with_ocsp =
      !order.ocsp_url.empty() && !profile.validity_assured && profile.role != Role::ocsp;
  if (with_ocsp || !order.issuer_url.empty())
    append(all, extension("1.3.6.1.5.5.7.1.1", false, information_access(order, with_ocsp)));
  if (profile.ocsp_nocheck) append(all, extension("1.3.6.1.5.5.7.48.1.5", false, der::null()));
  if (profile.validity_assured) {
    append(all, extension("0.4.0.194121.2.1", false, der::null()));
    append(all, extension("2.5.29.56", false, der::null()));
  }
  return all;
}

Bytes certificate_extensions(const Order& order, const Certificate* issuer) {
  const Profile& profile = order.profile;
  Bytes all;
  if (issuer) append(all, extension("2.5.29.35", false, authority_key_id(*issuer)));
  append(all, extension("2.5.29.14", false, der::octet_string(key_id(order.key))));
  append(all, extension("2.5.29.15", true, key_usage(profile.key_usage)));
  if (profile.private_key_usage)
    append(all, extension("2.5.29.16", false, private_key_usage(order)));
  if (!profile.policies.empty())
    append(all, extension("2.5.29.32", false, certificate_policies(order)));
  if (!order.subject.email.empty())
    append(
        all,
        extension("2.5.29.17", false,
                  der::sequence(der::tlv(der::context(1, false), as_bytes(order.subject.email)))));
  append(all, extension("2.5.29.19", true, basic_constraints(profile)));
  if (!profile.extended_key_usage.empty())
    append(all, extension("2.5.29.37", profile.extended_key_usage_critical,
                          extended_key_usage(profile.extended_key_usage)));
  append(all, status_extensions(order));
  return der::wrap(der::context(3), der::tlv(der::kSequence, all));
}

crypto::KeyAlgorithm algorithm_of(const crypto::PublicKey& key) {
  const auto algorithm = key.algorithm();
  if (!algorithm)
    throw Error(Fault::policy_refused, "this key signs nothing here", key.description(),
                "nothing was signed");
  return *algorithm;
}

}  // namespace

Bytes encode_name(const Subject& subject) {
  Bytes rdns;
  for (const SubjectField& field : kSubjectFields) {
    const std::string& value = subject.*field.value;
    if (value.empty() || field.oid.empty()) continue;
    const std::uint8_t tag = field.printable ? kPrintableString : der::kUtf8String;
    append(rdns, der::wrap(der::kSet,
                           der::sequence(der::oid(field.oid), der::tlv(tag, as_bytes(value)))));
  }
  return der::tlv(der::kSequence, rdns);
}

Bytes key_bits(const crypto::PublicKey& key) {
  const auto spki = der::first(key.spki());
  const auto parts = spki ? der::children(spki->content) : std::nullopt;
  if (!parts || parts->size() != 2 || parts->back().content.empty())
    throw Error(Fault::bad_input, "not a SubjectPublicKeyInfo");
  return to_bytes(parts->back().content.subspan(1));
}

Bytes key_id(const crypto::PublicKey& key) {
  return crypto::digest(crypto::HashAlgorithm::sha1, key_bits(key));
}

Bytes extension(std::string_view oid, bool critical, ByteView value) {
  return der::sequence(der::oid(oid), critical ? der::boolean(true) : Bytes{},
                       der::octet_string(value));
}

Bytes encode_time(Time time) {
  const std::string digits = to_generalized_time(time);
  if (digits < "1950" || digits >= "2050") return der::generalized_time(time);
  return der::tlv(der::kUtcTime, as_bytes(digits).subspan(2));
}

Bytes bit_string(ByteView octets) {
  const Bytes none_unused{0};
  return der::wrap(der::kBitString, none_unused, octets);
}

Bytes authority_key_id(const Certificate& issuer) {
  const auto id = issuer.subject_key_id();
  const Bytes keyed = id ? *id : key_id(issuer.public_key());
  return der::sequence(der::tlv(der::context(0, false), keyed));
}

Bytes signature_identifier_of(const crypto::PublicKey& key) {
  const crypto::KeyAlgorithm algorithm = algorithm_of(key);
  return crypto::signature_identifier(
      crypto::scheme_for(algorithm, crypto::Purpose::infrastructure),
      crypto::default_hash(algorithm));
}

Bytes sign_message(ByteView message, crypto::Signer& key) {
  const crypto::KeyAlgorithm algorithm = algorithm_of(key.public_key());
  const crypto::Scheme scheme = crypto::scheme_for(algorithm, crypto::Purpose::infrastructure);
  const crypto::HashAlgorithm hash = crypto::default_hash(algorithm);
  const Bytes digest =
      scheme == crypto::Scheme::ed25519 ? to_bytes(message) : crypto::digest(hash, message);
  Bytes value = key.sign(scheme, hash, digest);
  if (!key.public_key().verify(scheme, hash, digest, value))
    throw Error(Fault::hsm_unavailable, "the signature does not verify",
                "the key that signed is not the key that was named, or the HSM errs",
                "the signature was thrown away");
  return value;
}

Bytes signed_sequence(ByteView message, crypto::Signer& key) {
  const Bytes algorithm = signature_identifier_of(key.public_key());
  return der::sequence(message, algorithm, bit_string(sign_message(message, key)));
}

Bytes encode_tbs(const Order& order, const Certificate* issuer,
                 const crypto::PublicKey& issuer_key) {
  const Bytes subject = encode_name(order.subject);
  const Bytes v3 = der::wrap(der::context(0), der::integer(2));
  return der::sequence(v3, der::unsigned_integer(order.serial), signature_identifier_of(issuer_key),
                       issuer ? issuer->subject_der() : subject,
                       der::sequence(encode_time(order.not_before), encode_time(order.not_after)),
                       subject, order.key.spki(), certificate_extensions(order, issuer));
}

}  // namespace tsp::x509
