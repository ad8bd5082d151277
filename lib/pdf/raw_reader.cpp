#include "pdf/raw_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "pdf/numbers.h"

namespace tsp::pdf {
namespace {

constexpr std::uint64_t kHeaderWindow = 1024, kTailWindow = 1054;
constexpr std::uint64_t kStreamSearch = std::uint64_t{16} << 20;  // a stream of unknown length
constexpr std::size_t kTrailerValueLimit = 65536;
constexpr std::size_t kContentsReadLimit = std::size_t{8} << 20;  // hex digits

struct SectionRead {
  Section section;
  RawDictionary trailer;
};

std::optional<std::uint64_t> number_of(Lexer& lexer, const RawEntry* entry) {
  std::uint64_t end = 0;
  if (entry == nullptr) return std::nullopt;
  const auto value = lexer.integer(entry->begin, end);
  return value && end == entry->end ? value : std::nullopt;
}

class FrameReader {
 public:
  FrameReader(Window& window, const std::string& name)
      : window_(window), lexer_(window), name_(name) {}

  Frame read() {
    frame_.size = window_.size();
    read_header();
    if (!find_startxref()) return std::move(frame_);
    follow_chain();
    if (frame_.damage.empty()) find_revisions();
    return std::move(frame_);
  }

 private:
  void read_header() {
    const auto found = window_.find("%PDF-", 0, kHeaderWindow + 5);
    if (!found) {
      throw Error(Fault::bad_input, "cannot read " + name_,
                  frame_.size == 0 ? "it is empty" : "it is not a PDF",
                  "give a PDF file; only PDF can be signed and validated");
    }
    frame_.header_offset = *found;
    for (std::uint64_t at = *found + 5; frame_.header_version.size() < 8; ++at) {
      const int octet = window_.at(at);
      if (octet != '.' && (octet < '0' || octet > '9')) break;
      frame_.header_version.push_back(static_cast<char>(octet));
    }
  }

  bool damaged(std::string why) {
    frame_.damage = std::move(why);
    return false;
  }

  bool find_startxref() {
    const std::uint64_t from = frame_.size > kTailWindow ? frame_.size - kTailWindow : 0;
    const auto word = window_.find_last("startxref", from, frame_.size);
    if (!word) return damaged("it has no startxref near its end");
    std::uint64_t end = 0;
    const auto value = lexer_.integer(*word + 9, end);
    if (!value) return damaged("its startxref is not a number");
    if (*value == 0 || *value >= frame_.size - frame_.header_offset)
      return damaged("its startxref leads out of the file");
    frame_.startxref = *value;
    return true;
  }

  // Behind the entries of a table, at the word "trailer". Entries have 20 octets; those of sloppy
  // writers are read one by one.
  std::optional<std::uint64_t> skip_table(std::uint64_t at) {
    while (true) {
      at = lexer_.skip_space(at);
      if (window_.matches(at, "trailer")) return at + 7;
      std::uint64_t end = at;
      if (!lexer_.integer(at, end)) return std::nullopt;
      const auto count = lexer_.integer(end, end);
      if (!count || *count > window_.size() / 10) return std::nullopt;
      at = lexer_.skip_space(end);
      const std::uint64_t straight = at + *count * 20;
      const int last = *count == 0 ? 'n' : window_.at(straight - 3);
      if (last == 'n' || last == 'f') {
        at = straight;
        continue;
      }
      for (std::uint64_t i = 0; i < *count; ++i) {
        if (!lexer_.integer(at, end) || !lexer_.integer(end, end)) return std::nullopt;
        const auto kind = lexer_.next(end);
        if (!kind || kind->end != kind->begin + 1) return std::nullopt;
        at = kind->end;
      }
    }
  }

  std::optional<SectionRead> read_section(std::uint64_t offset) {
    std::uint64_t at = lexer_.skip_space(frame_.header_offset + offset);
    SectionRead out;
    out.section.offset = offset;
    if (window_.matches(at, "xref")) {
      const auto trailer = skip_table(at + 4);
      if (!trailer) return std::nullopt;
      at = *trailer;
    } else {
      std::uint64_t number = 0, generation = 0;
      const auto body = lexer_.object_header(at, number, generation);
      if (!body) return std::nullopt;
      at = *body;
      out.section.kind = SectionKind::stream;
    }
    auto dictionary = lexer_.dictionary(at);
    if (!dictionary) return std::nullopt;
    out.trailer = std::move(*dictionary);
    out.section.end = out.trailer.end;
    if (out.section.kind == SectionKind::stream && !is_xref_stream(out.trailer))
      return std::nullopt;
    return out;
  }

  bool is_xref_stream(const RawDictionary& dictionary) {
    const RawEntry* type = dictionary.find("Type");
    const std::uint64_t at = lexer_.skip_space(dictionary.end);
    return type != nullptr && lexer_.text(*type, 16) == "/XRef" && window_.matches(at, "stream");
  }

