#include "pdf/reading/revision_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace tsp::pdf {
namespace {

// More than this above the highest object, /Size is not believed: readers allocate by it.
constexpr std::uint64_t kSizeSlack = 1000000;
constexpr int kHighestObject = 2000000000;
constexpr std::uint64_t kTableLimit = 9999999999;

int first_free(const Opened& document, const ObjectPlaces& places) {
  const auto after = static_cast<std::uint64_t>(places.highest()) + 1;
  const std::uint64_t size = document.frame.trailer_size;
  const std::uint64_t next = size > after && size <= after + kSizeSlack ? size : after;
  if (next > kHighestObject) throw damaged_error(document.name, "its object numbers are too high");
  return static_cast<int>(next);
}

// Keys that belong to one section alone, and those of a stream.
constexpr std::array<std::string_view, 14> kOwnKeys{
    "Prev", "XRefStm", "Size",         "ID",     "Type",        "W",  "Index",
    "F",    "FFilter", "FDecodeParms", "Filter", "DecodeParms", "DL", "Length"};

bool is_own(std::string_view key) {
  return std::find(kOwnKeys.begin(), kOwnKeys.end(), key) != kOwnKeys.end();
}

// The keys of an array of row numbers as runs: first number and how many.
template <class Rows, class Run>
void for_runs(const Rows& rows, Run&& run) {
  for (auto row = rows.begin(); row != rows.end();) {
    auto last = row;
    int count = 0;
    for (; last != rows.end() && last->first == row->first + count; ++last) ++count;
    run(row, count);
    row = last;
  }
}

void append_number(std::string& to, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    to.push_back(static_cast<char>(value >> shift & 0xff));
}

}  // namespace

RevisionWriter::RevisionWriter(Opened& document, const ObjectPlaces& places)
    : document_(document), places_(places), next_(first_free(document, places)) {}

void RevisionWriter::stay_above(int number) {
  if (number < next_) return;
  if (number > kHighestObject || static_cast<std::uint64_t>(number - next_) > kSizeSlack)
    throw damaged_error(document_.name, "it refers to objects far above those that it has");
  next_ = number + 1;
}

QPDFObjGen RevisionWriter::reserve() {
  return QPDFObjGen(next_++, 0);
}

void RevisionWriter::put(QPDFObjGen object, std::string body) {
  for (const auto& [known, text] : objects_)
    if (known.getObj() == object.getObj())
      throw damaged_error(document_.name, "two parts of it are the same object");
  objects_.emplace_back(object, std::move(body));
}

std::uint64_t RevisionWriter::here() const {
  return document_.frame.size + out_.size() - document_.frame.header_offset;
}

// Where the cross-reference was reconstructed, all of it is written anew.
SectionKind RevisionWriter::kind() const {
  if (!document_.repaired) return document_.frame.sections.front().kind;
  const auto& entries = places_.entries();
  const bool compressed = std::any_of(entries.begin(), entries.end(),
                                      [](const auto& e) { return e.second.getType() == 2; });
  return compressed ? SectionKind::stream : SectionKind::table;
}

RevisionWriter::Rows RevisionWriter::rows() const {
  Rows out;
  if (document_.repaired)
    for (const auto& [object, entry] : places_.entries()) {
      if (entry.getType() == 1)
        out[object.getObj()] = {1, static_cast<std::uint64_t>(entry.getOffset()), object.getGen()};
      if (entry.getType() == 2)
        out[object.getObj()] = {2, static_cast<std::uint64_t>(entry.getObjStreamNumber()),
                                entry.getObjStreamIndex()};
    }
  for (const auto& [object, begin] : begins_)
    out[object.getObj()] = {1, document_.frame.size + begin - document_.frame.header_offset,
                            object.getGen()};
  return out;
}

void RevisionWriter::write_object(QPDFObjGen object, const std::string& body) {
  begins_[object] = out_.size();
  out_ += fmt::format("{} {} obj\n", object.getObj(), object.getGen()) + body + "\nendobj\n";
}

std::string RevisionWriter::identifiers(ByteView identifier) const {
  QPDFObjectHandle old = get(document_.objects->getTrailer(), "/ID");
  std::string first(as_text(identifier));
  if (old.isArray() && old.getArrayNItems() > 0 && old.getArrayItem(0).isString())
    first = old.getArrayItem(0).getStringValue();
  return "[<" + to_hex(as_bytes(first)) + "> <" + to_hex(identifier) + ">]";
}

