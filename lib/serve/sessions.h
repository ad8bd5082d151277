// The connections that are open: how many, and which one makes room for another.
#pragma once

#include <memory>
#include <vector>

#include "serve/http_session.h"

namespace tsp::serve {

class Sessions {
 public:
  explicit Sessions(std::size_t limit) : limit_(limit) {}
  // Whether one more may be opened, after another was closed for it where they are too many.
  bool have_room() { return count_ < limit_ || make_room(); }
  // The connection that idles longest is closed, or else the one that sends its request longest.
  // False: all are being served.
  bool make_room();
  void opened(const std::shared_ptr<Connection>& session);
  void closed() { --count_; }
  // Each after what it is doing.
  void close_soon();
  std::size_t count() const { return count_; }

 private:
  std::size_t limit_, count_ = 0;
  std::vector<std::weak_ptr<Connection>> sessions_;
};

}  // namespace tsp::serve
