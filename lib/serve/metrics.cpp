#include "serve/metrics.h"

#include <fmt/format.h>

namespace tsp::serve {

void Metrics::count(const std::string& verb, const Answer& answer, std::chrono::microseconds took) {
  Row& row = rows_[verb];
  const double seconds = std::chrono::duration<double>(took).count();
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds.at(bucket)) ++bucket;
  ++row.buckets.at(bucket);
  row.sum += seconds;
  ++row.by_status[answer.status];
  if (!answer.fault) return;
  ++refusals_[std::string(fault_row(*answer.fault).name)];
  if (*answer.fault == Fault::hsm_unavailable)
    ++hsm_errors_[answer.detail.empty() ? "none" : answer.detail];
  if (*answer.fault == Fault::audit_before_signing || *answer.fault == Fault::audit_after_signing)
    ++audit_failures_;
}

std::string Metrics::text(const Gauges& gauges, std::string_view more) const {
  std::string out;
  const auto family = [&](std::string_view name, std::string_view type, std::string_view help) {
    out += fmt::format("# TYPE {} {}\n# HELP {} {}\n", name, type, name, help);
  };
  family("tsp_requests", "counter", "Requests answered, by what was asked and HTTP status.");
  for (const auto& [verb, row] : rows_)
    for (const auto& [status, count] : row.by_status)
      out +=
          fmt::format("tsp_requests_total{{verb=\"{}\",status=\"{}\"}} {}\n", verb, status, count);
  family("tsp_request_seconds", "histogram", "Time from a whole request to its answer.");
  for (const auto& [verb, row] : rows_) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < row.buckets.size(); ++at) {
      sum += row.buckets.at(at);
      const std::string bound = at < kBounds.size() ? fmt::format("{}", kBounds.at(at)) : "+Inf";
      out +=
          fmt::format("tsp_request_seconds_bucket{{verb=\"{}\",le=\"{}\"}} {}\n", verb, bound, sum);
    }
    out += fmt::format("tsp_request_seconds_sum{{verb=\"{}\"}} {}\n", verb, row.sum);
    out += fmt::format("tsp_request_seconds_count{{verb=\"{}\"}} {}\n", verb, sum);
  }
  family("tsp_refusals", "counter", "Requests refused, by reason.");
  for (const auto& [reason, count] : refusals_)
    out += fmt::format("tsp_refusals_total{{reason=\"{}\"}} {}\n", reason, count);
  family("tsp_hsm_errors", "counter", "Failures of the HSM, by PKCS#11 code.");
  for (const auto& [code, count] : hsm_errors_)
    out += fmt::format("tsp_hsm_errors_total{{code=\"{}\"}} {}\n", code, count);
  family("tsp_audit_append_failures", "counter", "Audit records that could not be written.");
  out += fmt::format("tsp_audit_append_failures_total {}\n", audit_failures_);
  family("tsp_connections", "gauge", "Open connections.");
  out += fmt::format("tsp_connections {}\n", gauges.connections);
  family("tsp_waiting", "gauge", "Requests that wait for a worker.");
  family("tsp_workers", "gauge", "Workers that are logged in.");
  for (const Kind kind : kKinds) {
    const auto at = static_cast<std::size_t>(kind);
    out += fmt::format("tsp_waiting{{kind=\"{}\"}} {}\n", name_of(kind), gauges.waiting.at(at));
    out += fmt::format("tsp_workers{{kind=\"{}\"}} {}\n", name_of(kind), gauges.workers.at(at));
  }
  out += more;
  return out + "# EOF\n";
}

}  // namespace tsp::serve
