#include <algorithm>
#include <array>
#include <vector>

#include "audit/record.h"

namespace tsp::audit {
namespace {

constexpr std::array<std::string_view, 12> kWords{"pin",    "puk",      "otp",    "totp",
                                                  "secret", "seed",     "sad",    "share",
                                                  "pepper", "password", "passwd", "passphrase"};

bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

// "totpSeed", "TOTP_seed", "pin2", "new-pin" → their words in lower case, without numbers.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = 0;
  for (const char c : name) {
    const bool starts = upper(c) && lower_or_digit(before);
    if (starts || (!upper(c) && !lower_or_digit(c))) words.emplace_back();
    if (upper(c)) words.back() += static_cast<char>(c - 'A' + 'a');
    if (lower_or_digit(c) && !digit(c)) words.back() += c;
    before = c;
  }
  std::erase(words, "");
  return words;
}

bool is_secret_name(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  std::string joined;
  for (const std::string& word : words) {
    joined += word;
    std::string singular = word;
    if (singular.size() > 3 && singular.ends_with('s')) singular.pop_back();
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
        std::find(kWords.begin(), kWords.end(), singular) != kWords.end())
      return true;
  }
  return joined.find("privatekey") != std::string::npos ||
         joined.find("onetimecode") != std::string::npos;
}

}  // namespace

std::optional<std::string> find_secret_name(const Json& details) {
  if (!details.is_structured()) return std::nullopt;
  for (const auto& member : details.items()) {
    if (details.is_object() && is_secret_name(member.key())) return member.key();
    if (auto found = find_secret_name(member.value())) return found;
  }
  return std::nullopt;
}

}  // namespace tsp::audit
