// Vectors: RFC 6287 appendix C; for QH64 an implementation of our own in another language, checked
// against the same appendix (hmac and hashlib of Python); so are those of the last cases.
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/symmetric.h"
#include "sam/codes.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;
using crypto::HashAlgorithm;

namespace {

constexpr std::string_view kDigits =
    "1234567890123456789012345678901234567890123456789012345678901234";
const ByteView kKey20 = as_bytes(kDigits.substr(0, 20)), kKey32 = as_bytes(kDigits.substr(0, 32)),
               kKey64 = as_bytes(kDigits);
constexpr std::uint64_t kOcraStep = 0x132d0b6;

using Pairs = std::vector<std::pair<std::string, std::string>>;  // question and code

OcraInput asked(const std::string& question) {
  OcraInput input;
  input.question = question;
  return input;
}
OcraInput with_counter(const std::string& question, std::uint64_t counter) {
  OcraInput input = asked(question);
  input.counter = counter;
  return input;
}
OcraInput with_pin(const std::string& question, HashAlgorithm hash = HashAlgorithm::sha1) {
  OcraInput input = asked(question);
  input.pin_hash = Secret(crypto::digest(hash, as_bytes("1234")));
  return input;
}
OcraInput with_step(const std::string& question, std::uint64_t step = kOcraStep) {
  OcraInput input = asked(question);
  input.step = step;
  return input;
}

bool is_suite(std::string_view suite) {
  OcraInput input = asked("1");
  try {
    ocra(suite, kKey20, input);
    return true;
  } catch (const Error& error) {
    CHECK(error.fault == Fault::bad_input);
    return error.why != "no suite of RFC 6287";
  }
}

Fault ocra_fault(std::string_view suite, const OcraInput& input) {
  try {
    ocra(suite, kKey20, input);
  } catch (const Error& error) {
    return error.fault;
  }
  return Fault::failed;
}

}  // namespace

TEST_CASE("OCRA: one-way challenges with SHA-1") {
  const Pairs vectors{{"00000000", "237653"}, {"11111111", "243178"}, {"22222222", "653583"},
                      {"33333333", "740991"}, {"44444444", "608993"}, {"55555555", "388898"},
                      {"66666666", "816933"}, {"77777777", "224598"}, {"88888888", "750600"},
                      {"99999999", "294470"}};
  for (const auto& [question, code] : vectors)
    CHECK(ocra("OCRA-1:HOTP-SHA1-6:QN08", kKey20, asked(question)) == code);
}

TEST_CASE("OCRA: a counter and a PIN with SHA-256") {
  const char* codes[] = {"65347737", "86775851", "78192410", "71565254", "10104329",
                         "65983500", "70069104", "91771096", "75011558", "08522129"};
  for (std::uint64_t counter = 0; counter < 10; ++counter) {
    OcraInput input = with_pin("12345678");
    input.counter = counter;
    CHECK(ocra("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", kKey32, input) == codes[counter]);
  }
}

TEST_CASE("OCRA: a PIN with SHA-256") {
  const Pairs vectors{{"00000000", "83238735"},
                      {"11111111", "01501458"},
                      {"22222222", "17957585"},
                      {"33333333", "86776967"},
                      {"44444444", "86807031"}};
  for (const auto& [question, code] : vectors)
    CHECK(ocra("OCRA-1:HOTP-SHA256-8:QN08-PSHA1", kKey32, with_pin(question)) == code);
}

TEST_CASE("OCRA: a counter with SHA-512") {
  const Pairs vectors{{"00000000", "07016083"}, {"11111111", "63947962"}, {"22222222", "70123924"},
                      {"33333333", "25341727"}, {"44444444", "33203315"}, {"55555555", "34205738"},
                      {"66666666", "44343969"}, {"77777777", "51946085"}, {"88888888", "20403879"},
                      {"99999999", "31409299"}};
  for (std::uint64_t counter = 0; counter < 10; ++counter)
    CHECK(ocra("OCRA-1:HOTP-SHA512-8:C-QN08", kKey64,
               with_counter(vectors[counter].first, counter)) == vectors[counter].second);
}

TEST_CASE("OCRA: a minute with SHA-512") {
  const Pairs vectors{{"00000000", "95209754"},
                      {"11111111", "55907591"},
                      {"22222222", "22048402"},
                      {"33333333", "24218844"},
                      {"44444444", "36209546"}};
  for (const auto& [question, code] : vectors)
    CHECK(ocra("OCRA-1:HOTP-SHA512-8:QN08-T1M", kKey64, with_step(question)) == code);
}

