// The front's ends of the channels: which worker gets a request, what waits for an answer and until
// when. Everything runs on the front's one thread. O(1) a request, but for the look at deadlines,
// which is O(waiting) ten times a second.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/files.h"
#include "serve/asio.h"
#include "serve/message.h"

namespace tsp::serve {

class Link;

class Links {
 public:
  using Done = std::function<void(Answer)>;
  struct Hooks {
    std::function<void(std::uint32_t slot)> ready;
    std::function<void(pid_t)> hung;
  };
  Links(asio::io_context& context, std::size_t most_waiting, Hooks hooks);
  ~Links();

  // This slot's worker, once it has logged in; those before then finish what they have. Several may
  // be on their way, in any order: the last that was taken is the one that stays.
  void take(std::uint32_t slot, Kind kind, pid_t pid, Fd channel);
  // Answers exactly once, later: with Error{busy} where too many wait, where the time is up or the
  // worker died, and {hsm_unavailable} where no worker of the kind is there.
  void ask(Kind kind, Request request, Done done);
  // Once nobody asks any more: lets the workers leave, those that sign before those whom they ask.
  // True when all have left. Called again and again.
  bool let_go();

  bool is_ready(Kind kind) const { return ready(kind) > 0; }
  std::size_t ready(Kind kind) const;  // workers that are logged in
  std::size_t waiting(Kind kind) const;

 private:
  friend class Link;
  void is_up(Link& link);
  Link* least_busy(Kind kind);
  void look_at_deadlines();
  void forget(const Link& link);

  asio::io_context& context_;
  std::size_t most_waiting_;
  Hooks hooks_;
  asio::steady_timer timer_;
  std::uint64_t last_id_ = 0;
  SharedBodies bodies_;
  std::vector<std::shared_ptr<Link>> links_;
};

}  // namespace tsp::serve
