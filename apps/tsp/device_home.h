// The folder of the reference device: `device.key` (sealed, 0600), `card` (base64) and
// `owner.json`.
#pragma once

#include <string>

#include "sam/device.h"

namespace tsp::app {

// The octets of a card as tsp device init printed it (base64). Error{bad_input}.
Bytes read_card(const std::string& path);

// --device > TSP_DEVICE > XDG_DATA_HOME/tsp-device > ~/.local/share/tsp-device.
std::string resolve_device_home(const std::string& option);

class DeviceHome {
 public:
  struct Owner {
    std::string user, provider;
  };
  explicit DeviceHome(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Error{already_exists} where a device stands.
  void refuse_existing() const;
  void make(const sam::Device& device, const Owner& owner, const Secret& passphrase) const;

  // Errors: {not_found} with tsp device init as the next step; {tampered}.
  Owner owner() const;
  sam::DeviceCard card() const;
  sam::Device open(const Secret& passphrase) const;  // Error{factor_refused}
  // Error{policy_refused} for a request to another signer or by another provider.
  void check(const sam::ActivationRequest& request) const;

 private:
  std::string file(const char* name) const { return path_ + "/" + name; }
  std::string path_;
};

}  // namespace tsp::app
