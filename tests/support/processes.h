// What became of other processes.
#pragma once

#include <chrono>
#include <thread>

#include "support/command.h"

namespace tsp::test {

// Not there, or a zombie that nobody reaped yet; what was killed may take a moment to go.
inline bool is_gone_soon(const std::string& process) {
  const auto lives = [&] {
    return run("grep ^State: /proc/" + process + "/status | grep -v Z").output.find("State") !=
           std::string::npos;
  };
  for (int tries = 0; tries < 50 && lives(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return !lives();
}

}  // namespace tsp::test
