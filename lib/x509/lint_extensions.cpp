// Extensions: RFC 5280 4.2, EN 319 412-2 4.3 and 4.4, EN 319 411-1 6.6, RFC 9608.
#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <map>

#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/lint.h"
#include "x509/subject.h"

namespace tsp::x509 {
namespace {

// What is there, by OID: critical or not.
using Present = std::map<std::string, bool>;

template <class T, auto Free>
std::unique_ptr<T, Release<Free>> decoded_of_draft(const Certificate& draft, int nid) {
  const crypto::QuietErrors quiet;
  return std::unique_ptr<T, Release<Free>>(
      static_cast<T*>(X509_get_ext_d2i(draft.get(), nid, nullptr, nullptr)));
}

Present read_extensions(const Certificate& draft, Objections& objections) {
  Present present;
  for (int i = 0; i < X509_get_ext_count(draft.get()); ++i) {
    X509_EXTENSION* extension = X509_get_ext(draft.get(), i);
    const std::string oid = dotted_of(X509_EXTENSION_get_object(extension));
    const bool critical = X509_EXTENSION_get_critical(extension) != 0;
    if (!present.emplace(oid, critical).second)
      objections.push_back(fmt::format("the extension {} stands there twice", oid));
  }
  return present;
}

// Each extension that this profile has, with its criticality; whatever else is present is wrong.
std::map<std::string, bool> expected(const Judged& judged) {
  const Order& order = judged.order;
  const Profile& profile = order.profile;
  const bool root = profile.role == Role::root;
  const bool revocable = !root && !profile.validity_assured;
  std::map<std::string, bool> all{{"2.5.29.14", false}, {"2.5.29.15", true}, {"2.5.29.19", true}};
  if (judged.issuer) all["2.5.29.35"] = false;
  if (profile.private_key_usage) all["2.5.29.16"] = false;
  if (!profile.policies.empty()) all["2.5.29.32"] = false;
  if (!order.subject.email.empty()) all["2.5.29.17"] = false;
  if (!profile.extended_key_usage.empty()) all["2.5.29.37"] = profile.extended_key_usage_critical;
  if (revocable && !order.crl_url.empty()) all["2.5.29.31"] = false;
  const bool ocsp = revocable && !order.ocsp_url.empty() && profile.role != Role::ocsp;
  if (ocsp || (!root && !order.issuer_url.empty())) all["1.3.6.1.5.5.7.1.1"] = false;
  if (profile.ocsp_nocheck) all["1.3.6.1.5.5.7.48.1.5"] = false;
  if (profile.validity_assured) {
    all["0.4.0.194121.2.1"] = false;
    all["2.5.29.56"] = false;
  }
  return all;
}

void judge_presence(const Judged& judged, const Present& present, Objections& objections) {
  const auto wanted = expected(judged);
  for (const auto& [oid, critical] : wanted) {
    const auto it = present.find(oid);
    if (it == present.end())
      objections.push_back(fmt::format("the extension {} is missing", oid));
    else if (it->second != critical)
      objections.push_back(
          fmt::format("the extension {} is {}critical", oid, critical ? "not " : ""));
  }
  for (const auto& [oid, critical] : present)
    if (wanted.count(oid) == 0)
      objections.push_back(fmt::format("the extension {} has no place there", oid));
}

void judge_usage(const Judged& judged, Objections& objections) {
  const Profile& profile = judged.order.profile;
  const auto bits =
      decoded_of_draft<ASN1_BIT_STRING, &ASN1_BIT_STRING_free>(judged.draft, NID_key_usage);
  for (std::size_t i = 0; bits && i < kKeyUsages.size(); ++i) {
    const bool wanted = std::find(profile.key_usage.begin(), profile.key_usage.end(),
                                  kKeyUsages[i]) != profile.key_usage.end();
    if ((ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(i)) == 1) != wanted)
      objections.push_back(fmt::format("key usage {} is not as the profile says", kKeyUsages[i]));
  }
  // Named bits end with one that is set: {03, length, unused bits, octets…}.
  const auto value = judged.draft.extension("2.5.29.15");
  if (!value || value->size() < 4 || (*value)[2] > 7 || ((value->back() >> (*value)[2]) & 1) == 0)
    objections.emplace_back("the key usage is not in DER");
  std::vector<std::string> usages;
  const auto extended = decoded_of_draft<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free>(
      judged.draft, NID_ext_key_usage);
  for (int i = 0; extended && i < sk_ASN1_OBJECT_num(extended.get()); ++i)
    usages.push_back(dotted_of(sk_ASN1_OBJECT_value(extended.get(), i)));
  if (usages != profile.extended_key_usage)
    objections.emplace_back("the extended key usage is not as the profile says");
}

void judge_constraints(const Judged& judged, Objections& objections) {
  const Profile& profile = judged.order.profile;
  const bool ca = profile.role == Role::root || profile.role == Role::issuing;
  const auto constraints = decoded_of_draft<BASIC_CONSTRAINTS, &BASIC_CONSTRAINTS_free>(
      judged.draft, NID_basic_constraints);
  if (!constraints || (constraints->ca != 0) != ca)
    objections.emplace_back("basicConstraints does not say what the profile's role is");
  std::optional<long> length;
  if (constraints && constraints->pathlen) length = ASN1_INTEGER_get(constraints->pathlen);
  if (length != (profile.path_length ? std::optional<long>(*profile.path_length) : std::nullopt))
    objections.emplace_back("the path length is not the profile's");
}

void judge_key_ids(const Judged& judged, Objections& objections) {
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> hash{};
  unsigned size = 0;
  X509_pubkey_digest(judged.draft.get(), EVP_sha1(), hash.data(), &size);
  if (judged.draft.subject_key_id() != Bytes(hash.begin(), hash.begin() + size))
    objections.emplace_back("the subject key identifier is not the key's");
  if (!judged.issuer) return;
  const auto id = decoded_of_draft<AUTHORITY_KEYID, &AUTHORITY_KEYID_free>(
      judged.draft, NID_authority_key_identifier);
  const auto issuer_id = judged.issuer->subject_key_id();
  if (!id || !id->keyid || id->issuer || id->serial || !issuer_id ||
      octets_of(id->keyid) != *issuer_id)
    objections.emplace_back("the authority key identifier is not the issuer's");
}

void judge_policies(const Judged& judged, Objections& objections) {
  std::vector<std::string> wanted, found;
  for (const std::string& policy : judged.order.profile.policies)
    wanted.push_back(policy == "test" ? judged.order.policy_oid : policy);
  const auto policies = decoded_of_draft<CERTIFICATEPOLICIES, &CERTIFICATEPOLICIES_free>(
      judged.draft, NID_certificate_policies);
  for (int i = 0; policies && i < sk_POLICYINFO_num(policies.get()); ++i) {
    const POLICYINFO* policy = sk_POLICYINFO_value(policies.get(), i);
    found.push_back(dotted_of(policy->policyid));
    if (sk_POLICYQUALINFO_num(policy->qualifiers) > 0)
      objections.emplace_back("a policy has qualifiers");
  }
  if (found != wanted) objections.emplace_back("the policies are not the profile's");
}

bool is_url(const std::string& url, std::initializer_list<std::string_view> schemes) {
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return plain && std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
           return url.rfind(scheme, 0) == 0 && url.size() > scheme.size();
         });
}

