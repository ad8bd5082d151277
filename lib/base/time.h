// Moments. Times are UTC; what the outside sees has whole seconds unless said otherwise.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tsp {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// The clock comes in as a parameter everywhere, so that tests own time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

Time from_unix(std::int64_t seconds);
std::int64_t to_unix(Time time);  // rounded down
std::int64_t to_unix_ms(Time time);
Time from_unix_ms(std::int64_t milliseconds);
Time whole_seconds(Time time);  // rounded down

// RFC 3339 with Z: 2026-11-21T09:30:00Z, or with .123 when `milliseconds` is set.
std::string to_rfc3339(Time time, bool milliseconds = false);
// Takes the same, and numeric offsets; a bare date (2026-11-21) is its midnight UTC. Refuses
// impossible dates and leap seconds.
std::optional<Time> from_rfc3339(std::string_view text);

// YYYYMMDDHHMMSSZ, X.690 11.7; and PDF dates (D:YYYYMMDDHHmmSSZ) share the digits.
std::string to_generalized_time(Time time);
std::optional<Time> from_generalized_time(std::string_view text);

// As HTTP writes it (RFC 9110 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT.
std::string to_http_date(Time time);

}  // namespace tsp
