// Writing a CertificateList, RFC 5280 section 5.1.
#include <algorithm>

#include "base/error.h"
#include "crypto/der.h"
#include "x509/reason.h"
#include "x509/revocation.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

namespace der = crypto::der;

[[noreturn]] void refuse_to_issue_crl(std::string why) {
  throw Error(Fault::policy_refused, "the CRL is not issued", std::move(why), "nothing was signed");
}

Bytes serial_octets(const std::string& hex) {
  auto octets = from_hex(hex);
  if (!octets || octets->empty()) refuse_to_issue_crl("\"" + hex + "\" is no serial number");
  const auto first = std::find_if(octets->begin(), octets->end(), [](auto b) { return b != 0; });
  octets->erase(octets->begin(), first);
  return std::move(*octets);
}

// reasonCode should be absent rather than say unspecified (RFC 5280 5.3.1).
Bytes entry(ByteView serial, const RevokedEntry& revoked) {
  Bytes crl_extensions;
  if (!revoked.reason.empty()) {
    const auto code = reason_code(revoked.reason);
    if (!code) refuse_to_issue_crl("\"" + revoked.reason + "\" is no reason that is stated here");
    if (*code != 0)
      crl_extensions = der::sequence(extension("2.5.29.21", false, encode_enumerated(*code)));
  }
  return der::sequence(der::unsigned_integer(serial), encode_time(revoked.revoked_at),
                       crl_extensions);
}

// Absent when there is none: an empty list is not allowed.
Bytes entries(const std::vector<RevokedEntry>& revoked) {
  std::vector<Bytes> serials;
  serials.reserve(revoked.size());
  Bytes all;
  for (const RevokedEntry& one : revoked) {
    serials.push_back(serial_octets(one.serial));
    append(all, entry(serials.back(), one));
  }
  std::sort(serials.begin(), serials.end());
  if (std::adjacent_find(serials.begin(), serials.end()) != serials.end())
    refuse_to_issue_crl("a serial number stands in it twice");
  return all.empty() ? Bytes{} : der::tlv(der::kSequence, all);
}

Bytes number_octets(std::uint64_t number) {
  Bytes octets;
  append_u64(octets, number);
  return octets;
}

Bytes crl_extensions(const CrlOrder& order, const Certificate& ca) {
  Bytes all = extension("2.5.29.35", false, authority_key_id(ca));
  append(all, extension("2.5.29.20", false, der::unsigned_integer(number_octets(order.number))));
  if (order.expired_certs_on_crl)
    append(all, extension("2.5.29.60", false, der::generalized_time(ca.not_before())));
  return der::wrap(der::context(0), der::tlv(der::kSequence, all));
}

void require_sound(const CrlOrder& order, const Certificate& ca, const crypto::PublicKey& key) {
  if (key.spki() != ca.public_key().spki())
    refuse_to_issue_crl("the key that would sign is not the CA's");
  if (!ca.is_ca() || !ca.has_key_usage(6))
    refuse_to_issue_crl("its issuer is no CA that signs CRLs");
  if (order.next_update <= order.this_update)
    refuse_to_issue_crl("nextUpdate is not after thisUpdate");
}

}  // namespace

Bytes issue_crl(const CrlOrder& order, const Certificate& ca, crypto::Signer& ca_key) {
  require_sound(order, ca, ca_key.public_key());
  const Bytes tbs =
      der::sequence(der::integer(1), signature_identifier_of(ca_key.public_key()), ca.subject_der(),
                    encode_time(order.this_update), encode_time(order.next_update),
                    entries(order.entries), crl_extensions(order, ca));
  Bytes crl = signed_sequence(tbs, ca_key);
  if (!Crl::from_der(crl).is_signed_by(ca))
    throw Error(Fault::hsm_unavailable, "the CRL's signature does not verify", {},
                "the CRL was thrown away");
  return crl;
}

}  // namespace tsp::x509
