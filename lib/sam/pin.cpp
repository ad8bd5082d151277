#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sam/argon2_header.h"
#include "sam/factors.h"
#include "sam/weak_for_tests.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kLeast = 6, kMost = 64;  // characters of a PIN
constexpr std::size_t kMac = 32;               // octets
constexpr std::string_view kVerifierContext = "tsp pin verifier 1";

// The characters of a PIN, wiped at the end.
struct Characters {
  explicit Characters(std::string_view text) : points(code_points(text)) {}
  ~Characters() {
    wipe({reinterpret_cast<std::uint8_t*>(points.data()), points.size() * sizeof(char32_t)});
  }
  std::u32string points;
};

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

// A step of a run; after 9 comes 0, as on a keyboard.
bool follows(char32_t a, char32_t b) {
  return b == a + 1 || (a == U'9' && b == U'0');
}

bool is_run(const std::u32string& points, bool up) {
  for (std::size_t i = 1; i < points.size(); ++i)
    if (!(up ? follows(points[i - 1], points[i]) : follows(points[i], points[i - 1]))) return false;
  return true;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_listed(std::string_view pin, std::string_view list) {
  while (!list.empty()) {
    std::string_view line = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(list.size(), line.size() + 1));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (std::equal(line.begin(), line.end(), pin.begin(), pin.end(),
                   [](char a, char b) { return lower(a) == lower(b); }))
      return true;
  }
  return false;
}

Bytes peppered(hsm::Session& hsm, std::string_view user, const Secret& pin,
               const crypto::Argon2& cost, ByteView head) {
  const Secret hashed = crypto::argon2id(pin.view(), head.last(kSaltSize), cost);
  Bytes message;
  message.reserve(kVerifierContext.size() + user.size() + head.size() + hashed.size() + 12);
  append_field(message, as_bytes(kVerifierContext));
  append_field(message, as_bytes(user));
  append_field(message, head);
  append(message, hashed.view());
  const Secret guarded(std::move(message));
  return hsm.mac(kPepperKey, guarded.view());
}

}  // namespace

std::optional<std::string> objection_to_pin(const Secret& pin, std::string_view common) {
  if (!is_utf8(pin.text())) return "is not UTF-8";
  const Characters characters(pin.text());
  const std::u32string& points = characters.points;
  if (std::any_of(points.begin(), points.end(), is_control)) return "has a control character";
  if (points.size() < kLeast) return "has fewer than 6 characters";
  if (points.size() > kMost) return "has more than 64 characters";
  if (points.find_first_not_of(points[0]) == std::u32string::npos)
    return "is one character repeated";
  if (is_run(points, true) || is_run(points, false)) return "is a straight run";
  if (is_listed(pin.text(), common)) return "is among the most common ones";
  return std::nullopt;
}

Bytes make_pin_verifier_for_tests(hsm::Session& hsm, std::string_view user, const Secret& pin,
                                  const crypto::Argon2& cost) {
  Bytes out = make_cost_header(cost, random_bytes(kSaltSize));
  const Bytes mac = peppered(hsm, user, pin, cost, out);
  append(out, mac);
  return out;
}

Bytes make_pin_verifier(hsm::Session& hsm, std::string_view user, const Secret& pin,
                        const crypto::Argon2& cost) {
  refuse_weak_cost(cost);
  return make_pin_verifier_for_tests(hsm, user, pin, cost);
}

Bytes decoy_verifier(const crypto::Argon2& cost) {
  Bytes out = make_cost_header(cost, random_bytes(kSaltSize));
  append(out, random_bytes(kMac));
  return out;
}

bool check_pin(hsm::Session& hsm, std::string_view user, const Secret& pin, ByteView verifier) {
  const auto known = read_cost_header(verifier);
  if (!known || known->rest.size() != kMac)
    throw Error(Fault::tampered, "a PIN cannot be checked", "its verifier in the store is damaged",
                "restore the store from a backup");
  return equal_in_constant_time(
      peppered(hsm, user, pin, known->cost, verifier.first(kCostHeaderSize)), known->rest);
}

}  // namespace tsp::sam
