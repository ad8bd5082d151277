#include "sam/assertion.h"

#include <algorithm>

#include "sam/octets.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kAssertionMagic = "tsp assertion 1\n";
constexpr std::size_t kLongestService = 128, kLongestFactors = 64, kLongestAssertionSignature = 512;
constexpr std::uint32_t kMostDocuments = 10000;
constexpr std::uint8_t kScal1 = 1;

// Names as text_of() writes them, and in no other order.
Factors factors_in(FormatReader& reader) {
  const std::string text = reader.text(1, kLongestFactors);
  Factors factors;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const auto factor = parse_factor(text.substr(begin, end - begin));
    reader.require(factor.has_value(), "a factor of it is unknown");
    factors.insert(*factor);
    begin = end + 1;
  }
  reader.require(factors.size() >= 2 && text_of(factors) == text,
                 "its factors are not written as they should be");
  return factors;
}

}  // namespace

Bytes encode(const Assertion& assertion) {
  Bytes out = to_bytes(as_bytes(kAssertionMagic));
  append(out, assertion.id);
  append_field(out, as_bytes(assertion.issuer));
  append_field(out, as_bytes(assertion.audience));
  append_field(out, as_bytes(assertion.signer));
  append_field(out, as_bytes(assertion.credential));
  append(out, assertion.manifest_sha256);
  append_u32(out, assertion.count);
  out.push_back(kScal1);
  append_field(out, as_bytes(text_of(assertion.factors)));
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(assertion.issued_at)));
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(assertion.expires_at)));
  return out;
}

Bytes sign_assertion(const Assertion& assertion, crypto::Signer& key) {
  Bytes out = encode(assertion);
  append_field(out, crypto::sign_octets(key, out));
  return out;
}

SignedAssertion decode_assertion(ByteView octets) {
  FormatReader reader(octets, kAssertionMagic, "the assertion");
  SignedAssertion out;
  Assertion& said = out.assertion;
  said.id = reader.take(kIdSize);
  said.issuer = reader.text(1, kLongestService);
  said.audience = reader.text(1, kLongestService);
  said.signer = reader.text(1, kLongestId);
  said.credential = reader.text(1, kLongestId);
  said.manifest_sha256 = reader.take(kHashSize);
  said.count = reader.u32();
  reader.require(said.count >= 1 && said.count <= kMostDocuments,
                 "the number of documents is none");
  reader.require(reader.u8() == kScal1, "it is of a level that nobody asserts");
  said.factors = factors_in(reader);
  said.issued_at = reader.moment();
  said.expires_at = reader.moment();
  reader.require(said.issued_at < said.expires_at, "it ends before it begins");
  reader.require(said.expires_at - said.issued_at <= kLongestAssertion, "it is good for too long");
  out.signature = to_bytes(reader.field(kLongestAssertionSignature));
  reader.require(!out.signature.empty(), "it is not signed");
  reader.end();
  out.signed_octets = to_bytes(octets.first(octets.size() - out.signature.size() - 4));
  return out;
}

bool is_signed_by(const SignedAssertion& assertion, const crypto::PublicKey& key) {
  return crypto::verify_octets(key, assertion.signed_octets, assertion.signature);
}

bool fulfils(const Factors& verified, const Requirement& requirement) {
  const auto& alternatives = requirement.alternatives();
  return std::any_of(alternatives.begin(), alternatives.end(), [&](const Factors& wanted) {
    return std::includes(verified.begin(), verified.end(), wanted.begin(), wanted.end());
  });
}

}  // namespace tsp::sam
