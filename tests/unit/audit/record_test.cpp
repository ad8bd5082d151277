#include "audit/record.h"

#include "base/error.h"
#include "support/catch.h"
#include "unit/audit/audit_fixture.h"

namespace tsp::audit {
namespace {

const Time kTime = *from_rfc3339("2026-11-21T09:30:00.123Z");
const std::string kLine =
    R"({"v":1,"seq":7,"time":"2026-11-21T09:30:00.123Z","event":"sign","outcome":"done",)"
    R"("actor":"uid:1000","role":"signer","subject":"alice","details":{"intent":6,"ok":true}})";

std::string decoding(const std::string& line) {
  return fault_of([&] { decode(as_bytes(line)); });
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string line = kLine;
  line.replace(line.find(from), from.size(), to);
  return line;
}

TEST_CASE("a record is one line of JSON in a fixed order, and reads back as it was") {
  const Event event{"sign",   Outcome::done, "uid:1000",
                    "signer", "alice",       {{"intent", 6}, {"ok", true}}};
  CHECK(as_text(encode(7, kTime, event)) == kLine);
  const Record record = decode(as_bytes(kLine));
  CHECK(record.seq == 7);
  CHECK(record.time == kTime);
  CHECK(record.event.event == "sign");
  CHECK(record.event.outcome == Outcome::done);
  CHECK(record.event.subject == "alice");
  CHECK(record.event.details["intent"] == 6);
  CHECK(record.chain.empty());
}

TEST_CASE("whatever can be recorded reads back to the same octets") {
  const Json details = {{"text", "quote \" backslash \\ newline \n tab \t bell \x07 del \x7f"},
                        {"letters", "żółć Ω 漢 🖋"},
                        {"numbers", {0, -1, INT64_MIN, UINT64_MAX}},
                        {"nested", {{"a", {{"b", nullptr}}}, {"empty", Json::object()}}},
                        {"none", Json::array()}};
  const Bytes octets = encode(0, kTime, {"cert.issue", Outcome::intent, "a", "b", "", details});
  const Record record = decode(octets);
  CHECK(record.event.details == details);
  CHECK(encode(record.seq, record.time, record.event) == octets);
}

TEST_CASE("octets that are not UTF-8 become U+FFFD, so that the record stays readable") {
  const Bytes octets =
      encode(0, kTime, {"sign", Outcome::done, "uid:1", "signer", "ali\xff\xfe", {{"x", "\xc3"}}});
  CHECK(decode(octets).event.details["x"] == "\xef\xbf\xbd");
}

TEST_CASE("any other spelling of the same record is refused") {
  CHECK(decoding(kLine) == "none");
  CHECK(decoding(" " + kLine) == "bad-input");
  CHECK(decoding(kLine + "\n") == "bad-input");
  CHECK(decoding(replaced("\"v\":1,", "")) == "bad-input");
  CHECK(decoding(replaced("\"v\":1", "\"v\":2")) == "bad-input");
  CHECK(decoding(replaced("\"v\":1", "\"v\":1.0")) == "bad-input");
  CHECK(decoding(replaced("\"seq\":7", "\"seq\":-7")) == "bad-input");
  CHECK(decoding(replaced("\"seq\":7", "\"seq\":07")) == "bad-input");
  CHECK(decoding(replaced("\"seq\":7", "\"seq\":\"7\"")) == "bad-input");
  CHECK(decoding(replaced("\"seq\":7", "\"seq\":18446744073709551615")) == "bad-input");
  CHECK(decoding(replaced("00.123Z", "00Z")) == "bad-input");
  CHECK(decoding(replaced("00.123Z", "00.123+00:00")) == "bad-input");
  CHECK(decoding(replaced("11-21T", "13-21T")) == "bad-input");
  CHECK(decoding(replaced("\"sign\"", "\"Sign\"")) == "bad-input");
  CHECK(decoding(replaced("\"sign\"", "\"s\\u0069gn\"")) == "bad-input");
  CHECK(decoding(replaced("\"done\"", "\"ended\"")) == "bad-input");
  CHECK(decoding(replaced("\"alice\"", "null")) == "bad-input");
  CHECK(decoding(replaced("\"intent\":6", "\"intent\":6.5")) == "bad-input");
  CHECK(decoding(replaced("\"intent\":6", "\"ok\":6")) == "bad-input");
  CHECK(decoding(replaced("\"intent\":6,\"ok\":true}}", "\"ok\":true}}x")) == "bad-input");
  CHECK(decoding(replaced("{\"intent\":6,\"ok\":true}", "[]")) == "bad-input");
  CHECK(decoding(replaced("\"role\":\"signer\",\"subject\":\"alice\"",
                          "\"subject\":\"alice\",\"role\":\"signer\"")) == "bad-input");
  CHECK(decoding("") == "bad-input");
  CHECK(decoding("[]") == "bad-input");
  CHECK(decoding("null") == "bad-input");
}

TEST_CASE("no octet of a record can be changed, dropped or doubled unseen") {
  const Bytes octets = to_bytes(as_bytes(kLine));
  int readable = 0;
  for (std::size_t i = 0; i < octets.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = octets;
      changed[i] ^= static_cast<std::uint8_t>(1 << bit);
      try {
        const Record record = decode(changed);
        CHECK(encode(record.seq, record.time, record.event) == changed);  // another true record
        ++readable;
      } catch (const Error& error) {
        CHECK(error.fault == Fault::bad_input);
      }
    }
  CHECK(readable > 0);
}

TEST_CASE("names of events are lower case and dotted") {
  for (const char* name : {"sign", "user.enroll", "cert.issue-2", "a.b.c", "key_share"})
    CHECK(fault_of([&] {
            encode(0, kTime, {name, Outcome::done, "", "", "", Json::object()});
          }) == "none");
  for (const char* name : {"", "Sign", "sign.", ".sign", "a..b", "a b", "sign\n", "é"})
    CHECK(fault_of([&] {
            encode(0, kTime, {name, Outcome::done, "", "", "", Json::object()});
          }) == "failed");
}

TEST_CASE("what has no canonical form is not recorded") {
  const auto recording = [](const Json& details, Time time = kTime) {
    return fault_of([&] { encode(0, time, {"sign", Outcome::done, "", "", "", details}); });
  };
  CHECK(recording({{"x", 1.5}}) == "failed");
  CHECK(recording({{"x", {{{"y", 1.5}}}}}) == "failed");
  CHECK(recording(Json::array()) == "failed");
  CHECK(recording({{"x\xff", 1}}) == "failed");
  CHECK(recording({{"x", std::string(65535, 'x')}}) == "failed");
  CHECK(recording({{"x", std::string(65000, 'x')}}) == "none");
  CHECK(recording(Json::object(), from_unix(300'000'000'000)) == "failed");
  Json deep = Json::object();
  for (int i = 0; i < 20; ++i) deep = Json{{"d", deep}};
  CHECK(recording(deep) == "failed");
}

TEST_CASE("the deepest details that are recorded can be read") {
  Json deep = Json::object();
  for (int i = 0; i < 11; ++i) deep = Json{{"d", deep}};
  const Bytes octets = encode(0, kTime, {"sign", Outcome::done, "", "", "", deep});
  CHECK(decode(octets).event.details == deep);
}

TEST_CASE("names of secrets are found however they are spelled, at any depth") {
  for (const char* name : {"pin",
                           "PIN",
                           "new_pin",
                           "pin2",
                           "userPin",
                           "pins",
                           "otp",
                           "totp-seed",
                           "totpSeed",
                           "secret",
                           "client_secret",
                           "password",
                           "Passphrase",
                           "private_key",
                           "privateKey",
                           "sad",
                           "sad_sha256",
                           "pin_sha256",
                           "activation.share",
                           "pepper"})
    CHECK(find_secret_name(Json{{"a", {Json{{name, "x"}}}}}) == name);
  for (const char* name :
       {"spin", "opinion", "pinned", "key", "key_id", "factor", "seeded_by", "dtbs_sha256",
        "error_code", "sadly", "shared", "signature_sha256", "passport"})
    CHECK_FALSE(find_secret_name(Json{{name, "pin"}}));
}

}  // namespace
}  // namespace tsp::audit
