// A worker process: takes what the front has queued, does it, answers. Requests whose deadline has
// passed are answered and not begun.
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
  // The answers of those that it kept back and will not serve any more.
  virtual std::vector<Answer> give_up(const Error&) { return {}; }
  // Whether idle() has work left that somebody was promised; it is done before the worker leaves.
  virtual bool postpones() const { return false; }
  // Called when nothing waits, and each second whatever waits, so it does a little; answers
  // nothing.
  virtual void idle() {}
};

// Ids of messages that are no request's.
inline constexpr std::uint64_t kReady = 0;
// What the front asks of a worker that another replaces: nothing more comes after it.
inline constexpr const char* kLeave = "leave";
// How a worker ends that its HSM has left: the supervisor starts another.
inline constexpr int kHsmGone = 7;

// Says that it is ready, and serves until the front asks it to leave (exit 0, after what was queued
// and what was put off), has closed the channel (exit 0), or the HSM is gone (kHsmGone, after what
// was queued was answered). Each request is answered, in the order in which they came but for those
// of a group; one whose time is up in the queue is answered without being begun.
int run_worker(Channel& channel, Desk& desk);

// The answer to what was dropped because its time was up.
Answer came_too_late(std::uint64_t id);

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