void judge_urls(const Judged& judged, Objections& objections) {
  const Order& order = judged.order;
  const auto judge = [&](const std::vector<std::string>& found, const std::string& wanted,
                         std::string_view name, bool may_be_absent) {
    if (found.empty() && (wanted.empty() || may_be_absent)) return;
    if (found != std::vector<std::string>{wanted})
      objections.push_back(fmt::format("the {} address is not the one ordered", name));
  };
  const bool root = order.profile.role == Role::root;
  const bool no_status = root || order.profile.validity_assured;
  judge(judged.draft.crl_urls(), order.crl_url, "CRL", no_status);
  judge(judged.draft.ocsp_urls(), order.ocsp_url, "OCSP",
        no_status || order.profile.role == Role::ocsp);
  judge(judged.draft.issuer_urls(), order.issuer_url, "issuer", root);
  if (!order.crl_url.empty() && !is_url(order.crl_url, {"http://", "ldap://"}))
    objections.emplace_back("the CRL address is neither http nor ldap (EN 319 412-2 4.3.11)");
  for (const std::string& url : {order.ocsp_url, order.issuer_url})
    if (!url.empty() && !is_url(url, {"http://", "https://"}))
      objections.emplace_back("an OCSP or issuer address is not http(s) (EN 319 412-2 4.4.1)");
}

