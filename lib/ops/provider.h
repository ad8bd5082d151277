// A founded TSP, opened for work: store, HSM sessions by role, profiles, clock. Sessions log in
// when first asked for; a verb that needs no HSM opens none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "audit/log.h"
#include "hsm/hsm.h"
#include "jail/jail.h"

#include "ops/beside.h"
#include "ops/config.h"
#include "ops/home.h"
#include "ops/roles.h"
#include "sam/sam.h"
#include "store/rows.h"
#include "x509/certificate.h"
#include "x509/profile.h"

namespace tsp::net {
class Fetcher;
}

namespace tsp::ops {

// Roles of HSM tokens, and the labels of the infrastructure keys in them.
inline constexpr const char* kTokenRoles[] = {"root", "pki", "signers", "audit"};
inline constexpr const char* kRootKey = "root-1";
inline constexpr const char* kIssuingKey = "issuing-1";
inline constexpr const char* kOcspKey = "ocsp-1";
inline constexpr const char* kTsaKey = "tsa-1";
inline constexpr const char* kAuditKey = "audit-1";  // ECDSA P-256
inline constexpr const char* kAuditEd25519Key = "audit-ed25519-1";

// Where the embedded HSM's module lies. Error{hsm_unavailable} where it is not installed.
std::string softhsm_module();

// The outside world as it is given to the operations.
struct World {
  const Clock& clock;
  jail::Jail* jail = nullptr;         // nullptr: operations that parse documents are refused
  net::Fetcher* fetcher = nullptr;    // nullptr: nothing is fetched
  std::string caller = "system";      // "uid:1000"
  std::string data;                   // folder of profiles, common-pins.txt, …
  std::chrono::seconds patience{20};  // with a server elsewhere
  // Long work calls it between steps; it throws Error{interrupted} when enough was done.
  std::function<void()> stop = {};
  void stop_if_asked() const {
    if (stop) stop();
  }
};

// What is begun in a thread of its own, for who is sure to need it, before the store is opened.
enum class Ahead { nothing, hsm };

class Provider {
 public:
  // Opens the store of `home`. Error{not_found} with "tsp init" as the next step where none stands.
  Provider(Home home, Config config, World world, Ahead ahead = Ahead::nothing);
  ~Provider();

  const Home& home() const { return home_; }
  const Config& config() const { return config_; }
  const World& world() const { return world_; }
  Time now() const { return world_.clock.now(); }
  // Not to be kept over a rest().
  store::Database& database();
  // The work is done, it seems: in that thread, if there is one, the store is closed, and the HSM
  // unless somebody still holds what session() or module() gave. What is asked for after all is
  // opened anew, once that is done.
  void rest() noexcept;
  // Who asks: of this process every role, until act_for() names another. Staff is who has a role of
  // staff.
  sam::Caller caller() const;
  Roles roles() const { return roles_; }
  void act_for(std::string caller, Roles roles);

  // The logged-in session of a token role. Error{hsm_unavailable}.
  std::shared_ptr<hsm::Session> session(const std::string& role);
  // Begins to log in to its token, for who is sure to need it, in the thread that loads the module.
  // session() waits for it, and throws what it met where that token is asked for. Once; without
  // load_module_ahead() nothing happens.
  void log_in_ahead(const std::string& role);
  // The token's PIN kept in HOME; Error{input_needed}/{hsm_unavailable} where it is kept elsewhere
  // (root with --root-pin-out) and was not given by set_hsm_pin().
  void set_hsm_pin(const std::string& role, Secret pin);
  // From now on this process logs in to the tokens of these roles and to no other:
  // Error{not_permitted}.
  void restrict_sessions(std::vector<std::string> roles) { allowed_ = std::move(roles); }
  bool may_open(const std::string& role) const;
  // "none": this process logs in to every token. "processes": it is a server's worker, which has
  // some of them; other processes of the same Unix user have the others.
  std::string_view separation() const { return allowed_ ? "processes" : "none"; }
  std::shared_ptr<hsm::Module> module();
  // Begins to load the module in a thread of its own, for who is sure to need it. What fails is
  // told by module().
  void load_module_ahead();

  const x509::Profile& profile(const std::string& name);  // Error{not_found}
  x509::Certificate certificate_of_role(
      const std::string& role);  // root, issuing, ocsp, tsa, sam: newest valid
  // Of a row with octets. What a role's last row held is not decoded again.
  x509::Certificate decoded(const store::CertificateRow& row);
  std::vector<x509::Certificate> authority_chain();  // issuing, root
  std::string name();                                // of the TSP
  crypto::Argon2 pin_cost();                         // of new PIN verifiers
  std::string test_policy();                         // 2.25.…

  // One record outside any other transaction.
  std::int64_t record(const audit::Event& event);
  // An event with the caller filled in.
  audit::Event event(std::string name, audit::Outcome outcome, std::string subject,
                     Json details) const;

 private:
  std::shared_ptr<hsm::Session> open_session(const std::string& role);
  std::shared_ptr<hsm::Module> loaded_module();
  void close_hsm();
  void end_rest();

  Home home_;
  Config config_;
  World world_;
  Roles roles_ = Roles::all();
  std::unique_ptr<store::Database> database_;
  // Order of destruction: beside_, sessions, then the module.
  std::shared_ptr<hsm::Module> module_;
  std::map<std::string, Secret> pins_;
  std::optional<std::vector<std::string>> allowed_;
  std::map<std::string, std::shared_ptr<hsm::Session>> sessions_;
  std::map<std::string, x509::Profile> profiles_;
  std::map<std::string, x509::Certificate> decoded_;  // by role
  std::shared_future<void> loading_, login_, rest_;   // of beside_
  std::string login_label_;                           // the token of login_
  std::unique_ptr<Beside> beside_;
};

}  // namespace tsp::ops
