// A worker's end of the socket pair between it and the front.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/files.h"
#include "serve/message.h"

namespace tsp::serve {

inline constexpr std::size_t kChunk = 64
                                      << 10;  // octets; room that either end makes before it reads

class Channel {
 public:
  explicit Channel(Fd fd) : fd_(std::move(fd)) {}
  // What is queued, at most `most`, in the order it came; waits for the first of them up to
  // `patience` and for no second. None: nothing came. Nothing: the front has closed. A frame that
  // is too long or no request is Error{bad_input}: the front is not to be believed any more.
  std::optional<std::vector<Request>> take(std::size_t most, std::chrono::milliseconds patience);
  // Waits until it is written. Error{output_failed} once the front is gone.
  void send(const Answer& answer);
  // Asks the worker of another kind, by way of the front, and waits. What comes in meanwhile stays
  // queued. Errors as that worker's, or {busy}.
  Answer ask(const Request& request);

 private:
  void send_shared(ByteView frame, int descriptor);
  bool read_some();  // false: closed
  std::optional<ByteView> take_frame();
  bool take_whole(std::vector<Request>& out);
  std::vector<Request> queued_;  // came while an answer was waited for
  Fd fd_;
  Bytes buffer_;
  std::size_t used_ = 0, begin_ = 0;
};

}  // namespace tsp::serve
