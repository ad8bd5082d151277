#include "x509/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "x509/subject.h"

namespace tsp::x509 {
namespace {

using namespace std::chrono;
using yaml::Node;

template <class Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

template <class Value>
Value one_of(const Node& node, const Words<Value>& words) {
  std::string known;
  for (const auto& word : words) {
    if (word.first == node.text()) return word.second;
    known += known.empty() ? "" : ", ";
    known += word.first;
  }
  node.refuse(fmt::format("\"{}\" is none of {}", node.text(), known));
}

// A number and a unit: m (minutes), h, d, or y (365 days).
seconds duration(const Node& node) {
  const std::string& text = node.text();
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || unit + 1 != end || count <= 0 || count > 1'000'000)
    node.refuse(fmt::format("\"{}\" is no duration such as 30m, 12h, 90d or 2y", text));
  switch (*unit) {
    case 'm':
      return minutes(count);
    case 'h':
      return hours(count);
    case 'd':
      return hours(24 * count);
    case 'y':
      return hours(24 * 365 * count);
    default:
      node.refuse(fmt::format("\"{}\" is no duration such as 30m, 12h, 90d or 2y", text));
  }
}

bool is_dotted(std::string_view text) {
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  return plain && text.size() > 2 && text.size() < 100 && text[0] <= '2' && text[1] == '.' &&
         text.find("..") == std::string_view::npos && text.back() != '.';
}

// The texts of a list without repetition; an absent list is empty.
std::vector<std::string> list(const Node& tree, std::string_view name) {
  const Node* node = tree.find(name);
  if (!node) return {};
  std::vector<std::string> all = node->texts();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) !=
        all.begin() + static_cast<std::ptrdiff_t>(i))
      node->items()[i].refuse(fmt::format("\"{}\" stands here twice", all[i]));
  return all;
}

template <class Known>
std::vector<std::string> checked_list(const Node& tree, std::string_view name, Known known,
                                      std::string_view expected) {
  std::vector<std::string> all = list(tree, name);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!known(all[i]))
      tree.at(name).items()[i].refuse(fmt::format("\"{}\" is not {}", all[i], expected));
  return all;
}

bool flag(const Node& tree, std::string_view name) {
  const Node* node = tree.find(name);
  return node != nullptr && node->boolean();
}

std::string extended_usage_oid(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{{
      {"OCSPSigning", kOcspSigning},
      {"timeStamping", kTimeStamping},
      {"activationModule", kActivationModule},
      {"documentSigning", "1.3.6.1.5.5.7.3.36"},  // RFC 9336
  }};
  for (const auto& [known, oid] : kNames)
    if (known == name) return std::string(oid);
  return name;
}

void read_lists(const Node& tree, Profile& profile) {
  profile.key_usage = checked_list(
      tree, "key_usage", [](const std::string& name) { return key_usage_bit(name).has_value(); },
      "a key usage of RFC 5280");
  for (const std::string& name : checked_list(
           tree, "extended_key_usage",
           [](const std::string& n) { return is_dotted(extended_usage_oid(n)); },
           "an OID, OCSPSigning, timeStamping, activationModule or documentSigning"))
    profile.extended_key_usage.push_back(extended_usage_oid(name));
  profile.policies = checked_list(
      tree, "policies", [](const std::string& p) { return p == "test" || is_dotted(p); },
      "an OID or test");
  profile.required_subject = checked_list(
      tree, "required_subject",
      [](const std::string& name) { return subject_field(name) != nullptr; },
      "a field of a subject");
  profile.algorithms = checked_list(
      tree, "algorithms",
      [](const std::string& name) { return crypto::parse_key_algorithm(name).has_value(); },
      "a key algorithm");
  profile.qc_statements = checked_list(
      tree, "qc_statements",
      [](const std::string& name) {
        constexpr std::array<std::string_view, 8> kKnown{
            "QcCompliance", "QcLimitValue", "QcRetentionPeriod", "QcSSCD",
            "QcPDS",        "QcTypeEsign",  "QcTypeEseal",       "QcIdentMethod"};
        return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
      },
      "a QCStatement of EN 319 412-5");
}

}  // namespace

Profile parse_profile(const Node& tree) {
  tree.allow_only({"name", "role", "subject", "lifetime", "longest_lifetime", "key_usage",
                   "extended_key_usage", "extended_key_usage_critical", "path_length", "policies",
                   "required_subject", "algorithms", "validity_assured", "ocsp_nocheck",
                   "private_key_usage", "qc_statements", "destroy_key_on_revocation"});
  Profile profile;
  profile.name = tree.at("name").text();
  if (profile.name.empty() ||
      profile.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    tree.at("name").refuse("a profile's name has small letters, digits and hyphens only");
  profile.role = one_of<Role>(tree.at("role"), {{"root", Role::root},
                                                {"issuing", Role::issuing},
                                                {"ocsp", Role::ocsp},
                                                {"tsa", Role::tsa},
                                                {"sam", Role::sam},
                                                {"signer", Role::signer}});
  profile.subject = one_of<SubjectKind>(tree.at("subject"), {{"ca", SubjectKind::ca},
                                                             {"service", SubjectKind::service},
                                                             {"natural", SubjectKind::natural},
                                                             {"legal", SubjectKind::legal}});
  profile.lifetime = duration(tree.at("lifetime"));
  profile.longest_lifetime = duration(tree.at("longest_lifetime"));
  read_lists(tree, profile);
  profile.extended_key_usage_critical = flag(tree, "extended_key_usage_critical");
  profile.validity_assured = flag(tree, "validity_assured");
  profile.ocsp_nocheck = flag(tree, "ocsp_nocheck");
  profile.destroy_key_on_revocation = flag(tree, "destroy_key_on_revocation");
  if (const Node* length = tree.find("path_length")) {
    if (length->integer() < 0 || length->integer() > 16) length->refuse("0 to 16 is expected");
    profile.path_length = static_cast<int>(length->integer());
  }
  if (const Node* period = tree.find("private_key_usage"))
    profile.private_key_usage = duration(*period);
  if (const auto contradiction = find_contradiction(profile)) {
    const Node* culprit = tree.find(contradiction->member);
    (culprit ? *culprit : tree).refuse(contradiction->why);
  }
  return profile;
}

std::vector<std::string> unbacked_claims(const Profile& profile) {
  std::vector<std::string> claims;
  for (const std::string& policy : profile.policies)
    if (policy == "0.4.0" || policy.rfind("0.4.0.", 0) == 0)
      claims.push_back(
          fmt::format("the policy {} of ETSI claims what nothing declared here backs", policy));
  for (const std::string& statement : profile.qc_statements)
    claims.push_back(
        fmt::format("the statement {} claims what nothing declared here backs", statement));
  return claims;
}

}  // namespace tsp::x509
