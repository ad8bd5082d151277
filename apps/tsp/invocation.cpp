#include "invocation.h"

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "configuration.h"
#include "net/fetcher.h"
#include "ops/notices.h"
#include "ops/two_services.h"
#include "secret_source.h"
#include "serve/remote_backend.h"

namespace tsp::app {

Invocation::Invocation(const Command& command_, Terminal& terminal_)
    : command(command_), terminal(terminal_), clock_(std::make_unique<SystemClock>()) {}

Invocation::~Invocation() = default;

namespace {

constexpr const char* kHsmPinFromName = "--hsm-pin-from";
constexpr const char* kAuthSocketName = "--auth-socket";

// With a server's answer. Making a key of 4096 bits may take a minute.
constexpr std::chrono::seconds kServerPatience{65};

const CLI::Option& option_of(const CLI::App& app, std::string_view name) {
  const CLI::Option* option = app.get_option_no_throw(std::string(name));
  if (option == nullptr)
    throw Error(Fault::failed, fmt::format("the command does not declare {}", name));
  return *option;
}

// What is only read for a command that changes something knows no dry run.
bool takes_dry_run(std::string_view operation) {
  const ops::Operation* known = ops::find_operation(operation);
  return known != nullptr && std::ranges::find(known->members, "dry_run") != known->members.end();
}

bool changes_something(std::string_view operation) {
  const ops::Operation* known = ops::find_operation(operation);
  return known != nullptr && known->changes_state;
}

std::optional<std::int64_t> record_of(const Json& receipt) {
  const auto seq = receipt.find("audit_seq");
  if (seq == receipt.end() || !seq->is_number_integer()) return std::nullopt;
  return seq->get<std::int64_t>();
}

}  // namespace

bool Invocation::given(std::string_view option) const {
  return option_of(*app, option).count() > 0;
}

std::string Invocation::text(std::string_view option, std::string_view fallback) const {
  const CLI::Option& found = option_of(*app, option);
  return found.count() > 0 ? found.results().back() : std::string(fallback);
}

std::vector<std::string> Invocation::texts(std::string_view option) const {
  const CLI::Option& found = option_of(*app, option);
  return found.count() > 0 ? found.results() : std::vector<std::string>{};
}

std::optional<std::int64_t> Invocation::integer(std::string_view option) const {
  if (!given(option)) return std::nullopt;
  const std::string value = text(option);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size())
    throw Error(Fault::usage, fmt::format("{} {} is no number", option, value), "",
                fmt::format("see tsp help {}", command.path));
  return number;
}

std::optional<Time> Invocation::time(std::string_view option) const {
  if (!given(option)) return std::nullopt;
  const auto moment = from_rfc3339(text(option));
  if (!moment)
    throw Error(Fault::usage, fmt::format("{} {} is no time", option, text(option)),
                "times look like 2026-11-21T09:30:00Z or 2026-11-21",
                fmt::format("see tsp help {}", command.path));
  return moment;
}

void Invocation::add_time(Json& request, const char* option, const char* member) const {
  if (const auto moment = time(option)) request[member] = to_rfc3339(*moment, true);
}

std::string Invocation::required(std::string_view option) const {
  if (!given(option) || text(option).empty())
    throw Error(Fault::usage, fmt::format("tsp {} needs {}", command.path, option), "",
                fmt::format("see tsp help {}", command.path));
  return text(option);
}

std::optional<Secret> Invocation::secret(std::string_view option, const std::string& prompt) {
  if (!given(option)) return std::nullopt;
  return read_secret(text(option), std::string(option), prompt, terminal);
}

Secret Invocation::secret_or_ask(std::string_view option, const std::string& prompt) {
  if (given(option)) return read_secret(text(option), std::string(option), prompt, terminal);
  return terminal.ask_secret(prompt, std::string(option));
}

Secret Invocation::new_secret_or_ask(std::string_view option, const std::string& prompt) {
  Secret first = secret_or_ask(option, prompt);
  if (given(option) && text(option) != "prompt") return first;
  const Secret again = terminal.ask_secret(prompt + " again", std::string(option));
  if (!equal_in_constant_time(first.view(), again.view()))
    throw Error(Fault::usage, "the two entries differ", "", "nothing was changed; try again");
  return first;
}

std::unique_ptr<OutputFile> Invocation::output(std::string_view option, Existing existing) const {
  const std::string path = text(option);
  if (path.empty() || path == "-") return nullptr;
  return std::make_unique<OutputFile>(path, existing);
}

std::unique_ptr<OutputFile> Invocation::replaceable_output(std::string_view option) const {
  return output(option, flag(kForce.name) ? Existing::replace : Existing::refuse);
}

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

std::string Invocation::named_socket() const {
  return given("--socket") ? text("--socket") : socket_from_environment();
}

std::string Invocation::socket_path() const {
  const std::string named = named_socket();
  return named.empty() || named == "none" ? home().socket() : absolute_path(named);
}

