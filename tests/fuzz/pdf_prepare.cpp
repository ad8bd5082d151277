// pdf::prepare_parser, without the jail: a revision of whatever can be read keeps its promises, and
// the file with it shows one signature more.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

using namespace tsp;

namespace {

constexpr std::size_t kContents = 64;

pdf::Inspection inspected(ByteView octets) {
  const Fd file = fuzz::file_of(octets);
  return pdf::decode_inspection(pdf::inspect_parser(file.get(), as_bytes("input")));
}

void try_order(ByteView octets, const pdf::SignatureOrder& order) {
  const Fd file = fuzz::file_of(octets);
  const auto request = [&] { return pdf::encode(pdf::PrepareRequest{order, Bytes(16, 0x5a)}); };
  const pdf::PreparedRevision revision = pdf::decode_prepared(
      pdf::prepare_parser(file.get(), pdf::encode(pdf::PrepareOpening{"input", false}), request));
  const pdf::ByteRange& range = revision.byte_range;
  fuzz::check(revision.original_size == octets.size(), "the revision is behind the file");
  fuzz::check(range.first_end >= octets.size() &&
                  range.second_begin == range.first_end + 2 * kContents + 2 &&
                  range.file_end == octets.size() + revision.octets.size(),
              "the byte range covers all but the hole");
  Bytes whole = to_bytes(octets);
  append(whole, revision.octets);
  const pdf::Inspection before = inspected(octets), after = inspected(whole);
  fuzz::check(!after.damaged, "the file with its revision is sound");
  fuzz::check(after.signatures.size() == before.signatures.size() + 1, "one signature more");
  fuzz::check(after.revisions.size() == before.revisions.size() + 1, "one revision more");
  fuzz::check(after.pages == before.pages, "as many pages");
  // Signatures without a sound byte range stand behind it.
  fuzz::check(std::any_of(after.signatures.begin(), after.signatures.end(),
                          [&](const pdf::SignatureEntry& entry) {
                            return entry.gap_begin == range.first_end &&
                                   entry.gap_end == range.second_begin && entry.byte_range &&
                                   entry.byte_range->covers(whole.size(), entry.gap_begin,
                                                            entry.gap_end);
                          }),
              "the new signature covers the whole file");
}

void attempt(ByteView octets, const pdf::SignatureOrder& order) {
  fuzz::accepted([&] { try_order(octets, order); }, {Fault::bad_input, Fault::policy_refused,
                                                     Fault::not_found, Fault::already_exists});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pdf::SignatureOrder order;
  order.contents_size = kContents;
  attempt({data, size}, order);
  order.certification = 2;
  order.reason = "fuzzing (\u0436)";
  order.placement = pdf::Placement{1, 10, 10, 100, 40};
  attempt({data, size}, order);
  return 0;
}
