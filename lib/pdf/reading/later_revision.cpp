#include "pdf/reading/later_revision.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "pdf/reading/value.h"

namespace tsp::pdf {
namespace {

constexpr std::uint64_t kRow = 20;                    // octets, 7.5.4
constexpr std::uint64_t kSizeLimit = 8'388'608;       // annex C, as the next
constexpr std::uint64_t kGenerationLimit = 65535;     // annex C
constexpr std::uint64_t kClosing = 64, kTail = 1024;  // where readers look for the startxref
// Of the columns of a cross-reference stream: what fits the numbers that readers put them into.
constexpr std::array<std::uint64_t, 3> kWidths{4, 8, 4};

bool is_decimal(int octet) {
  return octet >= '0' && octet <= '9';
}

class LaterRevision {
 public:
  LaterRevision(Window& window, const Frame& frame, const History& history, std::size_t revision)
      : window_(window),
        lexer_(window),
        frame_(frame),
        listed_(history.revisions[revision]),
        sections_(history.sections[revision]),
        begin_(revision == 0 ? 0 : frame.revisions[revision - 1].end),
        end_(frame.revisions[revision].end) {
    std::uint64_t ignored = 0;
    if (const auto trailer = read_value(lexer_, window_, history.trailers[revision], ignored))
      size_ = trailer->get("Size").whole().value_or(0);
  }

  std::string oddity() {
    if (size_ > kSizeLimit) return "its /Size is beyond what all readers take";
    for (const std::size_t index : sections_)
      if (!has_exact(frame_.sections[index]))
        return "its cross-reference data is not as all readers want it";
    if (!is_listed_exactly()) return "an object of it is listed in a way that not all readers take";
    if (holds_more()) return "it has an object that it does not list";
    if (!ends_at_once()) return "its end is not where all readers look for it";
    return {};
  }

  Pieces pieces() {
    Pieces out;
    for (const std::size_t index : sections_) {
      const Section& section = frame_.sections[index];
      const std::uint64_t place = frame_.header_offset + section.offset;
      if (section.kind == SectionKind::stream)
        out.emplace_back(place, end_of_stream(place));
      else
        out.emplace_back(place, section.end);
      if (section.hidden) {
        const std::uint64_t hidden = frame_.header_offset + *section.hidden;
        out.emplace_back(hidden, end_of_stream(hidden));
      }
    }
    if (const auto word = closing_word()) out.emplace_back(*word, end_);
    return out;
  }

 private:
  // Of a cross-reference stream: behind "endobj", or where that should stand.
  std::uint64_t end_of_stream(std::uint64_t at) {
    const auto body = exact_header(at);
    const auto dictionary = body ? read_value(lexer_, window_, *body, at) : std::nullopt;
    const auto data = lexer_.stream_begin(lexer_.skip_space(at));
    if (!dictionary || !data) return at;
    at = lexer_.skip_space(*data + dictionary->get("Length").whole().value_or(0));
    at = lexer_.skip_space(at + std::string_view("endstream").size());
    return window_.matches(at, "endobj") ? at + 6 : at;
  }

  std::optional<std::uint64_t> closing_word() {
    return window_.find_last("startxref", end_ - std::min(end_, kClosing), end_);
  }

  bool has_exact(const Section& section) {
    const std::uint64_t place = frame_.header_offset + section.offset;
    if (place < begin_ || place >= end_) return false;
    if (section.hidden && !is_exact_stream(frame_.header_offset + *section.hidden)) return false;
    return section.kind == SectionKind::stream ? is_exact_stream(place) : is_exact_table(place);
  }

  bool end_line(std::uint64_t& at) {
    while (window_.at(at) == ' ') ++at;
    const std::uint64_t begin = at;
    if (window_.at(at) == '\r') ++at;
    if (window_.at(at) == '\n') ++at;
    return at > begin;
  }

  // Some readers count octets, others read rows.
  bool is_exact_table(std::uint64_t at) {
    if (!window_.matches(at, "xref") || !end_line(at += 4)) return false;
    while (true) {
      while (is_white(window_.at(at))) ++at;
      if (window_.matches(at, "trailer")) {
        words_.insert(at);
        return true;
      }
      if (!is_decimal(window_.at(at))) return false;
      const auto first = lexer_.integer(at, at);
      if (!first || window_.at(at) != ' ' || !is_decimal(window_.at(at + 1))) return false;
      const auto many = lexer_.integer(at, at);
      if (!many || !end_line(at)) return false;
      if (*many > 0 && (*first >= size_ || *many > size_ - *first)) return false;
      for (std::uint64_t i = 0; i < *many; ++i, at += kRow)
        if (!is_exact_row(window_.text(at, kRow))) return false;
    }
  }

