// From a path to the worker and the verb that answer it, and what must be so before a worker is
// troubled: method, size, who asks, strict JSON.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "serve/message.h"

namespace tsp::serve {

// What a listener is for.
enum class Door { socket, open };  // the Unix socket; the one for relying parties

struct Route {
  Kind kind;
  std::string verb;
  std::size_t largest_body = 0;
  bool json = true;     // the body is JSON, or there is none; else DER
  bool anyone = false;  // needs no role
  std::chrono::milliseconds patience{0};
};

// What the front answers alone.
enum class Own { none, health, metrics };

struct Target {
  Own own = Own::none;
  std::optional<Route> route;
  std::string argument;  // what followed in the path: a CRL's name, an OCSP request in base64
};
// Error{not_found} for a path that this door does not have; {usage} for another method.
Target target_of(Door door, std::string_view method, std::string_view path);

// What the body asks of a worker. Error{usage}, {bad_input}. An operation goes to the worker that
// has its tokens.
Request request_for(const Target& target, Route& route, Asker asker, Bytes body);

}  // namespace tsp::serve
