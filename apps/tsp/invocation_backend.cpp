// Where the work of one run is done: by the server at the socket or in this process, with or
// without an authentication service before it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "configuration.h"
#include "invocation.h"
#include "ops/two_services.h"
#include "serve/remote_backend.h"

namespace tsp::app {
namespace {

constexpr const char* kAuthSocketName = "--auth-socket";

// With a server's answer. Making a key of 4096 bits may take a minute.
constexpr std::chrono::seconds kServerPatience{65};

}  // namespace

std::string Invocation::named_socket() const {
  return given("--socket") ? text("--socket") : socket_from_environment();
}

std::string Invocation::socket_path() const {
  const std::string named = named_socket();
  return named.empty() || named == "none" ? home().socket() : absolute_path(named);
}

bool Invocation::names_server() const {
  const std::string named = named_socket();
  return !named.empty() && named != "none";
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

}  // namespace tsp::app
