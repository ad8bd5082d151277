// A test TSP in memory: root and issuing CA with software keys, by the profiles that are shipped.
#pragma once

#include <string>

#include "base/files.h"
#include "support/software_signer.h"
#include "x509/issue.h"
#include "x509/revocation.h"

namespace tsp::test {

inline constexpr const char* kTestPolicy = "2.25.329800735698586629295641978511506172918";

inline x509::Profile profile(const std::string& name) {
  const std::string path = std::string(TSP_SOURCE_DIR) + "/config/profiles/" + name + ".yaml";
  const Bytes text = read_file(path, 1 << 20);
  return x509::parse_profile(yaml::parse(as_text(text), name + ".yaml"));
}

inline x509::Subject organisation(const std::string& common_name) {
  x509::Subject subject;
  subject.country = "LU";
  subject.organization = "TEST Provider";
  subject.common_name = common_name;
  return subject;
}

inline x509::Subject ada() {
  x509::Subject subject;
  subject.country = "LU";
  subject.given_name = "Ada";
  subject.surname = "Lovelace";
  subject.serial_number = "PNOLU-18151210";
  subject.common_name = "Ada Lovelace";
  return subject;
}

// As the profile says, from `now` on, with a new serial number and no addresses.
inline x509::Order order_for(const x509::Profile& profile, const x509::Subject& subject,
                             const crypto::PublicKey& key, Time now) {
  return {profile, subject, key,        x509::random_serial(), now, now + profile.lifetime, {},
          {},      {},      kTestPolicy};
}

struct Authority {
  explicit Authority(crypto::KeyAlgorithm algorithm, Time at = whole_seconds(SystemClock().now()))
      : now(at), root_key(algorithm), issuing_key(algorithm) {}

  x509::Certificate issue(const x509::Order& order, const x509::Certificate* issuer,
                          crypto::Signer& key) const {
    return x509::issue_certificate(x509::plan_certificate(order, issuer, key.public_key(), now),
                                   key);
  }
  x509::Certificate issue(const x509::Order& order) { return issue(order, &issuing, issuing_key); }

  Time now;
  SoftwareSigner root_key, issuing_key;
  x509::Certificate root =
      issue(order_for(profile("root"), organisation("TEST root"), root_key.public_key(), now),
            nullptr, root_key);
  x509::Certificate issuing = issue(
      order_for(profile("issuing"), organisation("TEST issuing"), issuing_key.public_key(), now),
      &root, root_key);
};

}  // namespace tsp::test
