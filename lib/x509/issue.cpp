#include "x509/issue.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/lint.h"
#include "x509/name.h"
#include "x509/subject.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

[[noreturn]] void refuse_to_issue(std::string why) {
  throw Error(Fault::policy_refused, "the certificate is not issued", std::move(why),
              "nothing was signed");
}

bool is_oid(const std::string& dotted) {
  try {
    (void)crypto::der::oid(dotted);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// What would make the writer or the parser fail, rather than the judge object.
std::vector<std::string> unwritable(const Order& order) {
  std::vector<std::string> objections;
  for (const std::string& policy : order.profile.policies) {
    if (policy == "test" && order.policy_oid.rfind("2.25.", 0) != 0)
      objections.emplace_back("no test policy (2.25.…) was given for the profile's \"test\"");
    else if (!is_oid(policy == "test" ? order.policy_oid : policy))
      objections.emplace_back("a policy is no OID");
  }
  for (const std::string& usage : order.profile.extended_key_usage)
    if (!is_oid(usage)) objections.emplace_back("an extended key usage is no OID");
  for (const SubjectField& field : kSubjectFields)
    if (!is_utf8(order.subject.*field.value))
      objections.push_back(fmt::format("{} is not UTF-8", field.name));
  return objections;
}

}  // namespace

Plan plan_certificate(const Order& order, const Certificate* issuer,
                      const crypto::PublicKey& issuer_key, Time now) {
  Plan plan{{}, unwritable(order), issuer_key.sha256()};
  if (!plan.objections.empty()) return plan;
  plan.tbs = encode_tbs(order, issuer, issuer_key);
  plan.objections = lint(plan.tbs, order, issuer, issuer_key, now);
  return plan;
}

Certificate issue_certificate(const Plan& plan, crypto::Signer& issuer_key) {
  if (!plan.objections.empty())
    refuse_to_issue(fmt::format("{}", fmt::join(plan.objections, "; ")));
  if (plan.issuer_key_sha256 != issuer_key.public_key().sha256())
    refuse_to_issue("the key that would sign is not the one planned for");
  Certificate certificate = Certificate::from_der(signed_sequence(plan.tbs, issuer_key));
  if (!certificate.is_signed_by(issuer_key.public_key()))
    throw Error(Fault::hsm_unavailable, "the certificate's signature does not verify", {},
                "the certificate was thrown away");
  return certificate;
}

Bytes random_serial() {
  Bytes serial = random_bytes(16);
  serial[0] = static_cast<std::uint8_t>(0x40 | (serial[0] & 0x3f));
  return serial;
}

std::string to_text(const Subject& subject) {
  const crypto::QuietErrors quiet;
  const Bytes der = encode_name(subject);
  const std::uint8_t* at = der.data();
  const NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  if (!name) throw Error(Fault::bad_input, "not a name", "a field has characters it cannot have");
  return text_of(name.get());
}

}  // namespace tsp::x509
