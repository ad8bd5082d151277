// The assertion's octets: what is written is read back, and the worst that may come is refused.
#include "sam/assertion.h"

#include <functional>

#include "crypto/digest.h"
#include "signers_token.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

// The example of docs/formats/assertion.md.
Assertion example() {
  Assertion assertion_said;
  assertion_said.id = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  assertion_said.issuer = "auth.example/1";
  assertion_said.audience = "sign.example/1";
  assertion_said.signer = "alice";
  assertion_said.credential = "k1";
  assertion_said.manifest_sha256 = Bytes(32, 0x22);
  assertion_said.count = 1;
  assertion_said.factors = {Factor::pin, Factor::totp};
  assertion_said.issued_at = from_unix_ms(1767225600000);
  assertion_said.expires_at = from_unix_ms(1767225720000);
  return assertion_said;
}

crypto::Signer& key() {
  return test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
}

Bytes whole() {
  return sign_assertion(example(), key());
}

// What decode_assertion() says to one changed so, and signed.
std::string assertion_said(const std::function<void(Assertion&)>& change) {
  Assertion assertion = example();
  change(assertion);
  return fault_of([&] { decode_assertion(sign_assertion(assertion, key())); });
}

}  // namespace

TEST_CASE("an assertion comes back as it was, with its signature") {
  for (const auto algorithm : {crypto::KeyAlgorithm::ecdsa_p256, crypto::KeyAlgorithm::ecdsa_p384,
                               crypto::KeyAlgorithm::rsa_3072}) {
    crypto::Signer& signer = test::shared_signer(algorithm);
    const SignedAssertion again = decode_assertion(sign_assertion(example(), signer));
    CHECK(again.signed_octets == encode(example()));
    CHECK(encode(again.assertion) == encode(example()));
    CHECK(again.assertion.factors == Factors{Factor::pin, Factor::totp});
    CHECK(is_signed_by(again, signer.public_key()));
  }
}

TEST_CASE("an assertion's octets are those of the document") {
  CHECK(to_hex(encode(example())) ==
        "74737020617373657274696f6e20310a"
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        "0000000e617574682e6578616d706c652f31"
        "0000000e7369676e2e6578616d706c652f31"
        "00000005616c696365"
        "000000026b31"
        "2222222222222222222222222222222222222222222222222222222222222222"
        "00000001"
        "01"
        "0000000870696e2b746f7470"
        "0000019b76daa800"
        "0000019b76dc7cc0");
}

TEST_CASE("another key's signature, or none over these octets, is none") {
  const test::SoftwareSigner other(crypto::KeyAlgorithm::ecdsa_p256);
  CHECK_FALSE(is_signed_by(decode_assertion(whole()), other.public_key()));
  const auto changed = [](const std::function<void(Assertion&)>& change) {
    Assertion assertion = example();
    change(assertion);
    Bytes octets = encode(assertion);
    append_field(octets, decode_assertion(whole()).signature);
    return is_signed_by(decode_assertion(octets), key().public_key());
  };
  CHECK(changed([](auto&) {}));
  CHECK_FALSE(changed([](auto& a) { a.id[0] ^= 1; }));
  CHECK_FALSE(changed([](auto& a) { a.issuer = "auth.example/2"; }));
  CHECK_FALSE(changed([](auto& a) { a.audience = "sign.example/2"; }));
  CHECK_FALSE(changed([](auto& a) { a.signer = "bob"; }));
  CHECK_FALSE(changed([](auto& a) { a.credential = "k2"; }));
  CHECK_FALSE(changed([](auto& a) { a.manifest_sha256[31] ^= 1; }));
  CHECK_FALSE(changed([](auto& a) { a.count = 2; }));
  CHECK_FALSE(changed([](auto& a) { a.factors = {Factor::pin, Factor::ocra}; }));
  CHECK_FALSE(changed([](auto& a) { a.issued_at -= 1ms; }));
  CHECK_FALSE(changed([](auto& a) { a.expires_at += 1ms; }));
  // Nothing moves from one part into the next.
  CHECK_FALSE(changed([](auto& a) { a.signer = "alic", a.credential = "ek1"; }));
}

