// What holds for every document of one call: the credential, asked for with the PIN where it must
// be, and the algorithms and level that go with it.
#include "base/error.h"
#include "ops/signing.h"

namespace tsp::ops {
namespace {

// First without the PIN: whether it is needed depends on who we are to the backend.
template <typename Look>
Credential with_pin_if_needed(const AskPin& ask_pin, const Look& look) {
  try {
    return look(nullptr);
  } catch (const Error& error) {
    if (error.fault != Fault::input_needed || !ask_pin) throw;
  }
  const Secret pin = ask_pin();
  return look(&pin);
}

}  // namespace

Credential own_credential(Backend& backend, const std::string& user, const std::string& key,
                          const AskPin& ask_pin) {
  return with_pin_if_needed(ask_pin,
                            [&](const Secret* pin) { return backend.credential(user, key, pin); });
}

Credential one_shot_credential(Backend& backend, const std::string& user, int scal,
                               const AskPin& ask_pin) {
  return with_pin_if_needed(ask_pin,
                            [&](const Secret* pin) { return backend.one_shot(user, scal, pin); });
}

Credential credential_for(Backend& backend, const SignDocuments& request, const AskPin& pin) {
  return request.with == SignDocuments::With::one_shot
             ? one_shot_credential(backend, request.user, request.scal, pin)
             : own_credential(backend, request.user, request.key, pin);
}

SigningPlan make_plan(Credential credential, Time now, std::optional<crypto::HashAlgorithm> hash,
                      const std::string& level_name, LongTermOptions long_term) {
  const auto algorithm = crypto::parse_key_algorithm(credential.algorithm);
  if (!algorithm)
    throw Error(Fault::tampered, "the key " + credential.key + " has an unknown algorithm");
  const auto level = parse_level(level_name);
  if (!level) throw Error(Fault::usage, "there is no level " + level_name);
  if (credential.one_shot && *level == Level::b_b)
    throw Error(Fault::usage, "a signature with a one-shot key needs a time-stamp",
                "its certificate lives for minutes, and without one nobody can tell later that it "
                "was valid",
                "nothing was signed; take --level B-T or more");
  const auto after = credential.one_shot ? SigningPlan::Key::goes : SigningPlan::Key::stays;
  return {std::move(credential),
          now,
          crypto::scheme_for(*algorithm, crypto::Purpose::document),
          hash.value_or(crypto::default_hash(*algorithm)),
          *level,
          std::move(long_term),
          after};
}

}  // namespace tsp::ops
