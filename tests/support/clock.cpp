// A clock that is set: preloaded, it adds TSP_TEST_CLOCK seconds to what a program is told of the
// time of day. Nothing else changes: sleeping, waiting and CLOCK_MONOTONIC go on as they are.
// It calls nothing that allocates, so that a sanitizer's allocator may ask for the time as well.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

long offset() {
  static long seconds = 0;
  static bool known = false;
  if (known) return seconds;
  const char* text = std::getenv("TSP_TEST_CLOCK");
  if (text == nullptr) return 0;  // perhaps too early for an environment
  seconds = std::strtol(text, nullptr, 10);
  known = true;
  return seconds;
}

bool is_time_of_day(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, out));
  if (result == 0 && is_time_of_day(clock)) out->tv_sec += offset();
  return result;
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
}
