#include "pdf/reading/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "pdf/reading/stream_data.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kStreamLimit = std::size_t{256} << 20;  // of all decoded streams together
constexpr std::size_t kValueLimit = 65536;                    // octets of /Index, /W, /DecodeParms
constexpr std::uint64_t kObjectNumberLimit = 8'388'607;       // of an object, ISO 32000-1 annex C

class HistoryReader {
 public:
  HistoryReader(Window& window, const Frame& frame)
      : window_(window), lexer_(window), frame_(frame) {}

  History read() {
    History out;
    out.revisions.resize(frame_.revisions.size());
    out.trailers.resize(frame_.revisions.size());
    out.streams.resize(frame_.revisions.size());
    out.sections.resize(frame_.revisions.size());
    out.hidden.resize(frame_.revisions.size());
    std::unordered_map<std::uint64_t, std::size_t> starts;  // startxref to revision
    for (std::size_t i = 0; i < frame_.revisions.size(); ++i)
      starts[frame_.revisions[i].startxref] = i;
    std::size_t revision = frame_.revisions.empty() ? 0 : frame_.revisions.size() - 1;
    for (std::size_t i = 0; i < frame_.sections.size(); ++i) {
      if (frame_.revisions.empty()) break;
      const Section& section = frame_.sections[i];
      const auto start = starts.find(section.offset);
      if (start != starts.end()) {
        // A chain that goes back to a section and on in the file is nobody's.
        if (start->second > revision) return damaged(std::move(out), section);
        revision = start->second;
      }
      std::uint64_t trailer = 0;
      if (!read_section(section, out.revisions[revision], out.hidden[revision], trailer))
        return damaged(std::move(out), section);
      out.sections[revision].push_back(i);
      if (start != starts.end()) out.trailers[revision] = trailer;
      if (section.kind == SectionKind::stream)
        out.streams[revision].push_back(place(section.offset));
      if (section.hidden) out.streams[revision].push_back(place(*section.hidden));
    }
    for (auto& listed : out.revisions) first_of_each(listed);
    return out;
  }

 private:
  static History damaged(History out, const Section& section) {
    out.damage = fmt::format("the cross-reference section at {} cannot be read", section.offset);
    for (auto& listed : out.revisions) first_of_each(listed);
    return out;
  }

  // Newer sections of one revision come first, so the first entry of a number counts.
  static void first_of_each(std::vector<Listed>& listed) {
    std::stable_sort(listed.begin(), listed.end(),
                     [](const Listed& a, const Listed& b) { return a.number < b.number; });
    listed.erase(std::unique(listed.begin(), listed.end(),
                             [](const Listed& a, const Listed& b) { return a.number == b.number; }),
                 listed.end());
  }

  std::uint64_t place(std::uint64_t offset) {
    return lexer_.skip_space(frame_.header_offset + offset);
  }

