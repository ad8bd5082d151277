// Lines to standard error, which journald keeps: a level, then name=value pairs. Nothing that a
// caller sent stands in them but what the kernel or the router knows.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "serve/message.h"

namespace tsp::serve {

enum class Level { error = 3, warning = 4, notice = 5, info = 6 };

void log_line(Level level, const std::vector<std::pair<std::string_view, std::string>>& fields);
void log_request(const std::string& caller, const std::string& verb, const Answer& answer,
                 std::chrono::microseconds took);
// Lines of this level and graver ones are written; the rest is not. Default: info. For a journal
// lines begin with their level, else with the time.
void set_log(Level level, bool journal);

}  // namespace tsp::serve
