#include "sam/ocra_suite.h"

namespace tsp::sam {
namespace {

using crypto::HashAlgorithm;

constexpr std::string_view kSuiteVersion = "OCRA-1:HOTP-";
constexpr unsigned kLeastDigits = 4, kMostDigits = 10;
constexpr unsigned kLeastQuestion = 4, kMostQuestion = 64;

// Takes `prefix` off the text, if it stands there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<HashAlgorithm> take_hash(std::string_view& text) {
  if (take_prefix(text, "SHA256")) return HashAlgorithm::sha256;
  if (take_prefix(text, "SHA512")) return HashAlgorithm::sha512;
  if (take_prefix(text, "SHA1")) return HashAlgorithm::sha1;
  return std::nullopt;
}

// A number of `least` to `most` digits, as many as there are.
std::optional<unsigned> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  unsigned value = 0;
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
    if (++count > most) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[count - 1] - '0');
  }
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

// One or two digits, without a zero before others.
std::optional<unsigned> take_plain_number(std::string_view& text) {
  const std::string_view before = text;
  const auto value = take_number(text, 1, 2);
  if (before.starts_with('0') && before.size() - text.size() > 1) return std::nullopt;
  return value;
}

bool take_digits(std::string_view& text, OcraSuite& suite) {
  const auto digits = take_plain_number(text);
  if (!digits) return false;
  suite.digits = static_cast<int>(*digits);
  return *digits == 0 || (*digits >= kLeastDigits && *digits <= kMostDigits);
}

bool take_question(std::string_view& text, OcraSuite& suite) {
  if (take_prefix(text, "QA"))
    suite.format = QuestionFormat::alphanumeric;
  else if (take_prefix(text, "QN"))
    suite.format = QuestionFormat::numeric;
  else if (take_prefix(text, "QH"))
    suite.format = QuestionFormat::hex;
  else
    return false;
  const auto longest = take_number(text, 2, 2);
  if (!longest || *longest < kLeastQuestion || *longest > kMostQuestion) return false;
  suite.longest_question = *longest;
  return true;
}

bool take_time(std::string_view& text) {
  const auto step = take_plain_number(text);
  if (!step) return false;
  if (take_prefix(text, "S") || take_prefix(text, "M")) return *step >= 1 && *step <= 59;
  return take_prefix(text, "H") && *step <= 48;
}

bool take_inputs(std::string_view& text, OcraSuite& suite) {
  suite.counter = take_prefix(text, "C-");
  if (!take_question(text, suite)) return false;
  if (take_prefix(text, "-P") && !(suite.pin = take_hash(text))) return false;
  if (take_prefix(text, "-S") && !(suite.session = take_number(text, 3, 3))) return false;
  suite.time = take_prefix(text, "-T");
  return !suite.time || take_time(text);
}

}  // namespace

std::optional<OcraSuite> parse_ocra_suite(std::string_view text) {
  OcraSuite suite;
  if (!take_prefix(text, kSuiteVersion)) return std::nullopt;
  const auto hash = take_hash(text);
  if (!hash || !take_prefix(text, "-") || !take_digits(text, suite) || !take_prefix(text, ":") ||
      !take_inputs(text, suite) || !text.empty())
    return std::nullopt;
  suite.hash = *hash;
  return suite;
}

}  // namespace tsp::sam
