#include "serve/worker.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kGroup = 64;  // requests that are served as one
constexpr std::chrono::milliseconds kIdle{1000};

// Who waited too long has been told so by the front.
std::vector<Request> in_time(std::vector<Request> requests) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(requests, [&](const Request& request) { return request.deadline <= now; });
  return requests;
}

}  // namespace

int run_worker(Channel& channel, Desk& desk) {
  Answer ready;
  ready.id = kReady;
  channel.send(ready);
  while (true) {
    auto requests = channel.take(kGroup, kIdle);
    if (!requests) return 0;
    bool hsm_gone = false;
    if (!requests->empty()) {
      for (const Answer& answer : desk.serve(in_time(std::move(*requests)))) {
        hsm_gone = hsm_gone || answer.fault == Fault::hsm_unavailable;
        channel.send(answer);
      }
    }
    if (hsm_gone) return kHsmGone;
    desk.idle();
  }
}

}  // namespace tsp::serve
