// The process between the caller and the parsing children: it forks, watches the clock, and tells
// how each child ended. It never reads what the children send.
#pragma once

#include "base/files.h"
#include "jail/jail.h"

namespace tsp::jail {

// A message on the control socket (SOCK_SEQPACKET): which parser, with the descriptors channel,
// status (unless it is the last) and, when has_file, the file to parse, by SCM_RIGHTS.
struct Order {
  std::uint32_t parser = 0;
  std::uint32_t has_file = 0;
  std::uint32_t last = 0;  // the helper itself becomes the child; no status is sent along
};

// Children that run at once; further orders wait in the socket.
inline constexpr std::size_t kMostChildren = 64;

// Serves until the other end of `control` is closed; then kills what still runs and ends the
// process. Called in the forked helper only, after its other descriptors were closed.
[[noreturn]] void serve(int control, const std::vector<Parser>& parsers, const Limits& limits);

}  // namespace tsp::jail
