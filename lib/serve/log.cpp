#include "serve/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

namespace tsp::serve {
namespace {

Level g_level = Level::info;
bool g_journal = false;

std::string quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \"=\\\t") == std::string::npos)
    return printable(value);
  std::string out = "\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

void set_log(Level level, bool journal) {
  g_level = level;
  g_journal = journal;
}

void log_line(Level level, const std::vector<std::pair<std::string_view, std::string>>& fields) {
  if (level > g_level) return;
  // journald reads the level; elsewhere the time is missed.
  std::string line = g_journal ? fmt::format("<{}>", static_cast<int>(level))
                               : to_rfc3339(SystemClock().now(), true) + " ";
  for (std::size_t at = 0; at < fields.size(); ++at)
    line += fmt::format("{}{}={}", at == 0 ? "" : " ", fields[at].first, quoted(fields[at].second));
  line += '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void log_request(const std::string& caller, const std::string& verb, const Answer& answer,
                 std::chrono::microseconds took) {
  const Level level = answer.status >= 500 ? Level::warning : Level::info;
  std::vector<std::pair<std::string_view, std::string>> fields{
      {"event", "request"},
      {"caller", caller},
      {"verb", verb},
      {"status", std::to_string(answer.status)},
      {"ms", fmt::format("{:.1f}", static_cast<double>(took.count()) / 1000)}};
  if (answer.fault) fields.emplace_back("code", std::string(fault_row(*answer.fault).name));
  log_line(level, fields);
}

void CountedRefusals::count(const std::string& caller, const std::string& verb,
                            const Answer& answer, std::chrono::microseconds took) {
  std::tuple kind(caller, verb, answer.status);
  const auto known = more_.find(kind);
  if (known != more_.end()) {
    ++known->second;
  } else if (more_.size() < kMost) {
    more_.emplace(std::move(kind), 0);
    log_request(caller, verb, answer, took);
  } else {
    ++more_[{"others", "any", 0}];
  }
}

void CountedRefusals::flush() {
  for (const auto& [kind, count] : more_)
    if (count > 0)
      log_line(Level::notice, {{"event", "refusals"},
                               {"caller", std::get<0>(kind)},
                               {"verb", std::get<1>(kind)},
                               {"status", std::to_string(std::get<2>(kind))},
                               {"more", std::to_string(count)}});
  more_.clear();
}

}  // namespace tsp::serve