TEST_CASE("OCRA: mutual challenges, two questions of eight characters") {
  const Pairs server{{"CLI22220SRV11110", "28247970"},
                     {"CLI22221SRV11111", "01984843"},
                     {"CLI22222SRV11112", "65387857"},
                     {"CLI22223SRV11113", "03351211"},
                     {"CLI22224SRV11114", "83412541"}};
  const Pairs client{{"SRV11110CLI22220", "15510767"},
                     {"SRV11111CLI22221", "90175646"},
                     {"SRV11112CLI22222", "33777207"},
                     {"SRV11113CLI22223", "95285278"},
                     {"SRV11114CLI22224", "28934924"}};
  for (const Pairs& vectors : {server, client})
    for (const auto& [question, code] : vectors)
      CHECK(ocra("OCRA-1:HOTP-SHA256-8:QA08", kKey32, asked(question)) == code);
}

TEST_CASE("OCRA: mutual challenges with SHA-512 and the client's PIN") {
  const Pairs server{{"CLI22220SRV11110", "79496648"},
                     {"CLI22221SRV11111", "76831980"},
                     {"CLI22222SRV11112", "12250499"},
                     {"CLI22223SRV11113", "90856481"},
                     {"CLI22224SRV11114", "12761449"}};
  const Pairs client{{"SRV11110CLI22220", "18806276"},
                     {"SRV11111CLI22221", "70020315"},
                     {"SRV11112CLI22222", "01600026"},
                     {"SRV11113CLI22223", "18951020"},
                     {"SRV11114CLI22224", "32528969"}};
  for (const auto& [question, code] : server)
    CHECK(ocra("OCRA-1:HOTP-SHA512-8:QA08", kKey64, asked(question)) == code);
  for (const auto& [question, code] : client)
    CHECK(ocra("OCRA-1:HOTP-SHA512-8:QA08-PSHA1", kKey64, with_pin(question)) == code);
}

TEST_CASE("OCRA: plain signatures") {
  const Pairs plain{{"SIG10000", "53095496"},
                    {"SIG11000", "04110475"},
                    {"SIG12000", "31331128"},
                    {"SIG13000", "76028668"},
                    {"SIG14000", "46554205"}};
  const Pairs timed{{"SIG1000000", "77537423"},
                    {"SIG1100000", "31970405"},
                    {"SIG1200000", "10235557"},
                    {"SIG1300000", "95213541"},
                    {"SIG1400000", "65360607"}};
  for (const auto& [question, code] : plain)
    CHECK(ocra("OCRA-1:HOTP-SHA256-8:QA08", kKey32, asked(question)) == code);
  for (const auto& [question, code] : timed)
    CHECK(ocra("OCRA-1:HOTP-SHA512-8:QA10-T1M", kKey64, with_step(question)) == code);
}

TEST_CASE("the code for a digest is a MAC over all of it") {
  const Bytes digest = crypto::sha256(as_bytes("hello"));
  CHECK(ocra_code(kKey32, digest) == "80741461");
  CHECK(is_ocra_code(kKey32, digest, "80741461"));
  for (std::size_t at = 0; at < digest.size(); ++at) {
    Bytes other = digest;
    other[at] ^= 1;
    CHECK_FALSE(is_ocra_code(kKey32, other, "80741461"));
  }
  CHECK_FALSE(is_ocra_code(kKey20, digest, "80741461"));
}

TEST_CASE("what is no code of eight digits fits no digest") {
  const Bytes digest = crypto::sha256(as_bytes("hello"));
  for (const std::string& wrong :
       {std::string(), std::string("8074146"), std::string("807414610"), std::string(8, '\0')})
    CHECK_FALSE(is_ocra_code(kKey32, digest, wrong));
  CHECK_THROWS_AS(ocra_code(kKey32, Bytes(31)), Error);
  CHECK_THROWS_AS(ocra_code(kKey32, {}), Error);
}

TEST_CASE("OCRA: a whole SHA-256 with counter, PIN and time") {
  const std::string question = to_hex(crypto::sha256(as_bytes("hello")));  // either case
  OcraInput counted = with_pin(question, HashAlgorithm::sha256);
  counted.counter = 1;
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:C-QH64-PSHA256", kKey32, counted) == "04474113");
  OcraInput timed = with_pin(question, HashAlgorithm::sha256);
  timed.step = 1;
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QH64-PSHA256-T30S", kKey32, timed) == "09557034");
}

TEST_CASE("OCRA: no digits are the whole HMAC, ten are ten") {
  CHECK(ocra("OCRA-1:HOTP-SHA1-0:QN08", kKey20, asked("00000000")) ==
        "d216b1d33ccbb7cc1076895153fc70bcf3d987de");
  CHECK(ocra("OCRA-1:HOTP-SHA1-10:QN08", kKey20, asked("00000000")) == "1164947306");
}

TEST_CASE("OCRA: a session shorter than its length, and an odd number of hex digits") {
  OcraInput input = asked("ABCDE");
  input.session = to_bytes(as_bytes("session"));
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QH08-S064", kKey32, input) == "51798342");
  input.session = Bytes(65);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA256-8:QH08-S064", input) == Fault::bad_input);
}

