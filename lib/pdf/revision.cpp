// The revision, outside the jail: what was promised of it is checked here.
#include "pdf/revision.h"

#include <algorithm>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "pdf/codec.h"
#include "pdf/numbers.h"
#include "pdf/parsers.h"

namespace tsp::pdf {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

// The hole's hex digits within the revision's octets.
std::span<std::uint8_t> hole_of(PreparedRevision& revision) {
  const std::uint64_t begin = revision.byte_range.first_end - revision.original_size;
  const std::uint64_t end = revision.byte_range.second_begin - revision.original_size;
  return std::span(revision.octets).subspan(begin + 1, end - begin - 2);
}

bool stands_once(std::string_view text, std::string_view in) {
  const std::size_t first = in.find(text);
  return first != std::string_view::npos && in.find(text, first + 1) == std::string_view::npos;
}

bool keeps_promise(PreparedRevision& revision, std::uint64_t size, std::size_t contents_size) {
  const ByteRange& range = revision.byte_range;
  if (revision.original_size != size || revision.pages < 0 || range.first_end < size ||
      range.second_begin != range.first_end + 2 * contents_size + 2 ||
      range.file_end != size + revision.octets.size() || range.second_begin > range.file_end)
    return false;
  const auto hole = hole_of(revision);
  return hole.data()[-1] == '<' && *(hole.data() + hole.size()) == '>' &&
         std::all_of(hole.begin(), hole.end(), [](std::uint8_t c) { return c == '0'; }) &&
         stands_once("/ByteRange" + byte_range_text(range), as_text(revision.octets));
}

}  // namespace

bool is_sound(PreparedRevision& revision, std::uint64_t size) {
  const ByteRange& range = revision.byte_range;
  if (revision.octets.size() > std::size_t{1} << 31 || range.first_end < size ||
      range.second_begin < range.first_end + 2 || range.second_begin > range.file_end ||
      range.file_end != size + revision.octets.size())
    return false;
  const std::uint64_t hole = range.second_begin - range.first_end - 2;
  return hole % 2 == 0 && keeps_promise(revision, size, static_cast<std::size_t>(hole / 2));
}

struct Preparation::State {
  std::string shown;
  std::uint64_t size;
  RunningParser parser;
};

Preparation::Preparation(jail::Jail& jail, const Fd& file, const std::string& name, Damaged damaged,
                         Turn turn) {
  const std::string shown = printable(name);
  state_.reset(
      new State{shown, size_of(file, name),
                RunningParser(jail, Reading::prepare, file, shown,
                              encode(PrepareOpening{shown, damaged == Damaged::allow}), turn)});
}

Preparation::~Preparation() = default;
Preparation::Preparation(Preparation&&) noexcept = default;
Preparation& Preparation::operator=(Preparation&&) noexcept = default;

bool Preparation::clock_runs() const {
  return state_->parser.clock_runs();
}

PreparedRevision Preparation::finish(const SignatureOrder& order) {
  state_->parser.tell(encode(PrepareRequest{order, random_bytes(kIdentifierSize)}));
  PreparedRevision revision = decode_prepared(state_->parser.answer());
  if (!keeps_promise(revision, state_->size, order.contents_size))
    throw Error(Fault::bad_input, "cannot sign " + state_->shown,
                "the revision that was planned does not fit the file", "nothing was changed");
  return revision;
}

PreparedRevision prepare(jail::Jail& jail, const Fd& file, const std::string& name,
                         const SignatureOrder& order, Damaged damaged) {
  return Preparation(jail, file, name, damaged).finish(order);
}

std::size_t room_of(const PreparedRevision& revision) {
  return static_cast<std::size_t>(revision.byte_range.second_begin - revision.byte_range.first_end -
                                  2) /
         2;
}

Bytes contents_of(const PreparedRevision& revision) {
  const auto begin =
      static_cast<std::size_t>(revision.byte_range.first_end - revision.original_size) + 1;
  const auto digits = as_text(revision.octets).substr(begin, 2 * room_of(revision));
  auto octets = from_hex(digits);
  if (!octets) throw Error(Fault::failed, "the hole of a revision holds no hex");
  return std::move(*octets);
}

void fill(PreparedRevision& revision, ByteView signature) {
  const auto hole = hole_of(revision);
  if (signature.size() * 2 > hole.size())
    throw Error(Fault::failed, "cannot put the signature into the document",
                "it is larger than the room reserved for it",
                "the document was not changed; sign it again with more room");
  std::size_t at = 0;
  for (const std::uint8_t octet : signature) {
    hole[at++] = static_cast<std::uint8_t>(kHexDigits[octet >> 4]);
    hole[at++] = static_cast<std::uint8_t>(kHexDigits[octet & 15]);
  }
  std::fill(hole.begin() + static_cast<std::ptrdiff_t>(at), hole.end(), std::uint8_t{'0'});
}

}  // namespace tsp::pdf
