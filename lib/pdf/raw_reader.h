// The frame of a PDF as it stands in the octets, ISO 32000-1 7.5: header, cross-reference sections
// back through /Prev, trailers, revisions. A library that reads PDFs shows only their merged last
// state; a signature is about the octets.
//
// Offsets that the file writes (startxref, /Prev) count from "%PDF-", which stands at
// `header_offset`; all others count from the file's first octet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pdf/document.h"
#include "pdf/lexer.h"

namespace tsp::pdf {

enum class SectionKind { table, stream, hybrid };

struct Section {
  SectionKind kind = SectionKind::table;
  std::uint64_t offset = 0;                       // as the file writes it
  std::uint64_t end = 0;                          // behind the trailer or the stream's dictionary
  std::optional<std::uint64_t> previous, hidden;  // /Prev, /XRefStm
};

struct Frame {
  std::uint64_t size = 0, header_offset = 0;
  std::string header_version;  // "1.7"
  std::uint64_t startxref = 0;
  std::vector<Section> sections;  // newest first
  // The newest trailer: the octets of its values. /Size is 0 when it is no sound number.
  std::map<std::string, std::string> trailer;
  std::uint64_t trailer_size = 0;
  std::vector<Revision> revisions;  // oldest first; at least one unless damaged
  // Empty when the cross-reference can be followed to its end.
  std::string damage;
};

// Error{bad_input} when there is no header within the first 1024 octets. A chain that is broken,
// loops, or has more than kSectionLimit sections is `damage`. Does not read the entries of tables
// nor the data of cross-reference streams.
inline constexpr std::size_t kSectionLimit = 20000;
Frame read_frame(Window& window, const std::string& name);

// Where the hex string /Contents stands in the dictionary that is the object, or the value of `key`
// in it, at an offset of the file. Nothing when the object is another one, is not a dictionary, has
// a key twice, or its /Contents is not a hex string.
struct Gap {
  std::uint64_t begin = 0, end = 0;
  Bytes contents;
};
std::optional<Gap> find_gap(Window& window, std::uint64_t offset, std::uint64_t object,
                            const std::string& key);

}  // namespace tsp::pdf