TEST_CASE("every prefix, and one octet more, is refused") {
  const Bytes octets = whole();
  for (std::size_t size = 0; size < octets.size(); ++size)
    CHECK(fault_of([&] { decode_assertion(ByteView(octets).first(size)); }) == "bad-input");
  Bytes longer = octets;
  longer.push_back(0);
  CHECK(fault_of([&] { decode_assertion(longer); }) == "bad-input");
}

TEST_CASE("an octet that was changed is refused, or breaks the signature") {
  const Bytes octets = whole();
  for (std::size_t at = 0; at < octets.size(); ++at)
    for (const std::uint8_t mask : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
      Bytes changed = octets;
      changed[at] ^= mask;
      std::string verdict = "not signed by it";
      try {
        if (is_signed_by(decode_assertion(changed), key().public_key())) verdict = "signed";
      } catch (const Error& error) {
        verdict = fault_row(error.fault).name;
      }
      CHECK((verdict == "not signed by it" || verdict == "bad-input"));
    }
}

TEST_CASE("parts that no assertion has are refused") {
  CHECK(assertion_said([](auto&) {}) == "none");
  CHECK(assertion_said([](auto& a) { a.issuer.clear(); }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.audience = std::string(129, 'a'); }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.signer = "a\nb"; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.signer = "\xff"; }) == "bad-input");
  CHECK(assertion_said([](auto& a) {
          a.signer =
              "\xe2\x80\xae"
              "ecila";
        }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.credential = std::string(65, 'k'); }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.count = 0; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.count = 10001; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.factors = {}; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.factors = {Factor::pin}; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.expires_at = a.issued_at; }) == "bad-input");
  CHECK(assertion_said([](auto& a) { a.expires_at = a.issued_at + kLongestAssertion; }) == "none");
  CHECK(assertion_said([](auto& a) { a.expires_at = a.issued_at + kLongestAssertion + 1ms; }) ==
        "bad-input");
  CHECK(assertion_said([](auto& a) { a.issued_at = from_unix_ms(253402300800000); }) ==
        "bad-input");
}

TEST_CASE("factors in another order, twice, unknown, or of another level are refused") {
  const auto with = [](std::string_view factors, std::uint8_t scal) {
    Bytes octets = encode(example());
    octets.resize(octets.size() - 8 - 8 - (4 + 8) - 1);
    octets.push_back(scal);
    append_field(octets, as_bytes(factors));
    append_u64(octets, 1767225600000);
    append_u64(octets, 1767225720000);
    append_field(octets, Bytes(70, 1));
    return fault_of([&] { decode_assertion(octets); });
  };
  CHECK(with("pin+totp", 1) == "none");
  CHECK(with("pin+totp", 2) == "bad-input");
  CHECK(with("pin+totp", 0) == "bad-input");
  for (const char* bad : {"totp+pin", "pin+pin", "pin+pin+totp", "pin+", "+pin", "pin++totp",
                          "pin+smoke", "PIN+totp", "pin,totp", "pin+totp+"})
    CHECK(with(bad, 1) == "bad-input");
}

TEST_CASE("verified factors fulfil a policy where they are one alternative's, at least") {
  const auto fulfilled = [](const Factors& verified, const char* policy) {
    return fulfils(verified, Requirement::parse(policy, 1));
  };
  CHECK(fulfilled({Factor::pin, Factor::totp}, "pin+totp"));
  CHECK(fulfilled({Factor::pin, Factor::device}, "pin+totp|pin+device"));
  CHECK(fulfilled({Factor::pin, Factor::totp, Factor::device}, "pin+device"));
  CHECK_FALSE(fulfilled({Factor::pin, Factor::hotp}, "pin+totp"));
  CHECK_FALSE(fulfilled({Factor::pin, Factor::totp}, "pin+ocra|pin+device"));
}
