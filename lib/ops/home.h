// Where a TSP keeps what: HOME and the names in it. Nothing here reads the environment.
#pragma once

#include <cstddef>
#include <string>

namespace tsp::ops {

struct Home {
  std::string path;  // absolute

  std::string config() const { return path + "/tsp.yaml"; }
  std::string database() const { return path + "/tsp.db"; }
  std::string tokens() const { return path + "/tokens"; }  // embedded SoftHSM
  std::string softhsm_config() const { return path + "/softhsm2.conf"; }
  std::string pin(const std::string& role) const { return path + "/secrets/hsm-" + role + ".pin"; }
  std::string profiles() const { return path + "/profiles"; }
  std::string certificates() const {
    return path + "/ca";
  }  // root.pem, issuing.pem, tsa.pem, ocsp.pem
  std::string certificate(const std::string& role) const { return path + "/ca/" + role + ".pem"; }
  std::string verifier_key() const { return path + "/ca/audit.vkey"; }  // of the log's checkpoints
  std::string crl(const std::string& ca) const { return path + "/crl/" + ca + ".crl"; }
  std::string checkpoints() const {
    return path + "/checkpoints";
  }                                                      // remembered notes of audit verify
  std::string cache() const { return path + "/cache"; }  // evidence fetched from elsewhere
  std::string trust() const { return path + "/trust"; }  // what tsp trust keeps
  std::string run() const { return path + "/run"; }
  std::string socket() const { return path + "/run/tsp.sock"; }
  std::string login_lock() const { return path + "/run/login.lock"; }
  // True where a whole TSP stands: the store is there. Founding moves a finished folder into place,
  // so there is no half one.
  bool stands() const;
};

// Octets of what is read from there.
inline constexpr std::size_t kLargestProfile = std::size_t{1} << 20,
                             kLargestCrl = std::size_t{64} << 20;

}  // namespace tsp::ops
