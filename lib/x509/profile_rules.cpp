// Which combinations a profile may not have, whatever it is called: RFC 5280, EN 319 411-1,
// EN 319 412-2 and -3, EN 319 422, RFC 9608.
#include <algorithm>
#include <array>

#include "x509/profile.h"
#include "x509/subject.h"

namespace tsp::x509 {
namespace {

using Names = std::vector<std::string>;
using Verdict = std::optional<Contradiction>;

bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool within(const Names& names, std::initializer_list<std::string_view> allowed) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(allowed.begin(), allowed.end(), name) != allowed.end();
  });
}

Verdict judge_ca(const Profile& p) {
  if (p.subject != SubjectKind::ca) return Contradiction{"subject", "a CA's subject is \"ca\""};
  if (p.key_usage.size() != 2 || !within(p.key_usage, {"keyCertSign", "cRLSign"}))
    return Contradiction{"key_usage", "a CA has keyCertSign and cRLSign, nothing else"};
  if (!p.extended_key_usage.empty())
    return Contradiction{"extended_key_usage", "a CA has no extended key usage"};
  return std::nullopt;
}

Verdict judge_ocsp(const Profile& p) {
  if (p.subject != SubjectKind::service)
    return Contradiction{"subject", "a responder's subject is \"service\""};
  if (p.key_usage != Names{"digitalSignature"})
    return Contradiction{"key_usage", "a responder has digitalSignature, nothing else"};
  if (p.extended_key_usage != Names{std::string(kOcspSigning)})
    return Contradiction{"extended_key_usage", "a responder has OCSPSigning, nothing else"};
  return std::nullopt;
}

Verdict judge_tsa(const Profile& p) {
  if (p.subject != SubjectKind::service)
    return Contradiction{"subject", "a time-stamping unit's subject is \"service\""};
  if (p.key_usage.empty() || !within(p.key_usage, {"digitalSignature", "nonRepudiation"}))
    return Contradiction{"key_usage",
                         "a time-stamping unit has digitalSignature, nonRepudiation or both"};
  if (p.extended_key_usage != Names{std::string(kTimeStamping)} || !p.extended_key_usage_critical)
    return Contradiction{"extended_key_usage",
                         "a time-stamping unit has timeStamping alone, critical (RFC 3161 2.3)"};
  if (!p.private_key_usage)
    return Contradiction{"private_key_usage",
                         "a time-stamping unit's key has an end of its own (EN 319 421 7.6.7)"};
  return std::nullopt;
}

Verdict judge_sam(const Profile& p) {
  if (p.subject != SubjectKind::service)
    return Contradiction{"subject", "an activation module's subject is \"service\""};
  if (p.key_usage != Names{"digitalSignature"})
    return Contradiction{"key_usage", "an activation module has digitalSignature, nothing else"};
  if (p.extended_key_usage != Names{std::string(kActivationModule)} ||
      !p.extended_key_usage_critical)
    return Contradiction{"extended_key_usage",
                         "an activation module has activationModule alone, critical"};
  return std::nullopt;
}

Verdict judge_signer(const Profile& p) {
  if (p.subject != SubjectKind::natural && p.subject != SubjectKind::legal)
    return Contradiction{"subject", "a signer is \"natural\" or \"legal\""};
  // EN 319 412-2 4.3.2: types A, B and F.
  const bool encrypts = has(p.key_usage, "keyEncipherment") || has(p.key_usage, "keyAgreement");
  if (!has(p.key_usage, "nonRepudiation") ||
      !within(p.key_usage,
              {"nonRepudiation", "digitalSignature", "keyEncipherment", "keyAgreement"}) ||
      (encrypts && !has(p.key_usage, "digitalSignature")))
    return Contradiction{"key_usage",
                         "a signer has nonRepudiation, alone or with digitalSignature, or with "
                         "both and keyEncipherment or keyAgreement (EN 319 412-2 4.3.2)"};
  if (p.extended_key_usage_critical)
    return Contradiction{"extended_key_usage_critical",
                         "a signer's extended key usage is not critical (EN 319 412-2)"};
  if (has(p.extended_key_usage, kOcspSigning) || has(p.extended_key_usage, kTimeStamping) ||
      has(p.extended_key_usage, kActivationModule))
    return Contradiction{"extended_key_usage",
                         "a signer is neither responder, time-stamper nor activation module"};
  if (p.policies.empty())
    return Contradiction{"policies", "a signer's certificate names its policy (EN 319 412-2)"};
  return std::nullopt;
}

Verdict judge_role(const Profile& p) {
  switch (p.role) {
    case Role::root:
    case Role::issuing:
      return judge_ca(p);
    case Role::ocsp:
      return judge_ocsp(p);
    case Role::tsa:
      return judge_tsa(p);
    case Role::sam:
      return judge_sam(p);
    case Role::signer:
      break;
  }
  return judge_signer(p);
}

Verdict judge_lifetimes(const Profile& p) {
  if (p.lifetime > p.longest_lifetime)
    return Contradiction{"lifetime", "longer than longest_lifetime"};
  if (p.private_key_usage && *p.private_key_usage > p.longest_lifetime)
    return Contradiction{"private_key_usage", "longer than longest_lifetime"};
  // EN 319 411-1 GEN-6.6.1-04: shorter than the longest time that a revocation may take.
  if (p.validity_assured && p.longest_lifetime >= std::chrono::hours(24))
    return Contradiction{"validity_assured", "only where longest_lifetime is under 24h"};
  return std::nullopt;
}

}  // namespace

std::optional<Contradiction> find_contradiction(const Profile& p) {
  const bool ca = p.role == Role::root || p.role == Role::issuing;
  if (p.path_length && !ca) return Contradiction{"path_length", "only CAs have one"};
  if (p.ocsp_nocheck && p.role != Role::ocsp)
    return Contradiction{"ocsp_nocheck", "only responders have it"};
  if (p.validity_assured && p.role != Role::signer)
    return Contradiction{"validity_assured", "only signers have it (RFC 9608 section 2)"};
  if (p.destroy_key_on_revocation && p.role != Role::signer)
    return Contradiction{"destroy_key_on_revocation", "only signers have it"};
  if (has(p.algorithms, "ed25519"))
    return Contradiction{"algorithms",
                         "Ed25519 keys sign checkpoints, not what certificates are for"};
  if (p.extended_key_usage_critical && p.extended_key_usage.empty())
    return Contradiction{"extended_key_usage_critical", "there is no extended key usage"};
  if (auto found = judge_lifetimes(p)) return found;
  return judge_role(p);
}

}  // namespace tsp::x509
