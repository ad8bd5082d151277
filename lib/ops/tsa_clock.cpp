#include "ops/tsa_clock.h"

#include <fmt/format.h>
#include <sys/timex.h>

namespace tsp::ops {
namespace {

// The kernel's own view of its clock.
ClockVerdict judge_kernel_clock(std::chrono::seconds accuracy) {
  ClockVerdict verdict{"synchronised", false, ""};
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    verdict.detail = "the kernel calls its clock unsynchronised";
    return verdict;
  }
  const std::chrono::microseconds error(state.maxerror);
  verdict.detail = fmt::format("maximum error {} us", error.count());
  if (status == TIME_INS || status == TIME_DEL || status == TIME_OOP) {
    verdict.detail += ", a leap second is being handled";
    return verdict;
  }
  verdict.ok = error <= accuracy;
  return verdict;
}

}  // namespace

ClockVerdict judge_clock(Provider& provider) {
  if (provider.config().text("tsa.clock") == "synchronised")
    return judge_kernel_clock(provider.config().duration("tsa.accuracy"));
  return {"trusted", true, "the system's clock is taken as it is"};
}

}  // namespace tsp::ops
