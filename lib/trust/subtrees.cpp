#include "trust/subtrees.h"

#include <openssl/conf.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/error.h"
#include "base/release.h"
#include "crypto/openssl.h"

namespace tsp::trust {
namespace {

using ConfigurationPtr = std::unique_ptr<CONF, Release<&NCONF_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>>;
using ConstraintsPtr = std::unique_ptr<NAME_CONSTRAINTS, Release<&NAME_CONSTRAINTS_free>>;
using BioPtr = std::unique_ptr<BIO, Release<&BIO_free>>;

// What OpenSSL's own syntax says of one subtree: the value, and a section that it refers to.
struct Written {
  std::string value, section;
};

bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > 200) return false;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 ||
        std::string_view("\\$#\"'`;,\n").find(c) != std::string_view::npos)
      return false;
  return true;
}

// "C=LU,O=Example" as lines of a section; the number before the dot lets a name repeat.
std::optional<std::string> section_of(std::string_view names) {
  std::string out;
  int count = 0;
  while (!names.empty()) {
    const std::string_view one = names.substr(0, names.find(','));
    names.remove_prefix(std::min(one.size() + 1, names.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || !is_plain(one.substr(0, equals)) ||
        !is_plain(one.substr(equals + 1)))
      return std::nullopt;
    out += std::to_string(count++) + "." + std::string(one) + "\n";
  }
  return count == 0 ? std::nullopt : std::optional(out);
}

std::optional<Written> written(const std::string& text, const std::string& section) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string kind = text.substr(0, colon), rest = text.substr(colon + 1);
  if (kind == "dir") {
    const auto lines = section_of(rest);
    if (!lines) return std::nullopt;
    return Written{"dirName:" + section, "[" + section + "]\n" + *lines};
  }
  if (!is_plain(rest)) return std::nullopt;
  if (kind == "email") return Written{"email:" + rest, ""};
  if (kind == "dns") return Written{"DNS:" + rest, ""};
  return std::nullopt;
}

ConstraintsPtr constraints_of(const std::vector<std::pair<std::string, std::string>>& subtrees) {
  std::string value, sections;
  for (const auto& [which, text] : subtrees) {
    const auto one = written(text, "subtree" + std::to_string(value.size()));
    if (!one) return nullptr;
    value += (value.empty() ? "" : ",") + which + ";" + one->value;
    sections += one->section;
  }
  const crypto::QuietErrors quiet;
  const ConfigurationPtr configuration(NCONF_new(nullptr));
  const BioPtr lines(BIO_new_mem_buf(sections.data(), static_cast<int>(sections.size())));
  long line = 0;
  if (!sections.empty() && NCONF_load_bio(configuration.get(), lines.get(), &line) != 1)
    return nullptr;
  X509V3_CTX context;
  X509V3_set_ctx(&context, nullptr, nullptr, nullptr, nullptr, 0);
  X509V3_set_nconf(&context, configuration.get());
  const ExtensionPtr extension(
      X509V3_EXT_nconf(configuration.get(), &context, "nameConstraints", value.c_str()));
  return ConstraintsPtr(extension ? static_cast<NAME_CONSTRAINTS*>(X509V3_EXT_d2i(extension.get()))
                                  : nullptr);
}

}  // namespace

bool is_subtree(const std::string& text) {
  return constraints_of({{"permitted", text}}) != nullptr;
}

std::vector<PathFinding> names_outside(const Chain& chain, const PathRules& rules) {
  std::vector<PathFinding> out;
  std::vector<std::pair<std::string, std::string>> subtrees;
  for (const std::string& each : rules.permitted) subtrees.emplace_back("permitted", each);
  for (const std::string& each : rules.excluded) subtrees.emplace_back("excluded", each);
  if (subtrees.empty()) return out;
  const ConstraintsPtr constraints = constraints_of(subtrees);
  if (!constraints) throw Error(Fault::failed, "a name constraint is not understood");
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (i > 0 && chain[i].is_self_issued()) continue;
    const int error = NAME_CONSTRAINTS_check(chain[i].get(), constraints.get());
    if (error != X509_V_OK)
      out.push_back({kNameConstraints, i,
                     chain[i].subject() + ": " + X509_verify_cert_error_string(error) +
                         " (validation policy)"});
  }
  return out;
}

}  // namespace tsp::trust
