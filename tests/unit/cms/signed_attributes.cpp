#include "crypto/der.h"
#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;

namespace {

const Bytes kDigest = crypto::sha256(as_bytes("content"));

Bytes attribute(std::string_view oid, const Bytes& value) {
  return der::sequence(der::oid(oid), der::set_of({value}));
}

// The members of good attributes, to be spoilt.
std::vector<Bytes> members() {
  const Bytes good = cms::signed_attributes(HashAlgorithm::sha256, kDigest, signer().certificate());
  std::vector<Bytes> out;
  const auto set = der::first(good);
  const auto children = der::children(set->content);
  for (const auto& member : *children) out.push_back(to_bytes(member.whole));
  return out;
}

bool is_refused(const Bytes& set) {
  return fault_of([&] { cms::parse_signed_attributes(set); }) == Fault::bad_input;
}

}  // namespace

TEST_CASE("signed attributes say what they were made of") {
  const auto content = cms::parse_signed_attributes(
      cms::signed_attributes(HashAlgorithm::sha256, kDigest, signer().certificate()));
  CHECK(content.content_type == "1.2.840.113549.1.7.1");
  CHECK(content.message_digest == kDigest);
  CHECK(content.certificate_hash == HashAlgorithm::sha256);
  CHECK(content.certificate_digest == signer().certificate().sha256());
  CHECK_FALSE(content.signing_time);
}

TEST_CASE("the certificate's hash follows the content's") {
  const auto content = cms::parse_signed_attributes(
      cms::signed_attributes(HashAlgorithm::sha512, crypto::digest(HashAlgorithm::sha512, kDigest),
                             signer().certificate()));
  CHECK(content.certificate_hash == HashAlgorithm::sha512);
  CHECK(content.certificate_digest ==
        crypto::digest(HashAlgorithm::sha512, signer().certificate().der()));
}

TEST_CASE("signing-time is UTCTime through 2049 and GeneralizedTime after") {
  for (const char* moment : {"1999-12-31T23:59:59Z", "2026-11-21T09:30:00Z", "2049-12-31T23:59:59Z",
                             "2050-01-01T00:00:00Z"}) {
    const Bytes set = cms::signed_attributes(HashAlgorithm::sha256, kDigest, signer().certificate(),
                                             {"1.2.840.113549.1.7.1", from_rfc3339(moment)});
    CHECK(cms::parse_signed_attributes(set).signing_time == from_rfc3339(moment));
  }
}

TEST_CASE("the attributes that openssl signs are read as ours are") {
  const Folder folder;
  folder.put("certificate.pem", signer().certificate().pem());
  folder.put("content", std::string_view("content"));
  put_key(folder, "key.pem", signer());
  REQUIRE(run("cd " + folder.file("") +
              " && openssl cms -sign -cades -nosmimecap -binary -in content -signer "
              "certificate.pem -inkey key.pem -outform DER -out message")
              .status == 0);
  const auto only = cms::parse(folder.get("message")).signers.at(0);
  const auto content = cms::parse_signed_attributes(only.signed_attributes);
  CHECK(content.message_digest == kDigest);
  CHECK(content.certificate_digest == signer().certificate().sha256());
  REQUIRE(content.signing_time);
  // Apart from the moment, the very same octets.
  CHECK(cms::signed_attributes(HashAlgorithm::sha256, kDigest, signer().certificate(),
                               {"1.2.840.113549.1.7.1", content.signing_time}) ==
        only.signed_attributes);
}

TEST_CASE("each attribute that must be there is missed") {
  const auto all = members();
  REQUIRE(all.size() == 3);
  CHECK_FALSE(cms::parse_signed_attributes(der::set_of(all)).content_type.empty());
  for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
    auto some = all;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(left_out));
    CHECK(is_refused(der::set_of(some)));
  }
}

TEST_CASE("repeated attributes, two values, no values and another order are refused") {
  auto repeated = members();
  repeated.push_back(attribute("1.2.840.113549.1.9.4", der::octet_string(kDigest)));
  CHECK(is_refused(der::set_of(repeated)));
  auto two_values = members();
  two_values.push_back(
      der::sequence(der::oid("1.2.3"), der::set_of({der::null(), der::boolean(true)})));
  CHECK(is_refused(der::set_of(two_values)));
  auto no_values = members();
  no_values.push_back(der::sequence(der::oid("1.2.3"), der::set_of({})));
  CHECK(is_refused(der::set_of(no_values)));
  const auto sorted = members();
  CHECK(is_refused(der::wrap(der::kSet, sorted[1], sorted[0], sorted[2])));
}

TEST_CASE("attributes in BER, with something behind or cut off are refused") {
  const Bytes good = der::set_of(members());
  Bytes behind = good;
  behind.push_back(0);
  CHECK(is_refused(behind));
  Bytes long_form{0x31, 0x82, 0x00};
  append(long_form, ByteView(good).subspan(2));
  CHECK(is_refused(long_form));
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(is_refused(to_bytes(ByteView(good).first(size))));
}
