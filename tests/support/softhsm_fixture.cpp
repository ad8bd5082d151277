#include "support/softhsm_fixture.h"

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "hsm/softhsm.h"

namespace tsp::test {

SoftHsm::SoftHsm() {
  std::string name = (std::filesystem::temp_directory_path() / "tsp-softhsm-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw_errno(errno, "cannot make a directory for SoftHSM");
  directory_ = name;
  make_directory(directory_ + "/tokens", 0700);
  const std::string config = directory_ + "/softhsm2.conf";
  write_file(config, as_bytes(hsm::softhsm_config(directory_ + "/tokens")), Existing::refuse, 0600);
  ::setenv("SOFTHSM2_CONF", config.c_str(), 1);
}

SoftHsm::~SoftHsm() {
  module_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string SoftHsm::module_path() {
  if (auto path = hsm::locate_softhsm()) return *path;
  throw Error(Fault::not_found, "cannot test with an HSM", "SoftHSM is not installed",
              "run scripts/bootstrap --tests");
}

Secret SoftHsm::pin() {
  return Secret::copy_of(as_bytes("9f2c-user-pin-of-tests"));
}
Secret SoftHsm::so_pin() {
  return Secret::copy_of(as_bytes("41b7-so-pin-of-tests"));
}

std::shared_ptr<hsm::Module> SoftHsm::module() {
  if (!module_) module_ = hsm::Module::load(module_path(), lock_path());
  return module_;
}

std::shared_ptr<hsm::Session> SoftHsm::session(const std::string& token) {
  if (!module()->find_token(token)) module()->initialise_token(token, so_pin(), pin());
  return hsm::Session::login(module(), token, pin(), lock_path());
}

}  // namespace tsp::test
