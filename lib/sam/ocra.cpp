// OCRA, RFC 6287 section 5.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "crypto/symmetric.h"
#include "sam/codes.h"
#include "sam/ocra_suite.h"
#include "sam/token_uri.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kQuestion = 128;  // octets, padded with zeros behind
constexpr std::size_t kDigest = 32;     // octets

[[noreturn]] void refuse_input(std::string why) {
  throw Error(Fault::bad_input, "an OCRA code cannot be computed", std::move(why));
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A decimal number in hex, without zeros before it; "0" for nothing but zeros.
std::string hex_of_decimal(std::string_view decimal) {
  std::string digits;  // hex digit values, least first
  for (const char c : decimal) {
    int carry = digit_of(c);
    for (char& digit : digits) {
      const int value = digit * 10 + carry;
      digit = static_cast<char>(value & 15);
      carry = value >> 4;
    }
    if (carry != 0) digits.push_back(static_cast<char>(carry));
  }
  if (digits.empty()) digits.push_back(0);
  std::reverse(digits.begin(), digits.end());
  for (char& digit : digits) digit = "0123456789ABCDEF"[static_cast<std::size_t>(digit)];
  return digits;
}

// Hex digits from the left, an odd last one as the upper half of its octet, and zeros behind.
Bytes padded(std::string_view hex) {
  Bytes out(kQuestion);
  for (std::size_t at = 0; at < hex.size(); ++at) {
    const int shift = at % 2 == 0 ? 4 : 0;
    out[at / 2] = static_cast<std::uint8_t>(out[at / 2] | digit_of(hex[at]) << shift);
  }
  return out;
}

// "Up to length" characters of the format; of two parties' questions together twice as many (the
// mutual vectors of appendix C.2 are such).
Bytes question_octets(const OcraSuite& suite, std::string_view question) {
  if (question.empty() || question.size() > 2 * suite.longest_question)
    refuse_input(fmt::format("the question has 1 to {} characters", 2 * suite.longest_question));
  const auto all = [&](auto fits) { return std::all_of(question.begin(), question.end(), fits); };
  switch (suite.format) {
    case QuestionFormat::alphanumeric: {
      if (!all(is_alphanumeric)) refuse_input("the question has letters and digits alone");
      Bytes out = to_bytes(as_bytes(question));
      out.resize(kQuestion);
      return out;
    }
    case QuestionFormat::numeric:
      if (!all([](char c) { return c >= '0' && c <= '9'; }))
        refuse_input("the question has digits alone");
      return padded(hex_of_decimal(question));
    case QuestionFormat::hex:
      if (!all([](char c) { return digit_of(c) >= 0; })) refuse_input("the question is in hex");
      return padded(question);
  }
  refuse_input("no such question");
}

// suite ‖ 00 ‖ C ‖ Q ‖ P ‖ S ‖ T, section 5.1.
Secret message_of(std::string_view name, const OcraSuite& suite, const OcraInput& input) {
  Bytes out;
  // Enough, so that no copy is left behind.
  out.reserve(name.size() + 1 + 8 + kQuestion + 64 + suite.session.value_or(0) + 8);
  append(out, as_bytes(name));
  out.push_back(0);
  if (suite.counter != input.counter.has_value())
    refuse_input("a counter is given and asked for, or not");
  if (suite.counter) append_u64(out, *input.counter);
  append(out, question_octets(suite, input.question));
  if (suite.pin.has_value() != input.pin_hash.has_value() ||
      (suite.pin && input.pin_hash->size() != crypto::size_of(*suite.pin)))
    refuse_input("a PIN's digest is given and asked for, of the same hash, or not");
  if (suite.pin) append(out, input.pin_hash->view());
  if (suite.session.has_value() != input.session.has_value() ||
      (suite.session && input.session->size() > *suite.session))
    refuse_input("a session is given and asked for, not longer, or not");
  if (suite.session) {
    out.resize(out.size() + *suite.session - input.session->size());
    append(out, *input.session);
  }
  if (suite.time != input.step.has_value()) refuse_input("a time is given and asked for, or not");
  if (suite.time) append_u64(out, *input.step);
  return Secret(std::move(out));
}

// RFC 4226 section 5.3, to ten digits.
std::string truncated(ByteView mac, int digits) {
  const std::size_t at = mac.back() & 15u;
  std::uint32_t value = (mac[at] & 0x7fu) << 24 | std::uint32_t{mac[at + 1]} << 16 |
                        std::uint32_t{mac[at + 2]} << 8 | mac[at + 3];
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, value /= 10)
    *digit = static_cast<char>('0' + value % 10);
  return code;
}

std::string upper_hex(ByteView octets) {
  std::string hex = to_hex(octets);
  for (char& c : hex)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return hex;
}

}  // namespace

std::string ocra(std::string_view name, ByteView key, const OcraInput& input) {
  const auto suite = parse_ocra_suite(name);
  if (!suite) refuse_input("no suite of RFC 6287");
  const Secret message = message_of(name, *suite, input);
  const Secret mac(crypto::hmac(suite->hash, key, message.view()));
  return suite->digits == 0 ? to_hex(mac.view()) : truncated(mac.view(), suite->digits);
}

std::string ocra_code(ByteView seed, ByteView digest) {
  if (digest.size() != kDigest) refuse_input("the question is one SHA-256");
  OcraInput input;
  input.question = upper_hex(digest);
  return ocra(kOcraSuite, seed, input);
}

bool is_ocra_code(ByteView seed, ByteView digest, std::string_view code) {
  std::string right = ocra_code(seed, digest);
  const bool same = equal_in_constant_time(as_bytes(right), as_bytes(code));
  wipe({reinterpret_cast<std::uint8_t*>(right.data()), right.size()});
  return same;
}

Secret ocra_uri(std::string_view issuer, std::string_view account, const Secret& seed) {
  return token_uri("ocra://", issuer, account, seed, "suite=OCRA-1%3AHOTP-SHA256-8%3AQH64");
}

}  // namespace tsp::sam