void judge_status(const Judged& judged, Objections& objections) {
  const Certificate& draft = judged.draft;
  const bool points_somewhere = !draft.crl_urls().empty() || !draft.ocsp_urls().empty();
  if (draft.has_extension("2.5.29.56") && (points_somewhere || draft.is_ca()))
    objections.emplace_back("noRevAvail stands beside CRL or OCSP or in a CA (RFC 9608 section 2)");
  if (draft.has_extension("0.4.0.194121.2.1") && !draft.has_extension("2.5.29.56"))
    objections.emplace_back("noRevAvail is missing (EN 319 412-2 GEN-4.3.11-2A)");
  for (const char* oid : {"1.3.6.1.5.5.7.48.1.5", "0.4.0.194121.2.1", "2.5.29.56"})
    if (const auto value = draft.extension(oid); value && *value != Bytes{0x05, 0x00})
      objections.push_back(fmt::format("the extension {} is not NULL", oid));
}

void judge_private_key_usage(const Judged& judged, Objections& objections) {
  const auto& wanted = judged.order.profile.private_key_usage;
  const auto end = judged.draft.private_key_usage_end();
  if (end.has_value() != wanted.has_value())
    objections.emplace_back("the private key usage period is not the profile's");
  if (!end || !wanted) return;
  const auto period = decoded_of_draft<PKEY_USAGE_PERIOD, &PKEY_USAGE_PERIOD_free>(
      judged.draft, NID_private_key_usage_period);
  if (!period || time_of(period->notBefore) != judged.draft.not_before())
    objections.emplace_back("the private key usage begins at another time than the validity");
  if (*end != judged.draft.not_before() + *wanted)
    objections.emplace_back("the private key usage period is not the profile's");
  if (*end > judged.draft.not_after())
    objections.emplace_back("the private key would be used longer than its certificate is valid");
}

void judge_alternative_name(const Judged& judged, Objections& objections) {
  const std::string& email = judged.order.subject.email;
  const auto names =
      decoded_of_draft<GENERAL_NAMES, &GENERAL_NAMES_free>(judged.draft, NID_subject_alt_name);
  std::string found;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_EMAIL || !found.empty())
      objections.emplace_back("the alternative name is more than an email address");
    else
      found = as_text(octets_of(static_cast<const ASN1_STRING*>(value)));
  }
  if (found != email) objections.emplace_back("the email address is not the one ordered");
}

}  // namespace

void lint_extensions(const Judged& judged, Objections& objections) {
  judge_presence(judged, read_extensions(judged.draft, objections), objections);
  judge_usage(judged, objections);
  judge_constraints(judged, objections);
  judge_key_ids(judged, objections);
  judge_policies(judged, objections);
  judge_urls(judged, objections);
  judge_status(judged, objections);
  judge_private_key_usage(judged, objections);
  judge_alternative_name(judged, objections);
}

}  // namespace tsp::x509
