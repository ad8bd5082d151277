// A lean client for load over the server's Unix socket: one thread, many connections, HTTP with a
// Content-Length. What it costs itself is told.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsp::bench {

std::string post(std::string_view path, std::string_view body,
                 std::string_view type = "application/json");

// What one connection does once: `next` is called with no answer for its first request, then with
// each answer's body, and gives the next request, or nothing at its end.
struct Task {
  std::function<std::optional<std::string>(std::optional<std::string_view> answer)> next;
};

struct LoadOrder {
  std::string socket;
  std::size_t connections = 1;
  double seconds = 1;
  double per_second = 0;  // tasks, begun at random moments (Poisson); 0: as soon as one is done
  // The next task of a connection; nothing: no more, which ends the load early.
  std::function<std::optional<Task>(std::size_t connection)> task;
  bool counts_refusals = false;  // 503 ends a task and is counted, instead of everything
};
struct LoadResult {
  std::size_t done = 0, refused = 0;
  double seconds = 0;             // from the first to the last answer that counted
  double processor = 0;           // seconds of this client's own
  std::vector<double> latencies;  // of tasks, in seconds, from when they were due; sorted
  double rate() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }
  double quantile(double q) const;
};
// Throws std::runtime_error with the answer for any other status but 200.
LoadResult load(const LoadOrder& order);

// Octets that may be anything, over a connection of their own, until it is answered or closed.
void throw_at(const std::string& socket, const std::string& octets);

// Opens so many connections, each answered once, runs `act`, and closes them.
void while_connected(const std::string& socket, std::size_t connections,
                     const std::function<void()>& act);

}  // namespace tsp::bench
