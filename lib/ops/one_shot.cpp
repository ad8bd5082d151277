#include "ops/one_shot.h"

#include <algorithm>

#include "base/error.h"
#include "crypto/suite.h"
#include "ops/certify.h"
#include "ops/groups.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

const x509::Profile& profile_for(Provider& provider, const store::UserRow& user) {
  const std::string of_group = find_group(provider, user.group).profile;
  if (!of_group.empty() && provider.profile(of_group).validity_assured)
    return provider.profile(of_group);
  return provider.profile(user.kind == "legal" ? "short-lived-seal" : "short-lived");
}

// The default of all keys where the profile takes it, else the profile's first.
std::string algorithm_of(const x509::Profile& profile) {
  std::string usual(crypto::name_of(crypto::KeyAlgorithm::ecdsa_p256));
  const auto& taken = profile.algorithms;
  if (taken.empty() || std::find(taken.begin(), taken.end(), usual) != taken.end()) return usual;
  return taken.front();
}

store::UserRow user_named(Provider& provider, const std::string& name) {
  auto user = store::find_user(provider.database(), name);
  if (!user) throw Error(Fault::not_found, "there is no user " + name, "", "nothing was signed");
  return std::move(*user);
}

Certification one_shot_certification(Provider& provider, const store::UserRow& user,
                                     const sam::OneShot& approved, const crypto::PublicKey& key,
                                     const std::string& key_name) {
  return {.profile = profile_for(provider, user).name,
          .subject = subject_of(user),
          .key = key,
          .key_name = key_name,
          .owner = user.name,
          .lifetime = std::chrono::seconds(approved.seconds)};
}

}  // namespace

sam::OneShot plan_one_shot(Provider& provider, const store::UserRow& user, int scal) {
  const x509::Profile& profile = profile_for(provider, user);
  return {x509::to_text(subject_of(user)), algorithm_of(profile),
          static_cast<std::uint32_t>(profile.lifetime.count()), scal};
}

void check_one_shot(Provider& provider, const std::string& user, const sam::OneShot& approved) {
  const auto algorithm = crypto::parse_key_algorithm(approved.algorithm);
  if (!algorithm)
    throw Error(Fault::policy_refused, "no key is made for these signatures",
                approved.algorithm + " is no algorithm of keys", "nothing was signed");
  // A server's worker asks another for the certificate, once there is a key.
  if (provider.may_open("pki")) provider.session("pki")->open_signer(kIssuingKey);
  const auto key = provider.session("signers")->generate_one_time(*algorithm);
  plan_certification(provider,
                     one_shot_certification(provider, user_named(provider, user), approved,
                                            key->public_key(), std::string(sam::kOneShotKey)),
                     x509::random_serial());
}

x509::Certificate certify_one_shot(Provider& provider, const sam::OneShotKey& key) {
  const Certification what = one_shot_certification(provider, user_named(provider, key.signer),
                                                    key.approved, key.public_key, key.id);
  try {
    return certify(provider, what).certificate;
  } catch (const Error& error) {
    if (error.fault != Fault::policy_refused || error.audit_seq) throw;
    refuse(provider,
           {what.event,
            what.key_name,
            "pre-issuance-check",
            {{"profile", what.profile}, {"objections", error.why}}},
           error, Keep::each);
  }
}

}  // namespace tsp::ops