Overrides RevisionWriter::trailer(ByteView identifier) const {
  Overrides out;
  if (document_.repaired) {
    const Encryption none;
    QPDFObjectHandle old = document_.objects->getTrailer();
    for (const char* key : {"/Root", "/Info", "/Encrypt"})
      if (old.hasKey(key)) out[key] = ObjectWriter(none, {}).value(old.getKey(key));
  } else {
    for (const auto& [key, raw] : document_.frame.trailer)
      if (!is_own(key) && !raw.empty()) out["/" + key] = raw;
    out["/Prev"] = std::to_string(document_.frame.startxref);
  }
  if (out.count("/Root") == 0 || (document_.objects->isEncrypted() && out.count("/Encrypt") == 0))
    throw damaged_error(document_.name, "its trailer cannot be carried on");
  out["/Size"] = std::to_string(next_);
  out["/ID"] = identifiers(identifier);
  return out;
}

std::uint64_t RevisionWriter::write_table(const Overrides& trailer) {
  const std::uint64_t begin = here();
  const Rows all = rows();
  out_ += "xref\n";
  for_runs(all, [this](Rows::const_iterator row, int count) {
    out_ += fmt::format("{} {}\n", row->first, count);
    for (; count > 0; --count, ++row) {
      if (row->second.first > kTableLimit)
        throw Error(Fault::bad_input, "cannot sign " + document_.name,
                    "it is too large for its kind of cross-reference", "nothing was changed");
      out_ += fmt::format("{:010} {:05} n \n", row->second.first, row->second.second);
    }
  });
  const Encryption none;
  out_ +=
      "trailer\n" + ObjectWriter(none, {}).dictionary(QPDFObjectHandle::newNull(), trailer) + "\n";
  return begin;
}

// Not compressed: it is short, and every reader understands it. Lists itself.
std::uint64_t RevisionWriter::write_stream(const Overrides& trailer) {
  const QPDFObjGen self = reserve();
  const std::uint64_t begin = here();
  begins_[self] = out_.size();
  const Rows all = rows();
  int first_width = 4, second_width = 2;
  for (const auto& [object, row] : all) {
    if (row.first > 0xffffffff) first_width = 6;
    if (row.second > 0xffff) second_width = 4;
  }
  std::string index, data;
  for_runs(all, [&index](Rows::const_iterator row, int count) {
    index += fmt::format("{}{} {}", index.empty() ? "" : " ", row->first, count);
  });
  for (const auto& [object, row] : all) {
    append_number(data, static_cast<std::uint64_t>(row.type), 1);
    append_number(data, row.first, first_width);
    append_number(data, static_cast<std::uint64_t>(row.second), second_width);
  }
  Overrides entries = trailer;
  entries["/Type"] = "/XRef";
  entries["/W"] = fmt::format("[1 {} {}]", first_width, second_width);
  entries["/Index"] = "[" + index + "]";
  entries["/Size"] = std::to_string(next_);
  const Encryption none;
  write_object(self, ObjectWriter(none, self).stream(entries, data));
  return begin;
}

RevisionWriter::Result RevisionWriter::finish(ByteView identifier) {
  const int last = document_.window.at(document_.frame.size - 1);
  if (last != '\n' && last != '\r') out_ = "\n";
  for (const auto& [object, body] : objects_) write_object(object, body);
  std::uint64_t section = 0;
  switch (kind()) {
    case SectionKind::stream:
      section = write_stream(trailer(identifier));
      break;
    case SectionKind::hybrid: {
      // A section's /XRefStm goes before its /Prev: the old one would bring back what was changed
      // since. So this section has its own, which says the same as its table.
      const std::uint64_t hidden = write_stream({});
      Overrides all = trailer(identifier);
      all["/XRefStm"] = std::to_string(hidden);
      section = write_table(all);
      break;
    }
    case SectionKind::table:
      section = write_table(trailer(identifier));
      break;
  }
  out_ += fmt::format("startxref\n{}\n%%EOF\n", section);
  return {std::move(out_), std::move(begins_)};
}

}  // namespace tsp::pdf
