// The places that the supervisor keeps filled with workers: who is in each, who was replaced and
// has not ended yet, and when the next may start. For supervisor.cpp alone.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "serve/message.h"

namespace tsp::serve {

class WorkerSlots {
 public:
  // One more for the authority's worker.
  WorkerSlots(unsigned approvals, unsigned signatures);

  // Fills those that are empty and whose time has come. `start` returns the process, or nothing
  // where there can be none just now: the slot is tried again a second later.
  using Start = std::function<std::optional<pid_t>(std::uint32_t slot, Kind kind)>;
  void start_missing(const Start& start);

  // True once all have logged in at least once.
  bool note_ready(std::uint32_t slot);

  // The process has ended. Its exit status (1 where a signal ended it) if it never logged in and
  // nobody did in its slot before; else nothing.
  std::optional<int> bury(pid_t pid, int status);

  // Each slot gets another worker; the front keeps the one before until that has logged in.
  void replace_all();
  // The same for those that sign and hold more octets for themselves alone. Looks each five
  // seconds at most.
  void replace_grown(std::size_t most_memory);

  // Ends a worker of a slot, or one that was replaced and does not come to its end. The front is
  // believed about which of them hangs, and about no other process.
  void kill_hung(pid_t pid);
  void kill_all(int signal) const;
  bool nobody_left() const;

 private:
  struct Slot {
    Kind kind;
    pid_t pid = -1;  // -1: none now
    bool was_ready = false;
    SteadyClock::time_point begin{};  // when the next may start
  };
  void replace(Slot& slot);

  std::vector<Slot> slots_;
  std::set<pid_t> leaving_;  // replaced, and not at their end yet
  SteadyClock::time_point look_at_memory_{};
};

}  // namespace tsp::serve
