#include "pdf/lexer.h"

#include <algorithm>
#include <set>

namespace tsp::pdf {
namespace {

using Kind = Token::Kind;

constexpr std::size_t kNameLimit = 4096;
constexpr std::size_t kEntryLimit = 100000;

bool is_digit(int octet) {
  return octet >= '0' && octet <= '9';
}
bool is_hex_digit(int octet) {
  return is_digit(octet) || (octet >= 'a' && octet <= 'f') || (octet >= 'A' && octet <= 'F');
}
bool is_regular(int octet) {
  return octet >= 0 && !is_white(octet) && !is_delimiter(octet);
}

}  // namespace

bool is_white(int octet) {
  return octet == 0 || octet == 9 || octet == 10 || octet == 12 || octet == 13 || octet == 32;
}
bool is_delimiter(int octet) {
  return octet > 0 &&
         std::string_view("()<>[]{}/%").find(static_cast<char>(octet)) != std::string_view::npos;
}

const RawEntry* RawDictionary::find(std::string_view key) const {
  const RawEntry* found = nullptr;
  for (const RawEntry& entry : entries) {
    if (entry.key != key) continue;
    if (found != nullptr) return nullptr;
    found = &entry;
  }
  return found;
}

bool RawDictionary::repeats() const {
  std::set<std::string_view> seen;
  return std::any_of(entries.begin(), entries.end(),
                     [&seen](const RawEntry& entry) { return !seen.insert(entry.key).second; });
}

std::uint64_t Lexer::skip_space(std::uint64_t at) {
  for (int octet = window_.at(at); octet >= 0; octet = window_.at(++at)) {
    if (octet == '%')
      while (octet >= 0 && octet != 10 && octet != 13) octet = window_.at(++at);
    else if (!is_white(octet))
      break;
    if (octet < 0) break;
  }
  return at;
}

std::optional<Token> Lexer::string(std::uint64_t at) {
  const std::uint64_t begin = at;
  for (int depth = 0;; ++at) {
    const int octet = window_.at(at);
    if (octet < 0) return std::nullopt;
    if (octet == '\\') ++at;
    if (octet == '(') ++depth;
    if (octet == ')' && --depth == 0) return Token{Kind::string, begin, at + 1};
  }
}

std::optional<Token> Lexer::hex(std::uint64_t at) {
  const std::uint64_t begin = at++;
  while (is_hex_digit(window_.at(at)) || is_white(window_.at(at))) ++at;
  if (window_.at(at) != '>') return std::nullopt;
  return Token{Kind::hex, begin, at + 1};
}

// A number or a word: regular characters up to the next white space or delimiter.
Token Lexer::run(std::uint64_t at) {
  const std::uint64_t begin = at;
  bool numeric = true;
  for (int octet = window_.at(at); is_regular(octet); octet = window_.at(++at))
    numeric &= is_digit(octet) || octet == '+' || octet == '-' || octet == '.';
  return {numeric ? Kind::number : Kind::word, begin, at};
}

std::optional<Token> Lexer::next(std::uint64_t at) {
  at = skip_space(at);
  switch (window_.at(at)) {
    case -1:
      return Token{Kind::end, at, at};
    case '(':
      return string(at);
    case '[':
      return Token{Kind::open_array, at, at + 1};
    case ']':
      return Token{Kind::close_array, at, at + 1};
    case '<':
      return window_.at(at + 1) == '<' ? Token{Kind::open, at, at + 2} : hex(at);
    case '>':
      if (window_.at(at + 1) != '>') return std::nullopt;
      return Token{Kind::close, at, at + 2};
    case '/': {
      Token token = run(at + 1);
      return Token{Kind::name, at, token.end};
    }
    case ')':
    case '{':
    case '}':
      return std::nullopt;
    default:
      return run(at);
  }
}

std::optional<std::uint64_t> Lexer::integer(std::uint64_t at, std::uint64_t& end) {
  at = skip_space(at);
  std::uint64_t value = 0;
  int digits = 0;
  for (int octet = window_.at(at); is_digit(octet); octet = window_.at(++at)) {
    if (++digits > 18) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(octet - '0');
  }
  if (digits == 0 || is_regular(window_.at(at))) return std::nullopt;
  end = at;
  return value;
}

std::optional<std::uint64_t> Lexer::reference_end(std::uint64_t at) {
  std::uint64_t end = at;
  if (!integer(at, end) || !integer(end, end)) return std::nullopt;
  end = skip_space(end);
  if (window_.at(end) != 'R' || is_regular(window_.at(end + 1))) return std::nullopt;
  return end + 1;
}

// From an opening bracket to behind its closing one.
std::optional<std::uint64_t> Lexer::skip_nested(std::uint64_t at) {
  std::vector<Kind> open;
  do {
    const auto token = next(at);
    if (!token) return std::nullopt;
    switch (token->kind) {
      case Kind::end:
        return std::nullopt;
      case Kind::open:
      case Kind::open_array:
        if (open.size() >= kNestingLimit) return std::nullopt;
        open.push_back(token->kind);
        break;
      case Kind::close:
      case Kind::close_array: {
        const Kind opener = token->kind == Kind::close ? Kind::open : Kind::open_array;
        if (open.back() != opener) return std::nullopt;
        open.pop_back();
        break;
      }
      default:
        break;
    }
    at = token->end;
  } while (!open.empty());
  return at;
}

std::optional<std::uint64_t> Lexer::skip_value(std::uint64_t at) {
  const auto token = next(at);
  if (!token) return std::nullopt;
  switch (token->kind) {
    case Kind::end:
    case Kind::close:
    case Kind::close_array:
      return std::nullopt;
    case Kind::open:
    case Kind::open_array:
      return skip_nested(token->begin);
    case Kind::number:
      return reference_end(token->begin).value_or(token->end);
    default:
      return token->end;
  }
}

std::string Lexer::name(const Token& token) {
  const std::string raw = window_.text(
      token.begin + 1, std::min<std::uint64_t>(token.end - token.begin - 1, kNameLimit));
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '#' && i + 2 < raw.size() && is_hex_digit(raw[i + 1]) &&
        is_hex_digit(raw[i + 2])) {
      out.push_back(static_cast<char>((*from_hex(raw.substr(i + 1, 2)))[0]));
      i += 2;
    } else {
      out.push_back(raw[i]);
    }
  }
  return out;
}

