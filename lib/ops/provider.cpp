#include "ops/provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "base/heap.h"
#include "hsm/softhsm.h"
#include "net/fetcher.h"
#include "ops/recording.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kLongestPin = 4096;
constexpr std::size_t kModuleHeap = 400 << 10;  // what SoftHSM takes until it is logged in

std::shared_ptr<hsm::Module> load(const Config& config, const Home& home) {
  std::string path = config.text("hsm.module");
  if (path.empty()) path = softhsm_module();
  make_directory(home.run(), 0700);
  return hsm::Module::load(path, home.login_lock());
}

// As records name it: who holds all of them in one process is an operator.
std::string acting_role(Roles roles) {
  if (roles == Roles::all()) return std::string(name_of(Role::operator_));
  const auto names = roles.names();
  return names.empty() ? "none" : names.front();
}

}  // namespace

std::string softhsm_module() {
  if (auto path = hsm::locate_softhsm()) return *path;
  throw Error(Fault::hsm_unavailable, "SoftHSM is not installed", "",
              "install the package softhsm2");
}

Provider::Provider(Home home, Config config, World world, Ahead ahead)
    : home_(std::move(home)), config_(std::move(config)), world_(std::move(world)) {
  if (!home_.stands())
    throw Error(Fault::not_found, "there is no TSP in " + home_.path, "",
                "found one with tsp init, or name another folder with --home");
  if (ahead == Ahead::hsm) load_module_ahead();
  database_ = store::Database::open(home_.database(), store::Database::Open::existing);
}

// The HSM is closed while the store is.
Provider::~Provider() {
  if (!beside_) return;
  end_rest();
  beside_->add([this] { close_hsm(); });
  database_.reset();
  beside_->finish();
}

sam::Caller Provider::caller() const {
  return {world_.caller, roles_.any_of(Roles::staff())};
}

void Provider::act_for(std::string caller, Roles roles) {
  world_.caller = std::move(caller);
  roles_ = roles;
}

store::Database& Provider::database() {
  end_rest();
  if (!database_)
    database_ = store::Database::open(home_.database(), store::Database::Open::existing);
  return *database_;
}

void Provider::end_rest() {
  if (rest_.valid()) std::exchange(rest_, {}).wait();
}

void Provider::rest() noexcept {
  try {
    if (!beside_) return;
    rest_ = beside_->begin([this] {
      database_.reset();
      close_hsm();
    });
  } catch (const std::exception&) {
    // The destructor does it.
  }
}

void Provider::close_hsm() {
  std::erase_if(sessions_, [](const auto& open) { return open.second.use_count() == 1; });
  if (module_.use_count() == 1) module_.reset();
}

std::shared_ptr<hsm::Module> Provider::module() {
  end_rest();
  return loaded_module();
}

std::shared_ptr<hsm::Module> Provider::loaded_module() {
  if (loading_.valid()) loading_.get();
  if (!module_) module_ = load(config_, home_);
  return module_;
}

void Provider::load_module_ahead() {
  if (beside_ || module_) return;  // in this order: beside_ writes module_
  try {
    beside_ = std::make_unique<Beside>();
  } catch (const std::system_error&) {
    return;  // no thread to be had: module() does it alone
  }
  loading_ = beside_->begin([this] {
    take_heap(kModuleHeap);
    module_ = load(config_, home_);
  });
}

void Provider::log_in_ahead(const std::string& role) {
  if (!beside_ || login_.valid()) return;
  login_label_ = config_.text("hsm.token." + role);
  login_ = beside_->begin([this, role] { open_session(role)->look_around(); });
}

void Provider::set_hsm_pin(const std::string& role, Secret pin) {
  pins_.insert_or_assign(role, std::move(pin));
}

bool Provider::may_open(const std::string& role) const {
  return !allowed_ || std::find(allowed_->begin(), allowed_->end(), role) != allowed_->end();
}

std::shared_ptr<hsm::Session> Provider::session(const std::string& role) {
  end_rest();
  if (login_.valid()) {
    login_.wait();  // sessions are opened by one thread at a time
    if (config_.text("hsm.token." + role) == login_label_) login_.get();
  }
  return open_session(role);
}

std::shared_ptr<hsm::Session> Provider::open_session(const std::string& role) {
  if (!may_open(role))
    throw Error(Fault::not_permitted, "this process does not log in to the token of " + role);
  // Roles may share a token: one login each token.
  const std::string label = config_.text("hsm.token." + role);
  if (const auto open = sessions_.find(label); open != sessions_.end()) return open->second;
  const auto given = pins_.find(role);
  if (given == pins_.end() && !exists(home_.pin(role)))
    throw Error(Fault::input_needed, fmt::format("the PIN of the token {} is not kept here", label),
                fmt::format("{} is absent", home_.pin(role)), "give it with --hsm-pin-from");
  const Secret pin = given != pins_.end() ? given->second.clone()
                                          : Secret(read_file(home_.pin(role), kLongestPin));
  make_directory(home_.run(), 0700);
  auto session = hsm::Session::login(loaded_module(), label, pin, home_.login_lock());
  return sessions_.emplace(label, std::move(session)).first->second;
}

const x509::Profile& Provider::profile(const std::string& name) {
  if (const auto known = profiles_.find(name); known != profiles_.end()) return known->second;
  const bool plain =
      !name.empty() &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  const std::string path = home_.profiles() + "/" + name + ".yaml";
  if (!plain || !exists(path))
    throw Error(Fault::not_found, "there is no certificate profile " + name, "",
                "the profiles lie in " + home_.profiles());
  auto parsed = x509::parse_profile(yaml::parse(as_text(read_file(path, kLargestProfile)), path));
  return profiles_.emplace(name, std::move(parsed)).first->second;
}

x509::Certificate Provider::certificate_of_role(const std::string& role) {
  const auto row = store::current_certificate(database(), role);
  if (!row)
    throw Error(Fault::not_found, "there is no valid certificate of the role " + role, "",
                "issue one with tsp cert renew " + role);
  return decoded(*row);
}

x509::Certificate Provider::decoded(const store::CertificateRow& row) {
  const auto known = decoded_.find(row.role);
  if (known != decoded_.end() && known->second.der() == row.der) return known->second;
  auto made = x509::Certificate::from_der(row.der);
  decoded_.insert_or_assign(row.role, made);
  return made;
}

std::vector<x509::Certificate> Provider::authority_chain() {
  return {certificate_of_role("issuing"), certificate_of_role("root")};
}

std::string Provider::name() {
  return store::setting(database(), "name").value_or("");
}

std::string Provider::test_policy() {
  return store::setting(database(), "test-policy").value_or("");
}

crypto::Argon2 Provider::pin_cost() {
  const auto number = [&](const char* name, std::uint32_t fallback) {
    const auto text = store::setting(database(), name);
    return text ? static_cast<std::uint32_t>(std::stoul(*text)) : fallback;
  };
  const crypto::Argon2 standard;
  return {number("argon2.memory-kib", standard.memory_kib),
          number("argon2.passes", standard.passes), number("argon2.lanes", standard.lanes)};
}

audit::Event Provider::event(std::string name, audit::Outcome outcome, std::string subject,
                             Json details) const {
  return {std::move(name),    outcome,           world_.caller, acting_role(roles_),
          std::move(subject), std::move(details)};
}

std::int64_t Provider::record(const audit::Event& event) {
  return commit(*this, Hsm::not_called, [&](store::Transaction& transaction) {
    return audit::append(transaction, now(), event);
  });
}

}  // namespace tsp::ops
