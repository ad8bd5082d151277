#include "invocation.h"

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "base/text.h"
#include "configuration.h"
#include "net/fetcher.h"
#include "secret_source.h"

namespace tsp::app {
namespace {

constexpr const char* kHsmPinFromName = "--hsm-pin-from";

}  // namespace

Invocation::Invocation(const Command& command_, Terminal& terminal_)
    : command(command_), terminal(terminal_), clock_(std::make_unique<SystemClock>()) {}

Invocation::~Invocation() = default;

ops::Home Invocation::home() const {
  return resolve_home(given("--home") ? text("--home") : "");
}

std::string Invocation::data_folder() const {
  return locate_data();
}

ops::Config& Invocation::config() {
  if (!config_) {
    config_ = std::make_unique<ops::Config>(load_config(home()));
    tell_settings();
  }
  return *config_;
}

ops::World Invocation::world() {
  if (!fetcher_) {
    net::CurlOptions options;
    options.stop = &was_interrupted;
    fetcher_ = std::make_unique<net::CurlFetcher>(std::move(options));
  }
  return ops::World{*clock_,
                    jail,
                    fetcher_.get(),
                    fmt::format("uid:{}", ::getuid()),
                    data_folder(),
                    config().duration("fetch.timeout"),
                    &throw_if_interrupted};
}

void Invocation::tell_settings() const {
  terminal.detail("The TSP is in " + printable(home().path));
  for (const auto& [name, value] : config_->all())
    if (value.origin != "default")
      terminal.detail(fmt::format("Setting {} = {} from {}", name, printable(value.text),
                                  printable(value.origin)));
}

void Invocation::tell_hsm() const {
  const std::string& module = config_->text("hsm.module");
  terminal.detail("HSM module " + (module.empty() ? "SoftHSM, embedded" : printable(module)));
  for (const char* role : ops::kTokenRoles)
    terminal.detail(fmt::format("HSM token for {}: {}", role,
                                printable(config_->text(fmt::format("hsm.token.{}", role)))));
}

// A PIN that is given for this once does not cross: a worker would stay logged in with it.
bool Invocation::gives_hsm_pin() const {
  return app->get_option_no_throw(kHsmPinFromName) != nullptr && given(kHsmPinFromName);
}

// --hsm-pin-from stands for the PINs that HOME does not keep.
void Invocation::give_hsm_pin() {
  if (!gives_hsm_pin()) return;
  const Secret pin =
      read_secret(text(kHsmPinFromName), kHsmPinFromName, "PIN of the HSM", terminal);
  for (const char* role : ops::kTokenRoles)
    if (!exists(home().pin(role))) provider_->set_hsm_pin(role, pin.clone());
}

ops::Provider& Invocation::provider(ops::Ahead ahead) {
  if (!provider_) {
    refuse_named_server();
    use_embedded_tokens(home());
    provider_ = std::make_unique<ops::Provider>(home(), config(), world(), ahead);
    tell_hsm();
    give_hsm_pin();
  }
  return *provider_;
}

std::unique_ptr<ops::Provider> Invocation::open_provider() {
  config_.reset();
  use_embedded_tokens(home());
  return std::make_unique<ops::Provider>(home(), config(), world());
}

void Invocation::check_home() const {
  if (home().stands()) return;
  throw Error(Fault::not_found, "there is no TSP in " + home().path, "",
              "found one with tsp init, or name another folder with --home");
}

}  // namespace tsp::app
