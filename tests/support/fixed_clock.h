// A clock that the test moves.
#pragma once

#include "base/time.h"

namespace tsp::test {

class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  void set(Time now) { now_ = now; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  Time now_;
};

}  // namespace tsp::test
