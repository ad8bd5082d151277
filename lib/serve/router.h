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

// What a server is there for (tsp serve --role): all of it, or one of two services.
enum class Service { all, authentication, signing };
std::string_view name_of(Service service);  // "all", "auth", "sign"

struct Route {
  Kind kind;
  std::string verb;
  std::size_t largest_body = 0;
  bool json = true;     // the body is JSON, or there is none; else DER
  bool anyone = false;  // needs no role
  std::chrono::milliseconds patience{0};
  std::string_view media{};  // that the body must be of; empty: it is not asked
};

// Of a route that may have whole documents in its body, where they are taken.
inline constexpr std::size_t kDocuments = std::size_t{16} << 20;
bool takes_documents(const Route& route);

// What the front tells the authority's worker of callers whom it refused; never from outside.
inline constexpr const char* kRefusedCallersVerb = "refused_callers";

// What the front answers alone.
enum class Own { none, health, metrics };

struct Target {
  Own own = Own::none;
  std::optional<Route> route;
  std::string argument;  // what followed in the path: a CRL's name, an OCSP request in base64
};
// A refusal that HTTP has a status for: 405 with the methods that there are, 415; 401.
struct HttpRefusal : Error {
  HttpRefusal(int status_, std::string what, std::string why_, std::string allow_ = {})
      : Error(status_ == 401 ? Fault::not_permitted : Fault::usage, std::move(what),
              std::move(why_)),
        status(status_),
        allow(std::move(allow_)) {}
  int status;
  std::string allow;
};
// failure(), with that status where it is such a refusal.
Answer refusal(const Error& error);

// The path of what a request asks for, also where it names the host (RFC 9112 3.2.2).
std::string_view path_of(std::string_view target);
// Error{not_found} for a path that this door does not have; HttpRefusal for another method.
Target target_of(Door door, std::string_view method, std::string_view path);

// Error{not_found} for what another service does.
void check_service(Service service, const Route& route);

// HttpRefusal for a body that is of another media type, or of none.
void check_media(const Route& route, std::string_view content_type);

// What the body asks of a worker. Error{usage}, {bad_input}. An operation goes to the worker that
// has its tokens.
Request request_for(const Target& target, Route& route, Asker asker, Bytes body);

}  // namespace tsp::serve
