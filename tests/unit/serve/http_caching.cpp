#include "serve/http_caching.h"

#include <map>

#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;

namespace {

constexpr std::int64_t kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110

struct Seen {
  std::map<std::string, std::string> fields;
  int status;
  std::size_t size;
};

Seen see(const std::optional<Condition>& condition, std::optional<std::int64_t> max_age = 3600,
         int status = 200) {
  Answer answer;
  answer.status = status;
  answer.body = {1, 2, 3};
  answer.max_age = max_age;
  answer.last_modified = kNow - 60;
  Seen seen;
  for (auto& [name, value] : caching_fields(answer, condition, from_unix(kNow)))
    seen.fields[name] = value;
  seen.status = answer.status;
  seen.size = answer.body.size();
  return seen;
}

const std::string kTag = entity_tag(Bytes{1, 2, 3});

int status_with(const std::string& none_match, const std::string& since = "") {
  return see(Condition{none_match, since}).status;
}

}  // namespace

TEST_CASE("what may be kept says until when, and what it is") {
  const Seen seen = see(Condition{});
  CHECK(seen.fields.at("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(seen.fields.at("Expires") == "Sun, 06 Nov 1994 09:49:37 GMT");
  CHECK(seen.fields.at("Last-Modified") == "Sun, 06 Nov 1994 08:48:37 GMT");
  CHECK(seen.fields.at("Cache-Control") == "public, no-transform, must-revalidate, max-age=3600");
  CHECK(seen.fields.at("ETag") == kTag);
  CHECK(seen.status == 200);
}

TEST_CASE("what may not be kept says so, and has no name") {
  const Seen seen = see(Condition{kTag, ""}, std::nullopt);
  CHECK(seen.fields.at("Cache-Control") == "no-store");
  CHECK(seen.fields.count("ETag") == 0);
  CHECK(seen.fields.count("Expires") == 0);
  CHECK(seen.status == 200);
}

TEST_CASE("who has it already is told so, without it") {
  const Seen seen = see(Condition{kTag, ""});
  CHECK(seen.status == 304);
  CHECK(seen.size == 0);
  CHECK(seen.fields.at("ETag") == kTag);
  CHECK(seen.fields.at("Last-Modified") == "Sun, 06 Nov 1994 08:48:37 GMT");
  CHECK(status_with("W/" + kTag) == 304);
  CHECK(status_with("\"other\", " + kTag) == 304);
  CHECK(status_with("*") == 304);
  CHECK(status_with("\"other\"") == 200);
  CHECK(status_with(kTag.substr(1)) == 200);
  CHECK(status_with(",,,") == 200);
}

TEST_CASE("the date counts only where no name is given") {
  CHECK(status_with("", "Sun, 06 Nov 1994 08:48:37 GMT") == 304);
  CHECK(status_with("", "Sun, 06 Nov 1994 08:48:36 GMT") == 200);
  CHECK(status_with("\"other\"", "Sun, 06 Nov 1994 08:49:37 GMT") == 200);
  for (const char* no_date :
       {"Sun, 99 Nov 1994 08:48:37 GMT", "Sun, 06 Nox 1994 08:48:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "yesterday", "Sun, 06 Nov 1994 08:48:37 GMT ", "Sun, "})
    CHECK(status_with("", no_date) == 200);
}

TEST_CASE("refusals and answers to a POST have no name") {
  CHECK(see(std::nullopt).fields.count("ETag") == 0);
  CHECK(see(Condition{kTag, ""}, 3600, 404).status == 404);
}