  static bool is_exact_row(std::string_view row) {
    if (row.size() != kRow) return false;
    for (std::size_t i = 0; i < 16; ++i)
      if (i != 10 && !is_decimal(row[i])) return false;
    const std::string_view end = row.substr(18);
    return row[10] == ' ' && row[16] == ' ' && (row[17] == 'n' || row[17] == 'f') &&
           row.substr(11, 5) <= "65535" && (end == " \n" || end == " \r" || end == "\r\n");
  }

  bool is_exact_stream(std::uint64_t at) {
    std::uint64_t end = 0;
    const auto body = exact_header(at);
    const auto dictionary = body ? read_value(lexer_, window_, *body, end) : std::nullopt;
    if (at < begin_ || !dictionary || end > end_) return false;
    const Value &widths = dictionary->get("W"), &index = dictionary->get("Index");
    const auto size = dictionary->get("Size").whole();
    if (!size || widths.items.size() != kWidths.size()) return false;
    for (std::size_t i = 0; i < kWidths.size(); ++i)
      if (widths.items[i].whole().value_or(kWidths[i] + 1) > kWidths[i]) return false;
    std::uint64_t all = index.is_null() ? *size : 0;
    for (std::size_t i = 0; i + 1 < index.items.size(); i += 2) {
      const auto first = index.items[i].whole(), many = index.items[i + 1].whole();
      if (!first || !many || *first > *size || *many > *size - *first) return false;
      all += *many;
    }
    return all <= listed_.size();  // rows that are missing damage the file to some
  }

  // Behind "number generation obj" without a comment in it.
  std::optional<std::uint64_t> exact_header(std::uint64_t at) {
    std::uint64_t number = 0, generation = 0;
    if (!is_decimal(window_.at(at))) return std::nullopt;
    const auto body = lexer_.object_header(at, number, generation);
    if (!body || window_.find("%", at, *body)) return std::nullopt;
    words_.insert(*body - 3);
    return body;
  }

  bool is_listed_exactly() {
    for (const Listed& each : listed_) {
      const Placed& placed = each.placed;
      if (each.number >= size_) return false;
      if (placed.kind != Placed::Kind::plain || each.number == 0) continue;
      if (placed.detail > kGenerationLimit) return false;
      if (placed.where >= begin_ && !exact_header(placed.where)) return false;
    }
    return true;
  }

  // Wherever it stands, in a comment, a string or a stream: who looks for objects may find it
  // there.
  bool holds_more() {
    for (auto at = window_.find("obj", begin_, end_); at; at = window_.find("obj", *at + 3, end_))
      if (words_.count(*at) == 0 && may_begin_object(*at)) return true;
    for (auto at = window_.find("trailer", begin_, end_); at;
         at = window_.find("trailer", *at + 7, end_))
      if (words_.count(*at) == 0 && window_.matches(lexer_.skip_space(*at + 7), "<<")) return true;
    return false;
  }

  // Two numbers before the word; before a line's end there may be a comment.
  bool may_begin_object(std::uint64_t word) {
    std::uint64_t at = word;
    const auto before = [&] { return at > begin_ ? window_.at(at - 1) : -1; };
    const auto skips_line = [&] {
      bool line = false;
      for (; is_white(before()); --at) line |= before() == '\r' || before() == '\n';
      return line;
    };
    const int behind = window_.at(word + 3);
    if (skips_line() && (behind < 0 || is_white(behind) || is_delimiter(behind))) return true;
    if (!is_decimal(before())) return false;
    while (is_decimal(before()) || before() == '+' || before() == '-') --at;
    if (!is_white(before())) return false;
    return skips_line() || is_decimal(before());
  }

  bool ends_at_once() {
    const auto word = closing_word();
    return word && window_.find("%%EOF", *word, end_) &&
           (end_ != frame_.revisions.back().end || frame_.size - *word <= kTail);
  }

  Window& window_;
  Lexer lexer_;
  const Frame& frame_;
  const std::vector<Listed>& listed_;
  const std::vector<std::size_t>& sections_;
  std::uint64_t begin_, end_, size_ = 0;
  std::unordered_set<std::uint64_t> words_;  // "obj" and "trailer" where they should stand
};

}  // namespace

std::string oddity_of(Window& window, const Frame& frame, const History& history,
                      std::size_t revision) {
  return LaterRevision(window, frame, history, revision).oddity();
}

Pieces pieces_beside_objects(Window& window, const Frame& frame, const History& history,
                             std::size_t revision) {
  return LaterRevision(window, frame, history, revision).pieces();
}

}  // namespace tsp::pdf
