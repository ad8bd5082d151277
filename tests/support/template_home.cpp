#include "support/template_home.h"

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "hsm/softhsm.h"
#include "ops/certificates.h"
#include "ops/found.h"
#include "ops/keys.h"
#include "ops/users.h"
#include "sam/weak_for_tests.h"

namespace tsp::test {
namespace {

namespace fs = std::filesystem;

// The least that Argon2 can be asked for.
constexpr crypto::Argon2 kNextToNothing{8, 1, 1};

void use_tokens_of(const ops::Home& home) {
  write_file(home.softhsm_config(), as_bytes(hsm::softhsm_config(home.tokens())), Existing::replace,
             0600);
  ::setenv("SOFTHSM2_CONF", home.softhsm_config().c_str(), 1);
}

// Enrols alice as the product does, then puts the cheap verifier and the known seed in place.
void enroll_alice(ops::Provider& provider) {
  const std::string name(kAlice);
  const Secret pin = Secret::copy_of(as_bytes(kAlicePin));
  ops::EnrollUser request;
  request.name = name;
  request.common_name = "Alice Martin";
  request.given_name = "Alice";
  request.surname = "Martin";
  request.pin = pin.clone();
  request.hand_out = [](const Secret&) {};
  ops::enroll_user(provider, request);

  const auto hsm = provider.session("signers");
  const Bytes verifier = sam::make_pin_verifier_for_tests(*hsm, name, pin, kNextToNothing);
  const Bytes seed =
      sam::seal_seed(*hsm, name, Secret::copy_of(as_bytes(std::string_view(kAliceSeed))));
  store::Transaction transaction(provider.database());
  for (const auto& factor : store::factors_of(provider.database(), name))
    store::set_factor_data(transaction, factor.id, factor.type == "pin" ? verifier : seed);
  transaction.commit();
}

}  // namespace

ops::Home found_home(const std::string& target, const std::string& data,
                     crypto::KeyAlgorithm algorithm) {
  const ops::Home home{absolute_path(target)};
  const SystemClock clock;
  ops::Founding founding;
  founding.ca_algorithm = algorithm;
  founding.pin_cost = crypto::kLeastArgon2;  // of PINs that the product sets in it
  founding.point_softhsm_at = &use_tokens_of;
  ops::found(home, std::move(founding), {clock, nullptr, nullptr, "uid:0", data}, false);
  use_tokens_of(home);
  return home;
}

void found_template(const std::string& folder, const std::string& data) {
  fs::remove_all(folder);
  make_directory(folder, 0700);
  const ops::Home home{absolute_path(folder) + "/home"};
  found_home(home.path, data, crypto::KeyAlgorithm::ecdsa_p256);
  const SystemClock clock;
  const ops::World world{clock, nullptr, nullptr, "uid:0", data};
  ops::Provider provider(home, {}, world);
  enroll_alice(provider);
  ops::GenerateKey key;
  key.user = std::string(kAlice);
  ops::generate_key(provider, key);
  ops::issue_certificate(provider,
                         {.key = {}, .user = std::string(kAlice), .profile = {}, .lifetime = {}});
  write_file(folder + "/totp", as_bytes(std::string(kAliceTotp) + "\n"), Existing::refuse);
  write_file(folder + "/pin", as_bytes(std::string(kAlicePin) + "\n"), Existing::refuse, 0600);
}

ops::Home copy_template(const std::string& target) {
  fs::copy(TSP_TEMPLATE_DIR "/home", target, fs::copy_options::recursive);
  const ops::Home home{absolute_path(target)};
  use_tokens_of(home);
  return home;
}

}  // namespace tsp::test
