#include "base/time.h"

#include <fmt/format.h>

namespace tsp {

using namespace std::chrono;

namespace {

struct Digits {
  std::string_view rest;
  bool ok = true;

  // The next `count` digits as a number.
  int take(std::size_t count) {
    if (rest.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return fail();
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
  }

  void expect(std::string_view any) {
    if (rest.empty() || any.find(rest.front()) == std::string_view::npos) {
      ok = false;
      return;
    }
    rest.remove_prefix(1);
  }

  int fail() {
    ok = false;
    return 0;
  }
};

std::optional<Time> compose(int y, int mo, int d, int h, int mi, int s) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || h > 23 || mi > 59 || s > 59) return std::nullopt;
  return sys_days{date} + hours{h} + minutes{mi} + seconds{s};
}

struct Calendar {
  year_month_day date;
  hh_mm_ss<milliseconds> clock;
};

Calendar split(Time time) {
  const auto midnight = floor<days>(time);
  return {year_month_day{midnight}, hh_mm_ss<milliseconds>{time - midnight}};
}

}  // namespace

Time SystemClock::now() const {
  return floor<milliseconds>(system_clock::now());
}

Time from_unix(std::int64_t s) {
  return Time{seconds{s}};
}
std::int64_t to_unix(Time time) {
  return floor<seconds>(time).time_since_epoch().count();
}
std::int64_t to_unix_ms(Time time) {
  return time.time_since_epoch().count();
}
Time from_unix_ms(std::int64_t ms) {
  return Time{milliseconds{ms}};
}
Time whole_seconds(Time time) {
  return floor<seconds>(time);
}

std::string to_rfc3339(Time time, bool with_milliseconds) {
  const auto [date, clock] = split(time);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (with_milliseconds) text += fmt::format(".{:03}", clock.subseconds().count());
  return text + "Z";
}

std::string to_http_date(Time time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto [date, clock] = split(time);
  const std::chrono::weekday day{std::chrono::sys_days(date)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[day.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<Time> from_rfc3339(std::string_view text) {
  Digits in{text};
  const int y = in.take(4);
  in.expect("-");
  const int mo = in.take(2);
  in.expect("-");
  const int d = in.take(2);
  if (in.ok && in.rest.empty()) return compose(y, mo, d, 0, 0, 0);
  in.expect("Tt ");
  const int h = in.take(2);
  in.expect(":");
  const int mi = in.take(2);
  in.expect(":");
  const int s = in.take(2);
  int ms = 0;
  if (in.ok && in.rest.starts_with('.')) {
    in.rest.remove_prefix(1);
    int scale = 100;
    std::size_t count = 0;
    while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
      ms += in.take(1) * scale;
      scale /= 10;
      ++count;
    }
    if (count == 0) return std::nullopt;
  }
  minutes offset{0};
  if (in.ok && !in.rest.empty() && (in.rest.front() == '+' || in.rest.front() == '-')) {
    const int sign = in.rest.front() == '-' ? -1 : 1;
    in.rest.remove_prefix(1);
    const int oh = in.take(2);
    in.expect(":");
    const int om = in.take(2);
    if (oh > 23 || om > 59) return std::nullopt;
    offset = sign * minutes{oh * 60 + om};
  } else {
    in.expect("Zz");
  }
  if (!in.ok || !in.rest.empty()) return std::nullopt;
  auto time = compose(y, mo, d, h, mi, s);
  if (time) *time += milliseconds{ms} - offset;
  return time;
}

std::string to_generalized_time(Time time) {
  const auto [date, clock] = split(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<Time> from_generalized_time(std::string_view text) {
  Digits in{text};
  const int y = in.take(4), mo = in.take(2), d = in.take(2);
  const int h = in.take(2), mi = in.take(2), s = in.take(2);
  in.expect("Z");
  if (!in.ok || !in.rest.empty()) return std::nullopt;
  return compose(y, mo, d, h, mi, s);
}

}  // namespace tsp
