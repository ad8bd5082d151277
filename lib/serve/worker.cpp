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

// The first so many of what waits. Who waited too long has been told so by the front.
std::vector<Request> next_group(std::deque<Request>& waiting, std::size_t most) {
  const auto now = SteadyClock::now();
  std::vector<Request> group;
  while (!waiting.empty() && group.size() < most) {
    if (waiting.front().deadline > now) group.push_back(std::move(waiting.front()));
    waiting.pop_front();
  }
  return group;
}

}  // namespace

int run_worker(Channel& channel, Desk& desk) {
  Answer ready;
  ready.id = kReady;
  channel.send(ready);
  std::deque<Request> waiting;
  GroupSize size;
  while (true) {
    const bool busy = !waiting.empty() || desk.owes();
    auto came = channel.take(kLargestGroup - std::min(kLargestGroup, waiting.size()),
                             busy ? kNotAtAll : kUntilIdle);
    if (!came && !busy) {
      while (desk.postpones()) desk.idle();  // another has this worker's place already
      return 0;
    }
    if (came)
      for (Request& request : *came) waiting.push_back(std::move(request));
    bool hsm_gone = false;
    if (!waiting.empty() || desk.owes()) {
      auto group = next_group(waiting, size.next());
      const std::size_t count = group.size();
      const auto begun = SteadyClock::now();
      for (const Answer& answer : desk.serve(std::move(group))) {
        hsm_gone = hsm_gone || answer.fault == Fault::hsm_unavailable;
        channel.send(answer);
      }
      size.took(SteadyClock::now() - begun, count);
    }
    if (hsm_gone) return kHsmGone;
    desk.idle();
  }
}

}  // namespace tsp::serve
