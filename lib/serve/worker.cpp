#include "serve/worker.h"

#include <algorithm>
#include <deque>

namespace tsp::serve {
namespace {

constexpr std::size_t kLargestGroup = 64;  // requests that are served as one
constexpr std::chrono::milliseconds kUntilIdle{1000}, kNotAtAll{0};
// A group's answers go out together, so it should not take much longer: where checking a PIN takes
// so long, each is a group of its own.
constexpr std::chrono::microseconds kForGroup{200'000};

// How many requests make a group, by what each of the last group took.
class GroupSize {
 public:
  std::size_t next() const {
    return static_cast<std::size_t>(
        std::clamp(kForGroup / each_, std::int64_t{1}, std::int64_t{kLargestGroup}));
  }
  void took(SteadyClock::duration time, std::size_t requests) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(time);
    if (requests > 0)
      each_ = std::max(std::chrono::microseconds(1), whole / static_cast<std::int64_t>(requests));
  }

 private:
  std::chrono::microseconds each_ = kForGroup;  // nothing is known yet
};

class Loop {
 public:
  Loop(Channel& channel, Desk& desk) : channel_(channel), desk_(desk) {}

  int run() {
    Answer ready;
    ready.id = kReady;
    channel_.send(ready);
    while (true) {
      take();
      if (busy()) {
        if (serve_group()) return give_up();
      } else if (closed_ || (leaving_ && !desk_.postpones())) {
        return 0;
      }
      if (!busy() || SteadyClock::now() > idle_by_) {
        desk_.idle();
        idle_by_ = SteadyClock::now() + kUntilIdle;
      }
    }
  }

 private:
  bool busy() const { return !waiting_.empty() || desk_.owes(); }

  void take() {
    if (closed_) return;
    const bool at_once = busy() || leaving_ || desk_.postpones();
    auto came = channel_.take(kLargestGroup - std::min(kLargestGroup, waiting_.size()),
                              at_once ? kNotAtAll : kUntilIdle);
    if (!came) {
      closed_ = true;
      return;
    }
    for (Request& request : *came)
      if (request.verb == kLeave)
        leaving_ = true;
      else
        waiting_.push_back(std::move(request));
  }

  // The first of what waits. Who waited too long has been told so by the front, which still counts
  // on an answer.
  std::vector<Request> next_group() {
    const auto now = SteadyClock::now();
    std::vector<Request> group;
    for (; !waiting_.empty() && group.size() < size_.next(); waiting_.pop_front()) {
      Request& next = waiting_.front();
      if (next.deadline > now)
        group.push_back(std::move(next));
      else
        channel_.send(came_too_late(next.id));
    }
    return group;
  }

  // True where the HSM is gone.
  bool serve_group() {
    auto group = next_group();
    const std::size_t count = group.size();
    if (count == 0 && !desk_.owes()) return false;
    bool hsm_gone = false;
    const auto begun = SteadyClock::now();
    for (const Answer& answer : desk_.serve(std::move(group))) {
      hsm_gone = hsm_gone || answer.fault == Fault::hsm_unavailable;
      channel_.send(answer);
    }
    size_.took(SteadyClock::now() - begun, count);
    return hsm_gone;
  }

  int give_up() {
    const Error error(Fault::hsm_unavailable, "the HSM does not answer", "",
                      "nothing was done; try again soon");
    for (const Answer& answer : desk_.give_up(error)) channel_.send(answer);
    for (const Request& request : waiting_) channel_.send(failure(request.id, error));
    return kHsmGone;
  }

  Channel& channel_;
  Desk& desk_;
  std::deque<Request> waiting_;
  GroupSize size_;
  bool leaving_ = false, closed_ = false;
  SteadyClock::time_point idle_by_ = SteadyClock::now() + kUntilIdle;
};

}  // namespace

Answer came_too_late(std::uint64_t id) {
  return failure(id, Error(Fault::busy, "it was not begun in time", "too much waited before it",
                           "nothing was done; try again"));
}

int run_worker(Channel& channel, Desk& desk) {
  return Loop(channel, desk).run();
}

}  // namespace tsp::serve