  bool link(const RawDictionary& trailer, Section& section) {
    const RawEntry* previous = trailer.find("Prev");
    if (previous != nullptr && !(section.previous = number_of(lexer_, previous)))
      return damaged("a /Prev in it is not a number");
    const RawEntry* hidden = trailer.find("XRefStm");
    if (section.kind == SectionKind::table && hidden != nullptr) {
      if (!(section.hidden = number_of(lexer_, hidden)))
        return damaged("an /XRefStm in it is not a number");
      const auto stream = read_section(*section.hidden);
      if (!stream || stream->section.kind != SectionKind::stream)
        return damaged("an /XRefStm in it leads to no cross-reference stream");
      section.kind = SectionKind::hybrid;
    }
    return true;
  }

  void follow_chain() {
    std::set<std::uint64_t> seen;
    for (std::optional<std::uint64_t> next = frame_.startxref; next;) {
      if (!seen.insert(*next).second) {
        damaged("its cross-reference sections form a loop");
        return;
      }
      if (seen.size() > kSectionLimit) {
        damaged("it has too many cross-reference sections");
        return;
      }
      auto read = read_section(*next);
      if (!read) {
        damaged(fmt::format("there is no cross-reference section at {}", *next));
        return;
      }
      if (!link(read->trailer, read->section)) return;
      if (frame_.sections.empty()) keep_trailer(read->trailer);
      next = read->section.previous;
      frame_.sections.push_back(read->section);
    }
  }

  void keep_trailer(const RawDictionary& trailer) {
    for (const RawEntry& entry : trailer.entries)
      if (trailer.find(entry.key) != nullptr)
        frame_.trailer[entry.key] = lexer_.text(entry, kTrailerValueLimit);
    frame_.trailer_size = number_of(lexer_, trailer.find("Size")).value_or(0);
  }

  // The word startxref that closes a section. A stream lies between when the section is one.
  std::optional<std::uint64_t> closing_word(const Section& section) {
    if (section.kind != SectionKind::stream) {
      const std::uint64_t at = lexer_.skip_space(section.end);
      if (window_.matches(at, "startxref")) return at;
    }
    return window_.find("startxref", section.end, section.end + kStreamSearch);
  }

  // The first section of a linearised file is closed by "startxref 0", the other one by the
  // offset of the first: so a revision ends at a startxref that names a section of the chain.
  void find_revisions() {
    std::set<std::uint64_t> offsets;
    for (const Section& section : frame_.sections) offsets.insert(section.offset);
    std::map<std::uint64_t, std::uint64_t> ends;  // end to startxref
    for (const Section& section : frame_.sections) {
      const auto word = closing_word(section);
      if (!word) continue;
      std::uint64_t end = 0;
      const auto value = lexer_.integer(*word + 9, end);
      if (!value || offsets.count(*value) == 0) continue;
      ends.emplace(behind_mark(end), *value);
    }
    for (const auto& [end, startxref] : ends) frame_.revisions.push_back({startxref, end});
  }

  // Behind %%EOF and one end of line, or where that should stand.
  std::uint64_t behind_mark(std::uint64_t at) {
    std::uint64_t mark = at;
    while (is_white(window_.at(mark))) ++mark;
    if (!window_.matches(mark, "%%EOF")) return at;
    mark += 5;
    if (window_.at(mark) == '\r') ++mark;
    if (window_.at(mark) == '\n') ++mark;
    return mark;
  }

  Window& window_;
  Lexer lexer_;
  const std::string& name_;
  Frame frame_;
};

}  // namespace

Frame read_frame(Window& window, const std::string& name) {
  return FrameReader(window, name).read();
}

std::optional<Gap> find_gap(Window& window, std::uint64_t offset, std::uint64_t object,
                            const std::string& key) {
  Lexer lexer(window);
  std::uint64_t number = 0, generation = 0;
  auto at = lexer.object_header(offset, number, generation);
  if (!at || number != object) return std::nullopt;
  auto dictionary = lexer.dictionary(*at);
  if (dictionary && !key.empty()) {
    const RawEntry* inner = dictionary->find(key);
    if (inner == nullptr) return std::nullopt;
    dictionary = lexer.dictionary(inner->begin);
  }
  if (!dictionary || dictionary->repeats()) return std::nullopt;
  const RawEntry* contents = dictionary->find("Contents");
  if (contents == nullptr || contents->end - contents->begin > kContentsReadLimit)
    return std::nullopt;
  const auto token = lexer.next(contents->begin);
  if (!token || token->kind != Token::Kind::hex || token->end != contents->end) return std::nullopt;
  auto decoded = decode_hex_token(window.text(contents->begin, contents->end - contents->begin));
  if (!decoded) return std::nullopt;
  return Gap{contents->begin, contents->end, std::move(*decoded)};
}

}  // namespace tsp::pdf
