// Founding a TSP (`tsp init`): everything is made in a folder beside HOME and moved into place as
// one rename when it is whole, so an interruption leaves either nothing or a leftover that the next
// founding removes (keys it made on a foreign HSM included). world.stop is looked at between steps.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "ops/provider.h"

namespace tsp::ops {

struct Founding {
  std::string name = "Example Trust Services";
  std::string country = "LU";
  crypto::KeyAlgorithm ca_algorithm = crypto::KeyAlgorithm::ecdsa_p256;
  std::string pki_url;       // empty: no AIA and CRLDP
  std::string root_pin_out;  // the root token's PIN goes there and stays not in HOME
  std::string hsm_module;    // empty: embedded SoftHSM
  std::map<std::string, std::string>
      hsm_tokens;  // role → label; a single "" → label serves all roles
  std::optional<Secret> hsm_pin;
  // Called once with the folder whose softhsm2.conf SoftHSM must read from now on.
  std::function<void(const Home&)> point_softhsm_at;
  // Of PIN verifiers and seals to come; refused below crypto::kLeastArgon2. Nothing: what takes
  // about 100 ms on this machine.
  std::optional<crypto::Argon2> pin_cost;
};

struct Founded {
  Home home;
  std::string name, audit_origin;
  std::string root_certificate, issuing_certificate, tsa_certificate;  // absolute paths
  std::string hsm_module;
  std::map<std::string, std::string> hsm_tokens;
};

// Errors: {already_exists} when anything stands in HOME; {bad_input} for a name or country that no
// certificate can carry; {hsm_unavailable}; {busy} when another founding of this HOME runs.
// `dry_run` checks everything and makes nothing.
Founded found(const Home& home, Founding founding, const World& world, bool dry_run);

}  // namespace tsp::ops
