#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "configuration.h"
#include "invocation.h"
#include "ops/space.h"
#include "serve/log.h"
#include "serve/supervisor.h"

namespace tsp::app {
namespace {

constexpr int kFirstInherited = 3;  // sd_listen_fds(3)

// A line to whoever started us as a service (sd_notify(3)); nothing where nobody did.
void notify(const std::string& line) {
  const std::string place = notify_socket_from_environment();
  if (place.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (place.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, place.data(), place.size());
  if (place[0] == '@') address.sun_path[0] = '\0';
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + place.size());
  ::sendto(fd.get(), line.data(), line.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), size);
}

// The socket that was opened for us, if one was.
Fd inherited_socket() {
  if (inherited_sockets_from_environment() < 1) return Fd();
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(kFirstInherited, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      listening == 0)
    throw Error(Fault::usage, "descriptor 3 is no listening socket", "LISTEN_FDS says that it is",
                "see tsp help serve");
  return Fd(kFirstInherited);
}

unsigned workers(const ops::Config& config, const char* setting) {
  const auto wanted = config.integer(setting);
  if (wanted > 0) return static_cast<unsigned>(wanted);
  return std::max(1U, std::thread::hardware_concurrency());
}

serve::Service service_of(Invocation& run) {
  const std::string role = run.text("--role", "all");
  if (role == "auth" && run.config().text("auth.signing_services").empty())
    throw Error(Fault::usage, "an authentication service asserts factors to nobody here",
                "auth.signing_services is empty", "nothing was started; see docs/serve.md");
  if (role == "sign" && run.config().text("sign.authentication_services").empty())
    throw Error(Fault::usage, "a signing service takes nobody's assertion here",
                "sign.authentication_services is empty", "nothing was started; see docs/serve.md");
  if (role == "auth") return serve::Service::authentication;
  return role == "sign" ? serve::Service::signing : serve::Service::all;
}

serve::Level level_of(const ops::Config& config) {
  const std::string& name = config.text("serve.log");
  if (name == "error") return serve::Level::error;
  if (name == "warning") return serve::Level::warning;
  return name == "notice" ? serve::Level::notice : serve::Level::info;
}

// Documents that a worker was killed over (csc.documents).
void remove_spools(const std::string& run_folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(run_folder, ignored))
    if (entry.path().filename().string().starts_with("spool-"))
      std::filesystem::remove_all(entry.path(), ignored);
}

// The lock is its workers' too. Those of a server that was killed end by themselves, soon after it.
constexpr int kLeavingMs = 2000;

int run_serve(Invocation& run) {
  const ops::Home home = run.home();
  const ops::Config& config = run.config();
  run.check_home();
  const serve::Service service = service_of(run);
  make_directory(home.run(), 0700);
  std::optional<FileLock> lock;
  try {
    lock.emplace(home.run() + "/serve.lock", kLeavingMs);
  } catch (const Error& error) {
    if (error.fault != Fault::busy) throw;
    throw Error(Fault::busy, "a server works on " + home.path + " already", "",
                "nothing was started");
  }
  remove_spools(home.run());
  serve::set_log(level_of(config), logs_to_journal());
  serve::RoleTable roles(config, ::geteuid());
  const bool separated = roles.separated();
  serve::ServeOrder order{
      inherited_socket(),
      Fd(),
      std::move(roles),
      {},
      workers(config, "serve.approvals"),
      service == serve::Service::authentication ? 0 : workers(config, "serve.signatures"),
      service,
      {},
      {},
      {},
      {},
      run.world().stop};
  order.most_memory = static_cast<std::size_t>(config.integer("serve.memory")) << 20;
  order.limits.connections = static_cast<std::size_t>(config.integer("serve.connections"));
  order.limits.documents = config.boolean("csc.documents");
  const std::string path = run.socket_path();
  if (!order.socket) order.socket = serve::listen_at(path, separated);
  if (run.given("--listen")) order.open_listener = serve::listen_on_loopback(run.text("--listen"));
  order.open_provider = [&run] { return run.open_provider(); };
  order.ready = [&] {
    notify("READY=1\nSTATUS=serving");
    run.terminal.note("Serving at " + path +
                      (run.given("--listen") ? " and on " + run.text("--listen") : ""));
  };
  order.stopping = [] { notify("STOPPING=1"); };
  order.space_is_low = [home, &config] { return ops::look_at_space(home, config).low(); };
  return serve::supervise(order);
}

}  // namespace

std::vector<Command> serve_commands() {
  return {
      {.path = "serve",
       .summary = "serve the same operations over a socket",
       .details =
           "Listens at a Unix socket for signers, applications and staff, whom it knows by their "
           "user and group (tsp.yaml, roles), and with --listen on a loopback address for relying "
           "parties. A front without any login reads what comes in; workers that are logged in to "
           "one kind of token each do the work, and are replaced when they die.\n\nSIGTERM "
           "finishes what was begun; SIGHUP replaces the workers, which read configuration and "
           "profiles anew; roles, limits and addresses are read at the start alone.\n\nWith --role "
           "auth it checks the factors of signers whose keys are "
           "elsewhere, "
           "and issues assertions to the signing services of auth.signing_services; with --role "
           "sign factors of SCAL 1 are not taken, but assertions of the services of "
           "sign.authentication_services, once each. Each has a HOME, a socket and an audit log of "
           "its own.\n\nLines about what was asked go to standard error.",
       .operands = {},
       .options = {{"--role", "ROLE",
                    "one of two services, with another server for the other (else all): auth "
                    "checks factors and asserts them, sign signs by such assertions",
                    Takes::value, "all|auth|sign"},
                   {"--listen", "ADDR:PORT",
                    "also serve relying parties there: OCSP, time-stamps, CRLs, certificates"}},
       .exits = {7, 9, 10, 11, 13, 75},
       .examples = {"tsp serve", "tsp serve --socket /run/tsp/tsp.sock --listen 127.0.0.1:8080"},
       .run = &run_serve},
  };
}

}  // namespace tsp::app
