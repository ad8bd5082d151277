// A worker process: takes what the front has queued, does it, answers. Requests whose deadline has
// passed are not begun.
#pragma once

#include "serve/channel.h"

namespace tsp::serve {

// What a worker can do. Errors of a request become its answer.
class Desk {
 public:
  virtual ~Desk() = default;
  // One answer a request, in any order, now or from a later call. Throws only what makes the worker
  // useless.
  virtual std::vector<Answer> serve(std::vector<Request> requests) = 0;
  // Whether it kept requests back for its next serve(), which then comes at once, maybe with no
  // others.
  virtual bool owes() const { return false; }
  // Whether idle() has work left that somebody was promised; it is done before the worker ends.
  virtual bool postpones() const { return false; }
  // Called when nothing waits, and at least each second; answers nothing.
  virtual void idle() {}
};

// Ids of messages that are no request's.
inline constexpr std::uint64_t kReady = 0;
// How a worker ends that its HSM has left: the supervisor starts another.
inline constexpr int kHsmGone = 7;

// Says that it is ready, and serves until the front closes the channel (exit 0) or the HSM is gone
// (kHsmGone, after what was queued was answered).
int run_worker(Channel& channel, Desk& desk);

// Runs `act`, which answers a body, and makes an answer of it or of what it throws.
template <class Act>
Answer answering(std::uint64_t id, Act act) {
  try {
    Answer answer = act();
    answer.id = id;
    return answer;
  } catch (const Error& error) {
    return failure(id, error);
  } catch (const std::exception& error) {
    return failure(id, Error(Fault::failed, "an unexpected failure", error.what()));
  }
}

}  // namespace tsp::serve
