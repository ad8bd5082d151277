// The front: sockets, HTTP, JSON. It has no login to the HSM and writes no store; whoever breaks in
// here sees sealed factors and signature activation data of documents that were approved.
#pragma once

#include <functional>

#include "base/files.h"
#include "serve/callers.h"
#include "serve/router.h"

namespace tsp::serve {

struct FrontLimits {
  std::size_t connections = 1024;    // of them all; the one that idles longest makes room
  std::size_t waiting = 512;         // for one kind of worker
  std::size_t waiting_of_one = 128;  // of one caller: a user, or behind a gateway an API key
  bool documents = false;            // whole ones may come to signatures/signDoc
  // Of all API keys behind one gateway.
  std::size_t waiting_of_user() const { return std::max(waiting_of_one, waiting / 2); }
};

struct FrontOrder {
  Fd control;        // to the supervisor (control.h)
  Fd socket;         // listening, Unix
  Fd open_listener;  // listening, TCP, for relying parties; none
  const RoleTable* roles;
  FrontLimits limits{};
  std::function<bool()> space_is_low{};  // where the store lies; none: it is not told
  Service service = Service::all;
};

// Serves until the supervisor says drain, or is gone. The exit status of the process.
int run_front(FrontOrder order);

}  // namespace tsp::serve
