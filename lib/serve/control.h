// Between supervisor and front: a worker's channel to take over, a worker that hangs, the end.
#pragma once

#include <optional>

#include "base/files.h"
#include "serve/message.h"

namespace tsp::serve {

enum class Notice : std::uint8_t {
  worker,  // to the front, with its channel: this slot's worker from now on
  drain,   // to the front: take nothing new, finish what there is, and end
  ready,   // to the supervisor: the slot's worker has logged in
  hung     // to the supervisor: this process does not answer
};

struct Control {
  Notice notice;
  std::uint32_t slot = 0;
  Kind kind = Kind::approvals;
  pid_t pid = 0;  // of the worker: a slot may have one that goes and one that comes
  Fd channel{};
};

// One datagram each. Error{output_failed} once the other end is gone.
void send_control(int fd, const Control& control);
// Waits. Nothing: the other end has gone.
std::optional<Control> receive_control(int fd);

// A pair of connected ends, close-on-exec: datagrams for control, a stream for a worker.
std::pair<Fd, Fd> control_pair();
std::pair<Fd, Fd> channel_pair();

}  // namespace tsp::serve
