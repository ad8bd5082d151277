#include "base/signals.h"

#include <unistd.h>

#include <thread>

#include "support/catch.h"

using namespace tsp;

namespace {

bool is_blocked(int signal) {
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return ::sigismember(&now, signal) == 1;
}

}  // namespace

TEST_CASE("a thread that is started while signals are blocked never gets them") {
  bool in_thread = false;
  std::thread thread;
  {
    const SignalsBlocked blocked;
    thread = std::thread([&] { in_thread = is_blocked(SIGINT) && is_blocked(SIGTERM); });
  }
  thread.join();
  CHECK(in_thread);
}

TEST_CASE("behind it this thread has the signals that it had") {
  { const SignalsBlocked blocked; }
  CHECK_FALSE(is_blocked(SIGINT));
}

TEST_CASE("faults of the program are not put off") {
  const SignalsBlocked blocked;
  CHECK_FALSE(is_blocked(SIGSEGV));
}
