// Requests, replies and the content of time-stamps.
#include "cms/timestamp.h"

#include "crypto/der.h"
#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;

namespace {

const Bytes kStamped = to_bytes(as_bytes("data to be stamped"));

cms::TimestampRequest plain_request() {
  return {HashAlgorithm::sha256, crypto::sha256(kStamped), "1.2.3.4", Bytes{0x81, 0x02}, true};
}

cms::FailureInfo refusal_of(const Bytes& bytes) {
  try {
    cms::parse_request(bytes);
  } catch (const cms::RequestRefused& refused) {
    return refused.info;
  }
  throw std::runtime_error("nothing was refused");
}

// A request of openssl over kStamped.
Bytes openssl_query(const std::string& options) {
  const Folder folder;
  folder.put("data", ByteView(kStamped));
  const Answer answer =
      run("cd " + folder.file("") + " && openssl ts -query -data data -out query " + options);
  INFO(answer.output);
  REQUIRE(answer.status == 0);
  return folder.get("query");
}

Bytes imprint(std::string_view hash_oid, std::size_t size) {
  return der::sequence(der::sequence(der::oid(hash_oid)), der::octet_string(Bytes(size)));
}

bool is_malformed(const Bytes& tst_info) {
  return fault_of([&] { cms::parse_tst_info(tst_info); }) == Fault::bad_input;
}

}  // namespace

TEST_CASE("a request reads back as it was made") {
  const auto read = cms::parse_request(cms::make_request(plain_request()));
  CHECK(read.hash == HashAlgorithm::sha256);
  CHECK(read.imprint == crypto::sha256(kStamped));
  CHECK(read.policy == "1.2.3.4");
  CHECK(read.nonce == Bytes{0x81, 0x02});
  CHECK(read.certificates);
  const auto bare = cms::parse_request(
      cms::make_request({HashAlgorithm::sha512, Bytes(64), std::nullopt, std::nullopt, false}));
  CHECK(bare.hash == HashAlgorithm::sha512);
  CHECK_FALSE(bare.policy);
  CHECK_FALSE(bare.nonce);
  CHECK_FALSE(bare.certificates);
}

TEST_CASE("requests of openssl are read") {
  const auto plain = cms::parse_request(openssl_query("-sha256"));
  CHECK(plain.imprint == crypto::sha256(kStamped));
  CHECK(plain.nonce);
  CHECK_FALSE(plain.certificates);
  const auto full = cms::parse_request(openssl_query("-sha384 -cert -no_nonce -tspolicy 1.2.3.4"));
  CHECK(full.hash == HashAlgorithm::sha384);
  CHECK(full.policy == "1.2.3.4");
  CHECK_FALSE(full.nonce);
  CHECK(full.certificates);
}

TEST_CASE("openssl reads our requests") {
  const Folder folder;
  folder.put("query", cms::make_request(plain_request()));
  const Answer answer = run("openssl ts -query -text -in " + folder.file("query"));
  CHECK(answer.status == 0);
  CHECK_THAT(answer.output, ContainsSubstring("Policy OID: 1.2.3.4"));
  CHECK_THAT(answer.output, ContainsSubstring("Nonce: 0x8102"));
  CHECK_THAT(answer.output, ContainsSubstring("Certificate required: yes"));
}

TEST_CASE("each wrong request is refused with the failure that RFC 3161 names") {
  const Bytes good = imprint("2.16.840.1.101.3.4.2.1", 32);
  CHECK(refusal_of(der::sequence(der::integer(2), good)) == cms::FailureInfo::bad_request);
  CHECK(refusal_of(der::sequence(der::integer(1), imprint("1.2.840.113549.2.5", 16))) ==
        cms::FailureInfo::bad_alg);
  CHECK(refusal_of(der::sequence(der::integer(1), imprint("2.16.840.1.101.3.4.2.1", 31))) ==
        cms::FailureInfo::bad_alg);
  CHECK(refusal_of(der::sequence(der::integer(1), good, der::tlv(der::context(0), {}))) ==
        cms::FailureInfo::unaccepted_extension);
  CHECK(refusal_of(der::sequence(der::integer(1), good, der::integer(-5))) ==
        cms::FailureInfo::bad_data_format);
  CHECK(refusal_of(der::sequence(der::integer(1))) == cms::FailureInfo::bad_data_format);
  CHECK(refusal_of({}) == cms::FailureInfo::bad_data_format);
  Bytes longer = cms::make_request(plain_request());
  longer.push_back(0);
  CHECK(refusal_of(longer) == cms::FailureInfo::bad_data_format);
}

TEST_CASE("no truncated request is read") {
  const Bytes good = cms::make_request(plain_request());
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(refusal_of(to_bytes(ByteView(good).first(size))) == cms::FailureInfo::bad_data_format);
}

