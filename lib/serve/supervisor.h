// The process that `tsp serve` begins as: it forks front and workers, replaces what dies, and is
// the only one that gets signals. It reads nothing from anybody and loads no HSM module, so that
// each worker forks before C_Initialize.
#pragma once

#include <functional>
#include <memory>

#include "ops/provider.h"
#include "serve/front.h"

namespace tsp::serve {

struct ServeOrder {
  Fd socket, open_listener;  // listening
  RoleTable roles;
  FrontLimits limits;
  unsigned approvals = 1, signatures = 1;  // an authentication service has none that sign
  Service service = Service::all;
  // Called in each worker, with the configuration as it is then.
  std::function<std::unique_ptr<ops::Provider>()> open_provider;
  // Called once all workers have logged in, and when the end begins.
  std::function<void()> ready, stopping;
  std::function<bool()> space_is_low{};  // for the front
  // Throws where a signal came before the supervisor watched for them.
  std::function<void()> stop_if_asked;
  // A worker that signs and holds more memory of its own is replaced, as by SIGHUP: an HSM's module
  // may keep something of each key that it destroyed (SoftHSM some 380 octets), until C_Finalize.
  std::size_t most_memory = std::size_t{64} << 20;
};

// Serves until SIGTERM or SIGINT, then drains for half a minute at most. SIGHUP replaces the
// workers one by one, which read configuration and profiles anew. Error{hsm_unavailable} or what
// else kept a worker from starting, where it happens before all were ready once.
int supervise(ServeOrder& order);

// The listening ends. A socket that nobody listens at is replaced; the caller holds the lock on the
// server's place. `open_to_all`: any local user may connect, and has the roles that he has.
Fd listen_at(const std::string& path, bool open_to_all);
// "127.0.0.1:8080" or "[::1]:8080". Error{usage}; {policy_refused} for an address that is not this
// host's own.
Fd listen_on_loopback(const std::string& address);

}  // namespace tsp::serve
