// What each revision of a file says where its objects stand: the entries of all cross-reference
// sections, ISO 32000-1 7.5.4 and 7.5.8, read once, in time linear in their number. Internal to the
// room, inside the jail.
//
// The rules where sections contradict each other are 7.5.8.4's: a newer section before an older
// one; in a hybrid section the table before its /XRefStm, but what the table calls free counts when
// the stream has it. A section belongs to the revision whose startxref leads to it, or to the next
// newer section (a linearised file has two in one). A section that lists an object at two places
// cannot be told.
#pragma once

#include <unordered_map>

#include "pdf/raw_reader.h"

namespace tsp::pdf {

// Where an object stands.
struct Placed {
  enum class Kind : std::uint8_t { free, plain, packed };
  Kind kind = Kind::free;
  // plain: the offset from the file's first octet; packed: the number of the object stream.
  std::uint64_t where = 0;
  std::uint64_t detail = 0;  // plain: the generation; packed: the index in the stream
  friend bool operator==(const Placed&, const Placed&) = default;
};

struct Listed {
  std::uint64_t number = 0;
  Placed placed;
};

struct History {
  // Beside Frame::revisions, oldest first; in each sorted by number, every number once.
  std::vector<std::vector<Listed>> revisions;
  // Beside them: where the newest section's trailer dictionary stands.
  std::vector<std::uint64_t> trailers;
  // Beside them: the offsets of the sections that are streams, /XRefStm included.
  std::vector<std::vector<std::uint64_t>> streams;
  // Beside them: their sections, as indices into Frame::sections.
  std::vector<std::vector<std::size_t>> sections;
  // Beside them: what a hybrid section's table calls free, or has elsewhere, and its stream lists,
  // so that it is not there or another for readers that do not know the stream.
  std::vector<std::vector<std::uint64_t>> hidden;
  // Why the entries cannot be told; empty when they can. What was read until then stays.
  std::string damage;
};

// All sections together may have so many entries.
inline constexpr std::size_t kEntriesLimit = 4'000'000;

// Of a frame without damage. Throws nothing but std::bad_alloc.
History read_history(Window& window, const Frame& frame);

// Since which revision an object stands where it does in the last one.
class Since {
 public:
  Since(const Frame& frame, const History& history);
  struct Place {
    Placed placed;
    std::size_t revision = 0;
  };
  // Nothing for an object that is free or not there.
  const Place* find(std::uint64_t number) const;
  // The first revision that has all octets before `end`; the last one when none has.
  std::size_t holds(std::uint64_t end) const;

 private:
  const Frame& frame_;
  std::unordered_map<std::uint64_t, Place> places_;
};

}  // namespace tsp::pdf
