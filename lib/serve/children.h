// What the processes do that the supervisor forks, between the fork and their exit. For
// supervisor.cpp alone.
#pragma once

#include <csignal>

#include "serve/supervisor.h"

namespace tsp::serve {

// First thing in each: the signals as they were before the supervisor blocked some, but for those
// that a terminal sends to all; nothing of the memory is left in a core file, to a debugger or in
// what was freed (small pieces aside: base/freed.h).
void become_child(const sigset_t& signals);

// Both serve until they are told to end, and return the exit status of the process. What stopped
// them is in the log.
int serve_as_front(ServeOrder& order, Fd control);
int serve_as_worker(const ServeOrder& order, Kind kind, Fd channel);

}  // namespace tsp::serve
