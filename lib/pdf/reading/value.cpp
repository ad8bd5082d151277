#include "pdf/reading/value.h"

#include <algorithm>
#include <charconv>

#include "pdf/numbers.h"
#include "pdf/reading/open.h"

namespace tsp::pdf {
namespace {

constexpr int kValueDepthLimit = 100;
constexpr std::size_t kIntegerDigits = 15;

// 7.3.4.2: what stands between the outer parentheses.
std::string literal(std::string_view raw) {
  std::string out;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '\r') {
      if (i + 1 < raw.size() && raw[i + 1] == '\n') ++i;
      c = '\n';
    } else if (c == '\\' && i + 1 < raw.size()) {
      c = raw[++i];
      if (c == '\n') continue;
      if (c == '\r') {
        if (i + 1 < raw.size() && raw[i + 1] == '\n') ++i;
        continue;
      }
      if (is_octal(c)) {
        int value = 0;
        for (int digits = 0; digits < 3 && i < raw.size() && is_octal(raw[i]); ++digits, ++i)
          value = value * 8 + (raw[i] - '0');
        --i;
        c = static_cast<char>(value);
      } else {
        constexpr std::string_view kLetters = "nrtbf", kMeanings = "\n\r\t\b\f";
        if (const auto at = kLetters.find(c); at != std::string_view::npos) c = kMeanings[at];
      }
    }
    out.push_back(c);
  }
  return out;
}

// A sign, digits, and a point among them (7.3.3). Of "+-80" and "8-0" readers make what they like.
bool is_number(std::string_view written) {
  if (written.substr(0, 1) == "-" || written.substr(0, 1) == "+") written.remove_prefix(1);
  return written.find_first_of("+-") == std::string_view::npos &&
         std::count(written.begin(), written.end(), '.') <= 1 &&
         written.find_first_not_of('.') != std::string_view::npos;
}

// ".50", "+0.5" and "0.5" are one number.
std::string plain_number(std::string_view written) {
  const bool negative = written.substr(0, 1) == "-";
  if (negative || written.substr(0, 1) == "+") written.remove_prefix(1);
  const std::size_t point = written.find('.');
  std::string_view whole = written.substr(0, point),
                   part = point == std::string_view::npos ? "" : written.substr(point + 1);
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  while (!part.empty() && part.back() == '0') part.remove_suffix(1);
  std::string out(whole.empty() ? "0" : whole);
  if (!part.empty()) out += "." + std::string(part);
  return negative && out != "0" ? "-" + out : out;
}

class Reader {
 public:
  Reader(Lexer& lexer, Window& window) : lexer_(lexer), window_(window) {}

  bool read(std::uint64_t at, Value& into, std::uint64_t& end, int depth) {
    const auto token = lexer_.next(at);
    if (!token || depth <= 0) return false;
    end = token->end;
    switch (token->kind) {
      case Token::Kind::number:
        return number(*token, into, end);
      case Token::Kind::word:
        into.text = text(*token);
        into.kind = into.text == "null" ? Value::Kind::null : Value::Kind::word;
        return into.text == "true" || into.text == "false" || into.text == "null";
      case Token::Kind::name:
        into.kind = Value::Kind::name;
        into.text = lexer_.name(*token);
        return true;
      case Token::Kind::string: {
        const std::string raw = text(*token);
        into.kind = Value::Kind::string;
        into.text = literal(std::string_view(raw).substr(1, raw.size() - 2));
        return true;
      }
      case Token::Kind::hex: {
        const auto octets = decode_hex_token(text(*token));
        into.kind = Value::Kind::string;
        if (octets) into.text = as_text(*octets);
        return octets.has_value();
      }
      case Token::Kind::open_array:
        return array(into, end, depth);
      case Token::Kind::open:
        return dictionary(into, end, depth);
      default:
        return false;
    }
  }

 private:
  std::string text(const Token& token) {
    return window_.text(token.begin, token.end - token.begin);
  }

  bool number(const Token& token, Value& into, std::uint64_t& end) {
    if (const auto behind = lexer_.reference_end(token.begin)) {
      std::uint64_t at = token.begin;
      into.kind = Value::Kind::reference;
      into.number = lexer_.integer(at, at).value_or(0);
      into.generation = lexer_.integer(at, at).value_or(0);
      end = *behind;
      return true;
    }
    const std::string written = text(token);
    into.kind = Value::Kind::number;
    into.real = written.find('.') != std::string::npos;
    into.text = plain_number(written);
    return is_number(written);
  }

  bool array(Value& into, std::uint64_t& end, int depth) {
    into.kind = Value::Kind::array;
    while (true) {
      const auto token = lexer_.next(end);
      if (!token) return false;
      if (token->kind == Token::Kind::close_array) {
        end = token->end;
        return true;
      }
      Value& item = into.items.emplace_back();
      if (!read(token->begin, item, end, depth - 1)) return false;
      into.repeats |= item.repeats;
    }
  }

  bool dictionary(Value& into, std::uint64_t& end, int depth) {
    into.kind = Value::Kind::dictionary;
    std::vector<std::pair<std::string, Value>> entries;
    while (true) {
      const auto token = lexer_.next(end);
      if (!token) return false;
      if (token->kind == Token::Kind::close) {
        end = token->end;
        break;
      }
      if (token->kind != Token::Kind::name) return false;
      auto& [key, value] = entries.emplace_back(lexer_.name(*token), Value());
      if (!read(token->end, value, end, depth - 1)) return false;
      into.repeats |= value.repeats;
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0 && entries[i].first == entries[i - 1].first) {
        into.repeats = true;
        Value& other = into.others.emplace_back();
        other.kind = Value::Kind::dictionary;
        other.keys.push_back(entries[i].first);
        other.items.push_back(std::move(entries[i].second));
        continue;
      }
      if (entries[i].second.is_null()) continue;
      into.items.push_back(std::move(entries[i].second));
      into.keys.push_back(entries[i].first);
    }
    return true;
  }

  Lexer& lexer_;
  Window& window_;
};

}  // namespace

const Value& Value::get(std::string_view key) const {
  static const Value absent;
  const auto found = std::lower_bound(keys.begin(), keys.end(), key);
  if (found == keys.end() || *found != key) return absent;
  return items[static_cast<std::size_t>(found - keys.begin())];
}

std::optional<std::uint64_t> Value::integer() const {
  std::uint64_t value = 0;
  if (kind != Kind::number || text.empty() || text.size() > kIntegerDigits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Value Value::reference_to(std::uint64_t number, std::uint64_t generation) {
  Value out;
  out.kind = Kind::reference;
  out.number = number;
  out.generation = generation;
  return out;
}

std::string text_of(const Value& value) {
  if (!value.is(Value::Kind::string)) return {};
  return text_of(QPDFObjectHandle::newString(value.text));
}

std::optional<std::uint64_t> Value::whole() const {
  return real ? std::nullopt : integer();
}

std::optional<Value> read_value(Lexer& lexer, Window& window, std::uint64_t at,
                                std::uint64_t& end) {
  Value out;
  if (!Reader(lexer, window).read(at, out, end, kValueDepthLimit)) return std::nullopt;
  return out;
}

void for_each_reference(const Value& value, const std::function<void(const Value&)>& visit) {
  if (value.is_reference()) return visit(value);
  for (const Value& item : value.items) for_each_reference(item, visit);
  for (const Value& other : value.others) for_each_reference(other, visit);
}

}  // namespace tsp::pdf
