// Who may have his request read at all, before its body is: the front's own refusals, counted for
// the log.
#pragma once

#include <map>

#include "serve/http_session.h"

namespace tsp::serve {

// What is refused whatever the body: a resource that this service does not have, a malformed
// authorization, a caller whom tsp.yaml gives no role. Throws Error.
void check_admission(const Asker& asker, const Route& route, const Exchange& exchange,
                     Service service);
// What is answered for that.
Answer answer_of(const Error& error, const Exchange& exchange);

// Callers without a role, to be put on record once a minute, one record a caller. Bounded.
class RefusedCallers {
 public:
  void count(const std::string& caller);
  // The request by which the authority's worker records them; forgets them. Nothing: there was
  // none.
  std::optional<Request> take();

 private:
  static constexpr std::size_t kMost = 256;  // callers; what is beyond them is one
  std::map<std::string, std::int64_t> counts_;
};

// How many octets of bodies the front holds at a time. Small ones are not counted: they are bounded
// by the number of connections.
class Room {
 public:
  bool take(std::size_t size);
  void give(std::size_t size) { taken_ -= size; }
  static bool is_counted(std::size_t size) { return size > kSmallBody; }

 private:
  static constexpr std::size_t kSmallBody = 64 << 10, kAll = std::size_t{48} << 20;
  std::size_t taken_ = 0;
};

}  // namespace tsp::serve
