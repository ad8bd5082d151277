// Lines to standard error, which journald keeps: a level, then name=value pairs. Nothing that a
// caller sent stands in them but what the kernel or the router knows.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "serve/message.h"

namespace tsp::serve {

enum class Level { error = 3, warning = 4, notice = 5, info = 6 };

void log_line(Level level, const std::vector<std::pair<std::string_view, std::string>>& fields);
void log_request(const std::string& caller, const std::string& verb, const Answer& answer,
                 std::chrono::microseconds took);
// Refusals of callers for whom nobody vouches: the first of a caller, verb and status within a
// minute has its line, the others are counted and told in one, so that nobody fills a disk with
// them.
class CountedRefusals {
 public:
  void count(const std::string& caller, const std::string& verb, const Answer& answer,
             std::chrono::microseconds took);
  void flush();  // each minute

 private:
  static constexpr std::size_t kMost = 256;  // kinds; what is beyond them is one
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> more_;
};
// Lines of this level and graver ones are written; the rest is not. Default: info. For a journal
// lines begin with their level, else with the time.
void set_log(Level level, bool journal);

}  // namespace tsp::serve
