#include "base/time.h"

#include "support/catch.h"

using namespace tsp;

TEST_CASE("RFC 3339 both ways") {
  const Time moment = from_unix(1795253400);  // date -u -d @1795253400
  CHECK(to_rfc3339(moment) == "2026-11-21T09:30:00Z");
  CHECK(from_rfc3339("2026-11-21T09:30:00Z") == moment);
  CHECK(from_rfc3339("2026-11-21T10:30:00+01:00") == moment);
  CHECK(from_rfc3339("2026-11-21t09:30:00.250z") == moment + std::chrono::milliseconds(250));
  CHECK(to_rfc3339(moment + std::chrono::milliseconds(7), true) == "2026-11-21T09:30:00.007Z");
  CHECK(from_rfc3339("2026-11-21") == from_rfc3339("2026-11-21T00:00:00Z"));
}

TEST_CASE("times that do not exist are refused") {
  for (std::string_view bad :
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "2026-11-21T24:00:00Z",
        "2026-11-21T23:60:00Z", "2026-11-21T23:59:60Z", "2026-11-21T09:30:00", "2026-11-21T09:30Z",
        "26-11-21", "2026-11-21T09:30:00+25:00", "2026-11-21T09:30:00.Z", " 2026-11-21", ""})
    CHECK_FALSE(from_rfc3339(bad));
}

TEST_CASE("GeneralizedTime has no fractions and ends with Z") {
  CHECK(to_generalized_time(from_unix(0)) == "19700101000000Z");
  CHECK(from_generalized_time("20261121093000Z") == from_rfc3339("2026-11-21T09:30:00Z"));
  for (std::string_view bad :
       {"20261121093000", "202611210930Z", "20261121093000.5Z", "20261321093000Z"})
    CHECK_FALSE(from_generalized_time(bad));
}

TEST_CASE("moments before 1970 round down") {
  const Time before = Time{std::chrono::milliseconds(-1500)};
  CHECK(to_unix(before) == -2);
  CHECK(to_rfc3339(before) == "1969-12-31T23:59:58Z");
}