TEST_CASE("a TSTInfo reads back as it was made") {
  cms::TstInfo info = info_over(kStamped);
  info.accuracy = std::chrono::microseconds(2'500'001);
  info.ordering = true;
  info.nonce = Bytes{0xff, 0x00};
  const auto read = cms::parse_tst_info(cms::encode_tst_info(info));
  CHECK(read.policy == info.policy);
  CHECK(read.imprint == info.imprint);
  CHECK(read.serial == info.serial);
  CHECK(read.time == info.time);
  CHECK(read.accuracy == info.accuracy);
  CHECK(read.ordering);
  CHECK(read.nonce == info.nonce);
  const auto bare = cms::parse_tst_info(cms::encode_tst_info(info_over(kStamped)));
  CHECK_FALSE(bare.accuracy);
  CHECK_FALSE(bare.nonce);
  CHECK_FALSE(bare.ordering);
}

TEST_CASE("genTime may have a fraction, which must be in DER's form") {
  const auto with_time = [](std::string_view time) {
    return der::sequence(der::integer(1), der::oid("1.2.3"), imprint("2.16.840.1.101.3.4.2.1", 32),
                         der::integer(7), der::tlv(der::kGeneralizedTime, as_bytes(time)));
  };
  CHECK(to_rfc3339(cms::parse_tst_info(with_time("20261121093000.5Z")).time, true) ==
        "2026-11-21T09:30:00.500Z");
  CHECK(to_rfc3339(cms::parse_tst_info(with_time("20261121093000.123456789Z")).time, true) ==
        "2026-11-21T09:30:00.123Z");
  for (const char* wrong :
       {"20261121093000.Z", "20261121093000.50Z", "20261121093000.5", "20261121093000", "2026",
        "20261321093000Z", "20261121093000.5.5Z", "20261121093000.xZ", "20261121093000+0100"}) {
    INFO(wrong);
    CHECK(is_malformed(with_time(wrong)));
  }
}

TEST_CASE("an unknown critical extension spoils a TSTInfo, another does not") {
  const auto with_extension = [](const Bytes& critical) {
    const Bytes extension =
        der::sequence(der::oid("1.2.3.4"), critical, der::octet_string(der::null()));
    return der::sequence(der::integer(1), der::oid("1.2.3"), imprint("2.16.840.1.101.3.4.2.1", 32),
                         der::integer(7), der::generalized_time(from_unix(0)),
                         der::tlv(der::context(1), extension));
  };
  CHECK(cms::parse_tst_info(with_extension({})).policy == "1.2.3");
  CHECK(is_malformed(with_extension(der::boolean(true))));
}

TEST_CASE("no truncated TSTInfo and no other version is read") {
  const Bytes good = cms::encode_tst_info(info_over(kStamped));
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(is_malformed(to_bytes(ByteView(good).first(size))));
  Bytes version = good;
  version.at(good.size() > 129 ? 5 : 4) = 2;
  CHECK(is_malformed(version));
}

TEST_CASE("a granted reply gives its token back") {
  const Bytes token = der::sequence(der::null());
  CHECK(cms::token_of_reply(cms::granted(token)) == token);
}

TEST_CASE("a refusal is told in the authority's own words") {
  try {
    cms::token_of_reply(cms::rejected(cms::FailureInfo::bad_alg, "not SHA-1, please\x1b[2J"));
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::evidence_missing);
    CHECK_THAT(error.why, ContainsSubstring("not SHA-1, please"));
    CHECK_THAT(error.why, ContainsSubstring("algorithm not known"));
    CHECK(error.why.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("openssl reads our refusals") {
  const Folder folder;
  folder.put("reply", cms::rejected(cms::FailureInfo::time_not_available, "clock is gone"));
  const Answer answer = run("openssl ts -reply -text -in " + folder.file("reply"));
  CHECK_THAT(answer.output, ContainsSubstring("Status: Rejected."));
  CHECK_THAT(answer.output, ContainsSubstring("clock is gone"));
  CHECK_THAT(answer.output, ContainsSubstring("the TSA's time source is not available"));
}

TEST_CASE("every failure has its bit where openssl looks for it") {
  const Folder folder;
  for (const auto& [info, words] : std::map<cms::FailureInfo, std::string>{
           {cms::FailureInfo::bad_alg, "unrecognized or unsupported algorithm identifier"},
           {cms::FailureInfo::bad_request, "transaction not permitted or supported"},
           {cms::FailureInfo::bad_data_format, "the data submitted has the wrong format"},
           {cms::FailureInfo::unaccepted_policy, "the requested TSA policy is not supported"},
           {cms::FailureInfo::unaccepted_extension, "the requested extension is not supported"},
           {cms::FailureInfo::system_failure, "the request cannot be handled"}}) {
    folder.put("reply", cms::rejected(info, ""));
    CHECK_THAT(run("openssl ts -reply -text -in " + folder.file("reply")).output,
               ContainsSubstring(words));
  }
}

TEST_CASE("malformed replies are malformed") {
  const auto fault = [](const Bytes& bytes) {
    return fault_of([&] { cms::token_of_reply(bytes); });
  };
  const Bytes granted_without = der::sequence(der::sequence(der::integer(0)));
  CHECK(fault(granted_without) == Fault::bad_input);
  CHECK(fault(to_bytes(as_bytes("<html>502 Bad Gateway</html>"))) == Fault::bad_input);
  const Bytes good = cms::granted(der::sequence(der::null()));
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(fault(to_bytes(ByteView(good).first(size))) == Fault::bad_input);
}
