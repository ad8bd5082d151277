// NIST's path validation suite, where the shared folder beside the repository holds it.
#pragma once

#include <filesystem>
#include <optional>

#include "base/files.h"
#include "base/json.h"
#include "fixture.h"
#include "trust/revocation.h"

namespace tsp::test {

class Pkits {
 public:
  // Nothing, with a warning that says so, where the suite is absent.
  static std::optional<Pkits> open() {
    for (const char* folder :
         {TSP_SOURCE_DIR "/../shared/data/pkits", TSP_SOURCE_DIR "/tests/data/pkits"})
      if (std::filesystem::exists(std::string(folder) + "/cases.json")) return Pkits(folder);
    WARN("skipped: NIST's PKITS is not there (../shared/data/pkits)");
    return std::nullopt;
  }

  const Json& cases() const { return cases_; }
  x509::Certificate certificate(const std::string& name) const {
    return x509::Certificate::from_der(read_file(folder_ + "/certs/" + name, 1 << 20));
  }
  Bytes crl(const std::string& name) const { return read_file(folder_ + "/crls/" + name, 1 << 20); }
  // All lists of a case, the root's too, and the certificates that may have signed them.
  trust::Evidence evidence(const Json& test) const {
    trust::Evidence out;
    out.crls.push_back(x509::Crl::from_der(crl("TrustAnchorRootCRL.crl")));
    for (const Json& name : test["crls"])
      out.crls.push_back(x509::Crl::from_der(crl(name.get<std::string>())));
    for (const Json& name : test["intermediates"])
      out.certificates.push_back(certificate(name.get<std::string>()));
    return out;
  }
  trust::PathVerdict verify(const Json& test, const Time at) const {
    std::vector<x509::Certificate> pool;
    for (const Json& name : test["intermediates"])
      pool.push_back(certificate(name.get<std::string>()));
    trust::PathRules rules;
    rules.strength = trust::Strength::leave;  // RSA-2048, SHA-256, some DSA
    const Json params = test.value("params", Json::object());
    const auto flag = [&](const char* name) {
      return params.value(name, false) ? trust::Explicit::yes : trust::Explicit::no;
    };
    for (const Json& policy : params.value("user_initial_policy_set", Json::array()))
      rules.policies.push_back(policy.get<std::string>());
    rules.explicit_policy = flag("initial_explicit_policy");
    rules.inhibit_mapping = flag("initial_policy_mapping_inhibit");
    rules.inhibit_any_policy = flag("initial_any_policy_inhibit");
    const trust::TrustStore store({certificate("TrustAnchorRootCertificate.crt")});
    return trust::verify_path(certificate(test["end_entity"].get<std::string>()), pool, store, at,
                              rules);
  }

 private:
  explicit Pkits(std::string folder)
      : folder_(std::move(folder)),
        cases_(parse_json(read_file(folder_ + "/cases.json", 1 << 20), "cases.json")) {}
  std::string folder_;
  Json cases_;
};

}  // namespace tsp::test
