// A SoftHSM of a test's own: tokens in a temporary directory, gone with the fixture.
//
//     SoftHsm hsm;
//     auto session = hsm.session();          // token "signers", made when first asked for
//     session->generate_wrapping_key("master-1");
//
// SOFTHSM2_CONF is set at construction, so one SoftHsm at a time in a process. Sessions, signers
// and modules must be dropped before it.
#pragma once

#include <memory>
#include <string>

#include "hsm/hsm.h"

namespace tsp::test {

class SoftHsm {
 public:
  SoftHsm();
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;
  ~SoftHsm();

  static std::string module_path();  // throws Error{not_found} where SoftHSM is not installed
  static Secret pin();               // the user PIN of every token made here
  static Secret so_pin();

  const std::string& directory() const { return directory_; }
  std::string lock_path() const { return directory_ + "/hsm.lock"; }

  // The module, loaded when first asked for and kept until unload().
  std::shared_ptr<hsm::Module> module();
  void unload() { module_.reset(); }
  // Makes the token where there is none and logs in.
  std::shared_ptr<hsm::Session> session(const std::string& token = "signers");

 private:
  std::string directory_;
  std::shared_ptr<hsm::Module> module_;
};

}  // namespace tsp::test
