#include "sam/requirement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace tsp::sam {
namespace {

struct Row {
  Factor factor;
  std::string_view name;
  bool code, binds;
};
constexpr std::array kRows{
    Row{Factor::pin, "pin", false, false},  Row{Factor::totp, "totp", true, false},
    Row{Factor::hotp, "hotp", true, false}, Row{Factor::ocra, "ocra", true, true},
    Row{Factor::oob, "oob", true, true},    Row{Factor::device, "device", false, true},
};

const Row& row_of(Factor factor) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const Row& row) { return row.factor == factor; });
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(at)) != std::string_view::npos;
       text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

[[noreturn]] void refuse_requirement(std::string_view text, std::string why) {
  throw Error(Fault::bad_input, "the factors " + printable(text) + " cannot be required",
              std::move(why),
              "name factors joined by +, alternatives by |, such as pin+totp or "
              "pin+device|pin+ocra");
}

Factors parse_alternative(std::string_view text, std::string_view whole, int scal) {
  Factors factors;
  for (const std::string_view name : split(text, '+')) {
    const auto factor = parse_factor(name);
    if (!factor)
      refuse_requirement(whole, fmt::format("\"{}\" is none of pin, totp, hotp, ocra, oob, device",
                                            printable(name)));
    if (!factors.insert(*factor).second)
      refuse_requirement(whole, fmt::format("{} stands twice", name));
  }
  if (factors.size() < 2) refuse_requirement(whole, "one factor alone is not enough");
  if (std::count_if(factors.begin(), factors.end(), &is_code) > 1)
    refuse_requirement(whole, "only one code can be asked for at once");
  if (scal != 2) return factors;
  if (factors.count(Factor::pin) == 0)
    refuse_requirement(whole, "a SCAL 2 key is sealed under a PIN");
  if (std::none_of(factors.begin(), factors.end(), &binds_documents))
    refuse_requirement(whole, "SCAL 2 needs a factor bound to the documents: device, ocra or oob");
  if (factors.count(Factor::totp) != 0 || factors.count(Factor::hotp) != 0)
    refuse_requirement(whole, "totp and hotp count for SCAL 1 only");
  return factors;
}

}  // namespace

std::string_view name_of(Factor factor) {
  return row_of(factor).name;
}

std::optional<Factor> parse_factor(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row.factor;
  return std::nullopt;
}

bool is_code(Factor factor) {
  return row_of(factor).code;
}

bool binds_documents(Factor factor) {
  return row_of(factor).binds;
}

std::string text_of(const Factors& factors) {
  std::string text;
  for (const Factor factor : factors) {
    if (!text.empty()) text += '+';
    text += name_of(factor);
  }
  return text;
}

Requirement Requirement::parse(std::string_view text, int scal) {
  Requirement requirement;
  for (const std::string_view alternative : split(text, '|'))
    requirement.alternatives_.push_back(parse_alternative(alternative, text, scal));
  return requirement;
}

std::optional<Requirement> Requirement::for_one_shot(std::string_view text, int scal) {
  Requirement requirement = parse(text, scal);
  if (scal == 2)
    std::erase_if(requirement.alternatives_,
                  [](const Factors& factors) { return factors.count(Factor::device) == 0; });
  if (requirement.alternatives_.empty()) return std::nullopt;
  return requirement;
}

std::string Requirement::text() const {
  std::string text;
  for (const Factors& factors : alternatives_) {
    if (!text.empty()) text += '|';
    text += text_of(factors);
  }
  return text;
}

}  // namespace tsp::sam