  // Of an object that a section lists twice one reader takes the first place, another the last.
  static bool is_unambiguous(std::vector<Listed> listed) {
    std::stable_sort(listed.begin(), listed.end(),
                     [](const Listed& a, const Listed& b) { return a.number < b.number; });
    return std::adjacent_find(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) {
             return a.number == b.number && a.placed != b.placed;
           }) == listed.end();
  }

  bool read_section(const Section& section, std::vector<Listed>& into,
                    std::vector<std::uint64_t>& only_hidden, std::uint64_t& trailer) {
    std::vector<Listed> table, hidden;
    std::uint64_t ignored = 0;
    const bool is_read = section.kind == SectionKind::stream
                             ? read_stream(section.offset, table, trailer)
                             : read_table(section.offset, table, trailer);
    if (!is_read || !is_unambiguous(table)) return false;
    // The trailer must be the one that the chain of sections was read from.
    const auto dictionary = lexer_.dictionary(trailer);
    if (!dictionary || dictionary->end != section.end) return false;
    if (section.hidden &&
        !(read_stream(*section.hidden, hidden, ignored) && is_unambiguous(hidden)))
      return false;
    if (!hidden.empty()) {
      first_of_each(hidden);
      std::erase_if(table, [&](const Listed& each) {
        const auto other = std::ranges::lower_bound(hidden, each.number, {}, &Listed::number);
        if (other == hidden.end() || other->number != each.number ||
            other->placed.kind == Placed::Kind::free || other->placed == each.placed)
          return false;
        only_hidden.push_back(each.number);
        return each.placed.kind == Placed::Kind::free;
      });
    }
    into.insert(into.end(), table.begin(), table.end());
    into.insert(into.end(), hidden.begin(), hidden.end());
    return true;
  }

  bool count() { return ++entries_ <= kEntriesLimit; }

  bool read_table(std::uint64_t offset, std::vector<Listed>& into, std::uint64_t& trailer) {
    const std::uint64_t begin = place(offset) + 4;
    std::uint64_t at = begin;
    while (true) {
      at = lexer_.skip_space(at);
      if (window_.matches(at, "trailer")) {
        trailer = at + 7;
        // Who counts octets does not see comments.
        return !window_.find("%", begin, at);
      }
      const auto first = lexer_.integer(at, at);
      const auto many = first ? lexer_.integer(at, at) : std::nullopt;
      if (!many || *first > kObjectNumberLimit || *many > kObjectNumberLimit) return false;
      for (std::uint64_t i = 0; i < *many; ++i) {
        const auto place = lexer_.integer(at, at);
        const auto generation = place ? lexer_.integer(at, at) : std::nullopt;
        const auto kind = generation ? lexer_.next(at) : std::nullopt;
        if (!kind || kind->end != kind->begin + 1 || !count()) return false;
        at = kind->end;
        const int letter = window_.at(kind->begin);
        // Some readers take a free object 1 that comes first for object 0, and count on from there.
        if (letter == 'f' && i == 0 && *first == 1) return false;
        if (letter == 'n')
          into.push_back(
              {*first + i, {Placed::Kind::plain, frame_.header_offset + *place, *generation}});
        else if (letter == 'f')
          into.push_back({*first + i, {}});
        else
          return false;
      }
    }
  }

  std::optional<std::vector<std::uint64_t>> numbers(const RawEntry& entry) {
    if (entry.end - entry.begin > kValueLimit || window_.at(entry.begin) != '[')
      return std::nullopt;
    std::vector<std::uint64_t> out;
    for (std::uint64_t at = entry.begin + 1;;) {
      at = lexer_.skip_space(at);
      if (at + 1 >= entry.end) return out;
      const auto number = lexer_.integer(at, at);
      if (!number) return std::nullopt;
      out.push_back(*number);
    }
  }

  std::string text_of(const RawDictionary& dictionary, const char* key) {
    const RawEntry* entry = dictionary.find(key);
    return entry == nullptr ? std::string() : lexer_.text(*entry, kValueLimit);
  }

  // The data as it stands; its /Length is written in place (7.5.8.2).
  std::optional<Bytes> data_of(const RawDictionary& dictionary) {
    const RawEntry* length = dictionary.find("Length");
    std::uint64_t end = 0;
    const auto octets = length == nullptr ? std::nullopt : lexer_.integer(length->begin, end);
    const auto at = lexer_.stream_begin(lexer_.skip_space(dictionary.end));
    if (!octets || end != length->end || *octets > window_.size() || !at) return std::nullopt;
    const std::string raw = window_.text(*at, *octets);
    if (raw.size() != *octets || !window_.matches(lexer_.skip_space(*at + *octets), "endstream"))
      return std::nullopt;
    if (!decoder_) decoder_.emplace();
    auto out = decoder_->decode(raw, text_of(dictionary, "Filter"),
                                text_of(dictionary, "DecodeParms"), kStreamLimit - decoded_);
    if (out) decoded_ += out->size();
    return out;
  }

  bool read_stream(std::uint64_t offset, std::vector<Listed>& into, std::uint64_t& trailer) {
    std::uint64_t number = 0, generation = 0;
    const auto body = lexer_.object_header(place(offset), number, generation);
    const auto dictionary = body ? lexer_.dictionary(*body) : std::nullopt;
    if (!dictionary || dictionary->repeats()) return false;
    trailer = *body;
    const RawEntry *w = dictionary->find("W"), *index = dictionary->find("Index"),
                   *size = dictionary->find("Size");
    std::uint64_t end = 0;
    const auto highest = size == nullptr ? std::nullopt : lexer_.integer(size->begin, end);
    const auto widths = w == nullptr ? std::nullopt : numbers(*w);
    if (!highest || !widths || widths->size() < 3) return false;
    auto pairs = index == nullptr ? std::vector<std::uint64_t>{0, *highest} : numbers(*index);
    const auto data = data_of(*dictionary);
    return pairs && data && read_rows(*data, *widths, *pairs, into);
  }

  bool read_rows(ByteView data, const std::vector<std::uint64_t>& widths,
                 const std::vector<std::uint64_t>& pairs, std::vector<Listed>& into) {
    if (widths[0] > 8 || widths[1] > 8 || widths[2] > 8 || pairs.size() % 2 != 0) return false;
    const std::size_t width = widths[0] + widths[1] + widths[2];
    std::size_t at = 0;
    const auto take = [&](std::uint64_t octets, std::uint64_t otherwise) {
      std::uint64_t value = octets == 0 ? otherwise : 0;
      for (std::uint64_t i = 0; i < octets; ++i) value = value << 8 | data[at++];
      return value;
    };
    for (std::size_t pair = 0; pair < pairs.size(); pair += 2) {
      if (pairs[pair] > kObjectNumberLimit || pairs[pair + 1] > kObjectNumberLimit) return false;
      for (std::uint64_t i = 0; i < pairs[pair + 1]; ++i) {
        // Rows that are missing at the end are nobody's objects.
        if (width == 0 || data.size() - at < width) return width != 0;
        if (!count()) return false;
        const std::uint64_t kind = take(widths[0], 1), second = take(widths[1], 0),
                            third = take(widths[2], 0);
        Placed placed;
        if (kind == 1 && second > window_.size()) return false;
        if (kind == 1) placed = {Placed::Kind::plain, frame_.header_offset + second, third};
        if (kind == 2) placed = {Placed::Kind::packed, second, third};
        into.push_back({pairs[pair] + i, placed});
      }
    }
    return true;
  }

  Window& window_;
  Lexer lexer_;
  const Frame& frame_;
  std::optional<StreamDecoder> decoder_;
  std::size_t entries_ = 0, decoded_ = 0;
};

}  // namespace

History read_history(Window& window, const Frame& frame) {
  return HistoryReader(window, frame).read();
}

Since::Since(const Frame& frame, const History& history) : frame_(frame) {
  for (std::size_t revision = 0; revision < history.revisions.size(); ++revision)
    for (const Listed& each : history.revisions[revision]) {
      if (each.placed.kind == Placed::Kind::free) {
        places_.erase(each.number);
        continue;
      }
      const auto [place, fresh] = places_.try_emplace(each.number, Place{each.placed, revision});
      if (!fresh && place->second.placed != each.placed) place->second = {each.placed, revision};
    }
}

const Since::Place* Since::find(std::uint64_t number) const {
  const auto found = places_.find(number);
  return found == places_.end() ? nullptr : &found->second;
}

std::size_t Since::holds(std::uint64_t end) const {
  const auto found =
      std::ranges::find_if(frame_.revisions, [&](const Revision& each) { return end <= each.end; });
  const auto index = static_cast<std::size_t>(found - frame_.revisions.begin());
  return std::min(index, frame_.revisions.empty() ? 0 : frame_.revisions.size() - 1);
}

}  // namespace tsp::pdf
