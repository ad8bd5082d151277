#include "x509/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "crypto/der.h"
#include "crypto/suite.h"
#include "x509/asn1.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

using namespace std::chrono;

constexpr auto kMostAhead = minutes(5);
constexpr auto kMostBehind = hours(1);
// Sixteen random octets have fewer distinct values than this once in 10^17 draws.
constexpr std::size_t kFewestDistinct = 6;

void lint_serial(const Judged& judged, Objections& objections) {
  const Bytes& serial = judged.order.serial;
  if (serial.size() != 16 || serial[0] == 0 || serial[0] >= 0x80)
    objections.emplace_back("the serial number is not a positive number of 16 octets");
  if (std::set<std::uint8_t>(serial.begin(), serial.end()).size() < kFewestDistinct)
    objections.emplace_back("the serial number is not random");
  if (judged.draft.serial() != to_hex(serial))
    objections.emplace_back("the serial number is not the one ordered");
}

void lint_frame(const Judged& judged, Objections& objections) {
  const X509* draft = judged.draft.get();
  if (X509_get_version(draft) != 2) objections.emplace_back("not an X.509 v3 certificate");
  const ASN1_BIT_STRING *issuer_id = nullptr, *subject_id = nullptr;
  X509_get0_uids(draft, &issuer_id, &subject_id);
  if (issuer_id || subject_id)
    objections.emplace_back("unique identifiers are not used (RFC 5280 4.1.2.8)");
  if (inner_algorithm(judged.draft) != signature_identifier_of(judged.issuer_key))
    objections.emplace_back("the signature algorithm is not the issuing key's");
}

bool whole(Time time) {
  return whole_seconds(time) == time;
}

}  // namespace

void lint_validity(const Judged& judged, Objections& objections) {
  const Order& order = judged.order;
  const Time begin = judged.draft.not_before(), end = judged.draft.not_after();
  if (begin != order.not_before || end != order.not_after || !whole(order.not_before) ||
      !whole(order.not_after))
    objections.emplace_back("the validity is not the one ordered, in whole seconds");
  if (end <= begin) objections.emplace_back("the validity ends before it begins");
  if (end - begin > order.profile.longest_lifetime)
    objections.push_back(
        fmt::format("the validity is longer than the profile {} allows", order.profile.name));
  if (begin > judged.now + kMostAhead) objections.emplace_back("the validity begins in the future");
  if (begin < judged.now - kMostBehind)
    objections.emplace_back("the validity begins more than an hour ago");
  // GEN-6.6.1-04: the last second counts.
  if (order.profile.validity_assured && end - begin + seconds(1) >= hours(24))
    objections.emplace_back("validity-assured certificates live less than 24 hours");
}

void lint_keys(const Judged& judged, Objections& objections) {
  const Order& order = judged.order;
  const crypto::PublicKey key = judged.draft.public_key();
  if (key.spki() != order.key.spki()) objections.emplace_back("the key is not the one ordered");
  if (const auto weakness = crypto::find_weakness(key))
    objections.push_back("weak key: " + *weakness);
  if (const auto objection = crypto::objection_to_issuing(key, judged.now))
    objections.push_back(*objection);
  const auto algorithm = key.algorithm();
  const auto& allowed = order.profile.algorithms;
  if (!allowed.empty() && (!algorithm || std::find(allowed.begin(), allowed.end(),
                                                   crypto::name_of(*algorithm)) == allowed.end()))
    objections.push_back(
        fmt::format("the profile {} does not take {} keys", order.profile.name, key.description()));
  const auto issuer_algorithm = judged.issuer_key.algorithm();
  if (issuer_algorithm)
    if (const auto objection = crypto::objection(
            crypto::scheme_for(*issuer_algorithm, crypto::Purpose::infrastructure),
            crypto::default_hash(*issuer_algorithm), judged.issuer_key, judged.now))
      objections.push_back("issuing key: " + *objection);
  const bool same = key.spki() == judged.issuer_key.spki();
  if (judged.issuer && same) objections.emplace_back("the key is the issuer's own");
  if (!judged.issuer && !same) objections.emplace_back("a root is signed by its own key");
}

void lint_issuer(const Judged& judged, Objections& objections) {
  const Certificate* issuer = judged.issuer;
  const Role role = judged.order.profile.role;
  if (!issuer) {
    if (role != Role::root) objections.emplace_back("only a root has no issuer");
    if (!judged.draft.is_self_issued())
      objections.emplace_back("a root's issuer is its own subject");
    return;
  }
  if (role == Role::root) objections.emplace_back("a root has no issuer");
  if (judged.draft.issuer_der() != issuer->subject_der())
    objections.emplace_back("the issuer's name is not the issuer's subject");
  if (judged.draft.subject_der() == issuer->subject_der())
    objections.emplace_back("the subject has the issuer's name");
  if (!issuer->is_ca() || !issuer->has_key_usage(5))
    objections.emplace_back("the issuer is no CA that signs certificates");
  if (issuer->public_key().spki() != judged.issuer_key.spki())
    objections.emplace_back("the issuing key is not the issuer's");
  if (judged.now < issuer->not_before() || judged.now > issuer->not_after())
    objections.emplace_back("the issuer's certificate is not valid now");
  if (judged.draft.not_before() < issuer->not_before() ||
      judged.draft.not_after() > issuer->not_after())
    objections.emplace_back("the validity is not within the issuer's");
  if (role == Role::issuing && X509_get_pathlen(issuer->get()) == 0)
    objections.emplace_back("the issuer's path length allows no further CA");
}

Certificate draft_of(ByteView tbs) {
  const auto whole_tbs = crypto::der::first(tbs);
  const auto parts = whole_tbs ? crypto::der::children(whole_tbs->content) : std::nullopt;
  if (!parts || parts->size() < 3 || whole_tbs->whole.size() != tbs.size())
    throw Error(Fault::bad_input, "not a TBSCertificate");
  // [0] version, serialNumber, signature
  return Certificate::from_der(crypto::der::sequence(tbs, (*parts)[2].whole, bit_string({})));
}

Bytes inner_algorithm(const Certificate& draft) {
  return encode_with(i2d_X509_ALGOR, X509_get0_tbs_sigalg(draft.get()));
}

Objections lint(ByteView tbs, const Order& order, const Certificate* issuer,
                const crypto::PublicKey& issuer_key, Time now) {
  const Certificate draft = draft_of(tbs);
  const Judged judged{draft, order, issuer, issuer_key, now};
  Objections objections = unbacked_claims(order.profile);
  if (const auto contradiction = find_contradiction(order.profile))
    objections.push_back(fmt::format("profile {}, {}: {}", order.profile.name,
                                     contradiction->member, contradiction->why));
  lint_encoding(tbs, draft, objections);
  lint_frame(judged, objections);
  lint_serial(judged, objections);
  lint_validity(judged, objections);
  lint_keys(judged, objections);
  lint_issuer(judged, objections);
  lint_names(judged, objections);
  lint_extensions(judged, objections);
  return objections;
}

}  // namespace tsp::x509
