// SoftHSM 2.6.1 loses the 37 octets of a parsed curve OID at each C_SignInit of an Edwards key. A
// leak sanitizer, where one is linked in, is told not to charge us with it; elsewhere this is
// nothing.
#pragma once

extern "C" {
[[gnu::weak]] void __lsan_disable();  // NOLINT(bugprone-reserved-identifier): the sanitizer's own
[[gnu::weak]] void __lsan_enable();   // NOLINT(bugprone-reserved-identifier): as above
}

namespace tsp::hsm {

// While this lives, what this thread allocates is not reported as leaked.
class ExcusedLeak {
 public:
  explicit ExcusedLeak(bool excused) : active_(excused && __lsan_disable && __lsan_enable) {
    if (active_) __lsan_disable();
  }
  ExcusedLeak(const ExcusedLeak&) = delete;
  ExcusedLeak& operator=(const ExcusedLeak&) = delete;
  ~ExcusedLeak() {
    if (active_) __lsan_enable();
  }

 private:
  bool active_;
};

}  // namespace tsp::hsm