TEST_CASE("OCRA: the longest questions of each format") {
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QN64", kKey32, asked(std::string(128, '9'))) == "90878532");
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QN64", kKey32, asked(std::string(64, '9'))) == "43297705");
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QA64", kKey32, asked(std::string(128, 'z'))) == "59692119");
  CHECK(ocra("OCRA-1:HOTP-SHA256-8:QH64", kKey32, asked(std::string(128, 'F'))) == "77463119");
  for (const char* suite : {"OCRA-1:HOTP-SHA256-8:QN64", "OCRA-1:HOTP-SHA256-8:QH64"})
    CHECK(ocra_fault(suite, asked(std::string(129, '1'))) == Fault::bad_input);
}

TEST_CASE("a question of another format is refused") {
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", asked("1234567a")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", asked("-1")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QH08", asked("0x12")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QA08", asked("a b")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", asked("")) == Fault::bad_input);
}

TEST_CASE("inputs that a suite does not ask for, and absent ones, are refused") {
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", with_counter("1", 0)) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", with_pin("1")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08", with_step("1")) == Fault::bad_input);
  for (const char* suite : {"OCRA-1:HOTP-SHA1-6:C-QN08", "OCRA-1:HOTP-SHA1-6:QN08-PSHA1",
                            "OCRA-1:HOTP-SHA1-6:QN08-S064", "OCRA-1:HOTP-SHA1-6:QN08-T1M"})
    CHECK(ocra_fault(suite, asked("1")) == Fault::bad_input);
  CHECK(ocra_fault("OCRA-1:HOTP-SHA1-6:QN08-PSHA256", with_pin("1")) == Fault::bad_input);
}

TEST_CASE("suites of the grammar are read") {
  for (const char* suite :
       {"OCRA-1:HOTP-SHA512-4:QA04", "OCRA-1:HOTP-SHA1-0:QN64", "OCRA-1:HOTP-SHA256-10:QH64",
        "OCRA-1:HOTP-SHA1-6:C-QN08-PSHA512-S512-T48H", "OCRA-1:HOTP-SHA1-6:QN08-T0H",
        "OCRA-1:HOTP-SHA1-6:QN08-T59S", "OCRA-1:HOTP-SHA1-6:QN08-S000"})
    CHECK(is_suite(suite));
}

TEST_CASE("what is no suite is refused") {
  for (const char* suite : {"",
                            "OCRA-1",
                            "OCRA-2:HOTP-SHA1-6:QN08",
                            "ocra-1:hotp-sha1-6:qn08",
                            "OCRA-1:TOTP-SHA1-6:QN08",
                            "OCRA-1:HOTP-MD5-6:QN08",
                            "OCRA-1:HOTP-SHA384-6:QN08",
                            "OCRA-1:HOTP-SHA1-3:QN08",
                            "OCRA-1:HOTP-SHA1-11:QN08",
                            "OCRA-1:HOTP-SHA1-06:QN08",
                            "OCRA-1:HOTP-SHA1-00:QN08",
                            "OCRA-1:HOTP-SHA1-:QN08",
                            "OCRA-1:HOTP-SHA1-6:",
                            "OCRA-1:HOTP-SHA1-6:Q",
                            "OCRA-1:HOTP-SHA1-6:QN8",
                            "OCRA-1:HOTP-SHA1-6:QN03",
                            "OCRA-1:HOTP-SHA1-6:QN65",
                            "OCRA-1:HOTP-SHA1-6:QN008",
                            "OCRA-1:HOTP-SHA1-6:QX08",
                            "OCRA-1:HOTP-SHA1-6:C",
                            "OCRA-1:HOTP-SHA1-6:CQN08",
                            "OCRA-1:HOTP-SHA1-6:QN08-C",
                            "OCRA-1:HOTP-SHA1-6:QN08-P",
                            "OCRA-1:HOTP-SHA1-6:QN08-PSHA384",
                            "OCRA-1:HOTP-SHA1-6:QN08-S64",
                            "OCRA-1:HOTP-SHA1-6:QN08-S0064",
                            "OCRA-1:HOTP-SHA1-6:QN08-T",
                            "OCRA-1:HOTP-SHA1-6:QN08-T0S",
                            "OCRA-1:HOTP-SHA1-6:QN08-T60M",
                            "OCRA-1:HOTP-SHA1-6:QN08-T49H",
                            "OCRA-1:HOTP-SHA1-6:QN08-T01M",
                            "OCRA-1:HOTP-SHA1-6:QN08-T1D",
                            "OCRA-1:HOTP-SHA1-6:QN08-T1M-PSHA1",
                            "OCRA-1:HOTP-SHA1-6:QN08-",
                            "OCRA-1:HOTP-SHA1-6:QN08 ",
                            "OCRA-1:HOTP-SHA1-6:QN08:",
                            "OCRA-1:HOTP-SHA1-99999999999:QN08"})
    CHECK_FALSE(is_suite(suite));
}
