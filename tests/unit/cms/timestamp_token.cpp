// Time-stamp tokens: ours before openssl, openssl's before us, and damaged ones.
#include "cms/timestamp.h"
#include "crypto/der.h"
#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;

namespace {

const Bytes kData = to_bytes(as_bytes("data to be stamped"));

Bytes stamp(const cms::TstInfo& info = info_over(kData), const Holder& holder = unit()) {
  return cms::issue_token({info, true, {}}, holder.certificate(), holder.key());
}

// A token assembled by hand, so that single promises can be broken.
struct Forgery {
  const Holder* holder = &unit();
  x509::Certificate named = unit().certificate();
  std::string attribute_type = "1.2.840.113549.1.9.16.1.4";
  std::string carried_type = "1.2.840.113549.1.9.16.1.4";
  Bytes make() const {
    const Bytes content = cms::encode_tst_info(info_over(kData));
    const Bytes attributes = cms::signed_attributes(HashAlgorithm::sha256, crypto::sha256(content),
                                                    named, {attribute_type, {}});
    cms::Parts parts{attributes,
                     HashAlgorithm::sha256,
                     crypto::Scheme::ecdsa,
                     holder->key().sign(crypto::Scheme::ecdsa, HashAlgorithm::sha256,
                                        crypto::sha256(attributes)),
                     holder->certificate(),
                     {named},
                     content,
                     carried_type};
    return cms::assemble(parts);
  }
};

std::string reason_against(const Bytes& token) {
  const cms::TokenVerdict verdict = cms::verify_token(cms::parse_token(token));
  CHECK(verdict.tsu.has_value() == verdict.reason.empty());
  return verdict.reason;
}

Answer openssl_ts_verify(const Bytes& bytes, const std::string& options) {
  const Folder folder;
  folder.put("root.pem", root().certificate().pem());
  folder.put("unit.pem", unit().certificate().pem());
  folder.put("bytes", bytes);
  folder.put("data", ByteView(kData));
  return run("cd " + folder.file("") + " && openssl ts -verify -in bytes -CAfile root.pem " +
             options);
}

const char* const kConfiguration = R"(
[tsa]
default_tsa = unit
[unit]
serial = serial
crypto_device = builtin
signer_cert = unit.pem
signer_key = key.pem
signer_digest = sha256
default_policy = 1.2.3.4
other_policies = 1.2.3.5
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
)";

// A reply of openssl's own authority to a request of ours.
Bytes openssl_reply(const cms::TimestampRequest& token_request, const Holder& holder = unit()) {
  const Folder folder;
  folder.put("tsa.cnf", std::string_view(kConfiguration));
  folder.put("serial", std::string_view("01\n"));
  folder.put("unit.pem", holder.certificate().pem());
  put_key(folder, "key.pem", holder);
  folder.put("query", cms::make_request(token_request));
  const Answer answer =
      run("cd " + folder.file("") +
          " && openssl ts -reply -config tsa.cnf -section unit -queryfile query -out reply");
  INFO(answer.output);
  return folder.get("reply");
}

cms::TimestampRequest token_request() {
  return {HashAlgorithm::sha256, crypto::sha256(kData), "1.2.3.5", Bytes{0x81, 0x02}, true};
}

}  // namespace

TEST_CASE("openssl accepts our tokens for every kind of key") {
  for (KeyAlgorithm algorithm :
       {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::rsa_3072}) {
    const Bytes token = stamp(info_over(kData), unit(algorithm));
    const Answer answer = openssl_ts_verify(token, "-token_in -data data");
    INFO(crypto::name_of(algorithm) << ": " << answer.output);
    CHECK(answer.status == 0);
    CHECK(reason_against(token).empty());
  }
}