// Who names a server wants that server, not this process in its place.
void Invocation::refuse_named_server() const {
  if (!names_server()) return;
  throw Error(Fault::usage, fmt::format("tsp {} works in this process", command.path),
              "no server does it", "leave --socket out, or give --socket none");
}

// Under which a server's activation module must be certified; empty: it is taken as it is.
std::vector<x509::Certificate> Invocation::trusted_roots(bool own_server) {
  std::string path = config().text("client.root");
  if (path.empty() && own_server) path = home().certificate("root");
  if (path.empty() || (config().text("client.root").empty() && !exists(path))) return {};
  constexpr std::size_t kLargestFile = 1 << 20;
  auto roots = x509::Certificate::all_from(read_file(path, kLargestFile));
  if (roots.empty())
    throw Error(Fault::bad_input, "client.root names a file without a certificate", path,
                "nothing was sent");
  return roots;
}

// The server at the socket. Nothing where none was named and none answers.
std::unique_ptr<ops::Backend> Invocation::remote_backend() {
  const std::string named = named_socket();
  if (named == "none" || (named.empty() && !exists(socket_path()))) return nullptr;
  const auto mode = dry_run() ? ops::LocalBackend::Mode::dry_run : ops::LocalBackend::Mode::real;
  auto backend = std::make_unique<serve::RemoteBackend>(
      serve::ClientOptions{socket_path(), kServerPatience, &throw_if_interrupted}, mode, *clock_,
      trusted_roots(named.empty()));
  if (backend->answers()) return backend;
  if (named.empty()) return nullptr;
  throw Error(Fault::busy, "no server answers at " + named, "",
              "nothing was done; work in this process with --socket none");
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

// A PIN that is given for this once does not cross: a worker would stay logged in with it.
bool Invocation::gives_hsm_pin() const {
  return app->get_option_no_throw(kHsmPinFromName) != nullptr && given(kHsmPinFromName);
}

bool Invocation::names_server() const {
  const std::string named = named_socket();
  return !named.empty() && named != "none";
}

ops::Backend* Invocation::backend_if_any() {
  if (!backend_ && !gives_hsm_pin()) backend_ = remote_backend();
  return backend_ || home().stands() ? &backend() : nullptr;
}

// Where factors of SCAL 1 are checked elsewhere: the signing backend behind that service's.
void Invocation::add_authentication() {
  if (app->get_option_no_throw(kAuthSocketName) == nullptr) return;
  const std::string named =
      given(kAuthSocketName) ? text(kAuthSocketName) : auth_socket_from_environment();
  if (named.empty() || named == "none" || dry_run()) return;
  auto authentication = std::make_unique<serve::RemoteBackend>(
      serve::ClientOptions{absolute_path(named), kServerPatience, &throw_if_interrupted},
      ops::LocalBackend::Mode::real, *clock_, trusted_roots(false));
  if (!authentication->answers())
    throw Error(Fault::busy, "no authentication service answers at " + named, "",
                "nothing was done; start it with tsp serve --role auth");
  backend_ = std::make_unique<ops::TwoServices>(std::move(authentication), std::move(backend_));
}

ops::Backend& Invocation::backend(ops::Ahead ahead) {
  if (backend_) return *backend_;
  if (!gives_hsm_pin()) backend_ = remote_backend();
  if (!backend_)
    backend_ = std::make_unique<ops::LocalBackend>(
        provider(ahead),
        dry_run() ? ops::LocalBackend::Mode::dry_run : ops::LocalBackend::Mode::real);
  add_authentication();
  return *backend_;
}

Json Invocation::call(Json request) {
  ops::Call call;
  call.request = std::move(request);
  return this->call(std::move(call));
}

Json Invocation::call(ops::Call call) {
  if (call.operation.empty()) call.operation = command.path;
  if (dry_run() && takes_dry_run(call.operation)) call.request["dry_run"] = true;
  Json receipt = backend().call(call);
  if (!dry_run() && changes_something(call.operation)) terminal.was_done(record_of(receipt));
  return receipt;
}

void Invocation::call_each(Json request, const char* list,
                           const std::function<void(const Json&)>& each) {
  while (true) {
    const Json page = call(request);
    for (const Json& entry : page.at(list)) each(entry);
    if (!page.contains("next")) return;
    throw_if_interrupted();
    request["after"] = page.at("next");
  }
}

Json Invocation::call_all(Json request, const char* list) {
  Json all = Json::array();
  call_each(std::move(request), list, [&](const Json& entry) { all.push_back(entry); });
  return {{list, std::move(all)}};
}

void Invocation::flush_notices() {
  constexpr std::size_t kMost = 5;
  constexpr std::chrono::seconds kPatience{3};
  if (!provider_ || !command.changes_state || dry_run()) return;
  try {
    const ops::Flushed flushed = ops::flush_notices(*provider_, kMost, kPatience);
    if (flushed.sent > 0) terminal.detail(fmt::format("Notices sent: {}", flushed.sent));
    for (const std::string& why : flushed.why)
      terminal.detail("Notice not sent to " + printable(why));
  } catch (const Error& error) {
    terminal.detail("Notices wait: " + printable(error.message));
  }
}

}  // namespace tsp::app
