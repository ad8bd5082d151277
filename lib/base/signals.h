// Threads that leave signals to the one that started the program.
#pragma once

#include <csignal>

namespace tsp {

// While it lives, no signal is delivered to this thread, nor ever to the threads that it starts. So
// an interruption reaches the main thread and ends the call that it waits in (EINTR); in any other
// thread the handler would run and nobody would wake.
class SignalsBlocked {
 public:
  SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked();

 private:
  sigset_t before_{};
};

}  // namespace tsp