std::optional<RawDictionary> Lexer::dictionary(std::uint64_t at) {
  auto token = next(at);
  if (!token || token->kind != Kind::open) return std::nullopt;
  RawDictionary out;
  while (true) {
    token = next(token->end);
    if (!token || out.entries.size() > kEntryLimit) return std::nullopt;
    if (token->kind == Kind::close) {
      out.end = token->end;
      return out;
    }
    if (token->kind != Kind::name) return std::nullopt;
    const std::uint64_t begin = skip_space(token->end);
    const auto end = skip_value(begin);
    if (!end) return std::nullopt;
    out.entries.push_back({name(*token), begin, *end});
    token->end = *end;
  }
}

std::optional<std::uint64_t> Lexer::object_header(std::uint64_t at, std::uint64_t& number,
                                                  std::uint64_t& generation) {
  std::uint64_t end = at;
  const auto first = integer(at, end);
  if (!first) return std::nullopt;
  const auto second = integer(end, end);
  if (!second) return std::nullopt;
  end = skip_space(end);
  if (!window_.matches(end, "obj")) return std::nullopt;
  number = *first;
  generation = *second;
  return end + 3;
}

std::optional<std::uint64_t> Lexer::stream_begin(std::uint64_t at) {
  if (window_.matches(at, "stream\n")) return at + 7;
  if (window_.matches(at, "stream\r\n")) return at + 8;
  return std::nullopt;
}

std::string Lexer::text(const RawEntry& entry, std::size_t limit) {
  if (entry.end - entry.begin > limit) return {};
  return window_.text(entry.begin, entry.end - entry.begin);
}

}  // namespace tsp::pdf