TEST_CASE("openssl accepts our reply to a request with nonce and policy") {
  const auto wanted = token_request();
  cms::TstInfo info = info_over(kData);
  info.policy = *wanted.policy;
  info.nonce = wanted.nonce;
  info.accuracy = std::chrono::milliseconds(1500);
  const Bytes token = stamp(info);
  const Folder folder;
  folder.put("query", cms::make_request(wanted));
  const Answer answer =
      openssl_ts_verify(cms::granted(token), "-queryfile " + folder.file("query"));
  INFO(answer.output);
  CHECK(answer.status == 0);
  CHECK_FALSE(cms::mismatch(cms::parse_token(token), wanted));
}

TEST_CASE("a token without certificates verifies with the certificate at hand") {
  const Bytes token =
      cms::issue_token({info_over(kData), false, {}}, unit().certificate(), unit().key());
  const cms::Token read = cms::parse_token(token);
  CHECK(read.data.certificates.empty());
  CHECK_FALSE(cms::verify_token(read).tsu);
  CHECK(cms::verify_token(read, {unit().certificate()}).tsu == unit().certificate());
  const Answer answer = openssl_ts_verify(token, "-token_in -data data -untrusted unit.pem");
  INFO(answer.output);
  CHECK(answer.status == 0);
}

TEST_CASE("a token carries signing-time, and accuracy only where it is stated") {
  const cms::Token token = cms::parse_token(stamp());
  const auto attributes = cms::parse_signed_attributes(token.data.signers.at(0).signed_attributes);
  CHECK(attributes.signing_time == token.info.time);
  CHECK_FALSE(token.info.accuracy);
  CHECK(token.data.version == 3);
}

TEST_CASE("an authority of openssl answers us") {
  const Bytes reply = openssl_reply(token_request());
  const cms::Token token = cms::parse_token(cms::token_of_reply(reply));
  CHECK(token.info.policy == "1.2.3.5");
  CHECK(token.info.accuracy == std::chrono::microseconds(1'500'100));
  CHECK(token.info.ordering);
  CHECK_FALSE(cms::mismatch(token, token_request()));
  const cms::TokenVerdict verdict = cms::verify_token(token);
  INFO(verdict.reason);
  CHECK(verdict.tsu == unit().certificate());
}

TEST_CASE("an authority of openssl refuses, and we say why") {
  auto wanted = token_request();
  wanted.policy = "1.2.3.6";
  const Bytes reply = openssl_reply(wanted);
  CHECK(fault_of([&] { cms::token_of_reply(reply); }) == Fault::evidence_missing);
}

TEST_CASE("a token that answers another request is told apart") {
  const cms::Token token = cms::parse_token(cms::token_of_reply(openssl_reply(token_request())));
  auto other = token_request();
  other.nonce = Bytes{0x00, 0x81, 0x02};
  CHECK_FALSE(cms::mismatch(token, other));
  other.nonce = Bytes{0x01, 0x81, 0x02};
  CHECK(cms::mismatch(token, other) == "it has another nonce than the request");
  other = token_request();
  other.imprint.front() ^= 1;
  CHECK(cms::mismatch(token, other) == "it is of other data");
  other = token_request();
  other.policy = "1.2.3.4";
  CHECK(cms::mismatch(token, other) == "it is under another policy than asked for");
  other = token_request();
  other.hash = HashAlgorithm::sha512;
  CHECK(cms::mismatch(token, other) == "it is made with another hash than asked for");
  CHECK(cms::mismatch(cms::parse_token(stamp()),
                      {HashAlgorithm::sha256, crypto::sha256(kData), {}, Bytes{1}, true}) ==
        "it lacks the nonce of the request");
}

TEST_CASE("no flipped bit anywhere in a token goes unseen") {
  const KeyAlgorithm algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072);
  Bytes token = stamp(info_over(kData), unit(algorithm));
  REQUIRE(reason_against(token).empty());
  std::vector<std::size_t> unseen;
  for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
    const auto mask = static_cast<std::uint8_t>(1 << (bit % 8));
    token[bit / 8] ^= mask;
    try {
      if (cms::verify_token(cms::parse_token(token)).tsu) unseen.push_back(bit);
    } catch (const Error& error) {
      REQUIRE(error.fault == Fault::bad_input);
    }
    token[bit / 8] ^= mask;
  }
  CHECK(unseen == std::vector<std::size_t>{});
}

