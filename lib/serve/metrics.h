// What the front counts, as OpenMetrics text.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>

#include "serve/message.h"

namespace tsp::serve {

class Metrics {
 public:
  void count(const std::string& verb, const Answer& answer, std::chrono::microseconds took);
  void refused(std::string_view reason) { ++refusals_[std::string(reason)]; }
  struct Gauges {
    std::size_t connections = 0;
    std::array<std::size_t, 3> waiting{}, workers{};  // by kind
  };
  // `more`: families that others know.
  std::string text(const Gauges& gauges, std::string_view more) const;

 private:
  static constexpr std::array<double, 10> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025,
                                                  0.05,  0.1,    0.25,  1.0,  10.0};
  struct Row {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
    std::map<int, std::uint64_t> by_status;
  };
  std::map<std::string, Row> rows_;
  std::map<std::string, std::uint64_t> refusals_, hsm_errors_;
  std::uint64_t audit_failures_ = 0;
};

}  // namespace tsp::serve