TEST_CASE("no truncated token is read") {
  const Bytes token = stamp();
  for (std::size_t size = 0; size < token.size(); ++size)
    REQUIRE(fault_of([&] { cms::parse_token(ByteView(token).first(size)); }) == Fault::bad_input);
}

TEST_CASE("an altered genTime breaks the token") {
  Bytes token = stamp();
  const std::string text(as_text(token));
  const auto at = text.find("20261121093000Z");
  REQUIRE(at != std::string::npos);
  token[at + 3] = '5';
  CHECK(cms::parse_token(token).info.time == from_rfc3339("2025-11-21T09:30:00Z"));
  CHECK(reason_against(token) == "its content is not what was signed");
}

TEST_CASE("padding may follow a token and is not part of it") {
  const Bytes token = stamp();
  Bytes padded = token;
  padded.resize(padded.size() + 100);
  CHECK(cms::parse_token(padded).der == token);
  padded.back() = 7;
  CHECK(fault_of([&] { cms::parse_token(padded); }) == Fault::bad_input);
}

TEST_CASE("an EKU that is not critical or not alone is refused") {
  for (const char* usage : {"timeStamping", "critical,timeStamping,emailProtection",
                            "critical,emailProtection", "critical,anyExtendedKeyUsage"}) {
    INFO(usage);
    auto extensions = tsu_extensions();
    extensions.at(1).second = usage;
    const Holder odd({"TEST odd TSU", extensions}, root());
    const Forgery forgery{&odd, odd.certificate()};
    CHECK(reason_against(forgery.make()) ==
          "its certificate is not for time-stamping, critically and only");
    CHECK(fault_of([&] { stamp(info_over(kData), odd); }) == Fault::policy_refused);
  }
}

TEST_CASE("a signing-certificate attribute that names another certificate is refused") {
  const Holder twin({"TEST TSU", tsu_extensions()}, root(), unit().shared_key());
  Forgery forgery{&unit(), twin.certificate()};
  CHECK(reason_against(forgery.make()) == "its signer identifier names another certificate");
  const Bytes absent =
      cms::issue_token({info_over(kData), false, {}}, twin.certificate(), twin.key());
  CHECK(cms::verify_token(cms::parse_token(absent), {unit().certificate()}).reason ==
        "its signing certificate is not there or not named");
}

TEST_CASE("a token signed as something else is no token") {
  Forgery data_attribute;
  data_attribute.attribute_type = "1.2.840.113549.1.7.1";
  CHECK(reason_against(data_attribute.make()) ==
        "its content-type attribute is not that of a time-stamp");
  Forgery data;
  data.carried_type = "1.2.840.113549.1.7.1";
  CHECK(fault_of([&] { cms::parse_token(data.make()); }) == Fault::bad_input);
}

TEST_CASE("a token with two signers is refused, whichever comes first") {
  cms::Token token = cms::parse_token(stamp());
  token.data.signers.push_back(token.data.signers.front());
  CHECK(cms::verify_token(token).reason == "it has not exactly one signer");
  token.data.signers.clear();
  CHECK(cms::verify_token(token).reason == "it has not exactly one signer");
}

TEST_CASE("nothing is stamped with the key of another certificate") {
  CHECK(fault_of([] {
          cms::issue_token({info_over(kData), true, {}}, unit().certificate(), root().key());
        }) == Fault::policy_refused);
}

TEST_CASE("a key that signs wrongly gives no token") {
  class Broken final : public crypto::Signer {
   public:
    const crypto::PublicKey& public_key() const override { return unit().key().public_key(); }
    Bytes sign(crypto::Scheme scheme, HashAlgorithm hash, ByteView digest) override {
      Bytes value = unit().key().sign(scheme, hash, digest);
      value.back() ^= 1;
      return value;
    }
  } broken;
  CHECK(fault_of([&] {
          cms::issue_token({info_over(kData), true, {}}, unit().certificate(), broken);
        }) == Fault::hsm_unavailable);
}
