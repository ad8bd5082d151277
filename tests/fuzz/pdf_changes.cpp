// pdf::changes_parser, without the jail: whatever the file, the answer is one that can be read, and
// nothing has changed after the file's own end.
#include "fuzz/fuzz.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

using namespace tsp;

namespace {

std::vector<pdf::Change> changes(const Fd& file, std::uint64_t end) {
  return pdf::decode_changes(
      pdf::changes_parser(file.get(), pdf::encode(pdf::ChangesRequest{"input", end})));
}

void compare(ByteView octets) {
  const Fd file = fuzz::file_of(octets);
  const pdf::Inspection found =
      pdf::decode_inspection(pdf::inspect_parser(file.get(), as_bytes("input")));
  for (const pdf::Revision& revision : found.revisions) changes(file, revision.end);
  fuzz::check(changes(file, octets.size()).empty(), "nothing follows the end of the file");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  fuzz::accepted([&] { compare(octets); }, {Fault::bad_input, Fault::policy_refused});
  fuzz::accepted([&] {
    const auto read = pdf::decode_changes(octets);
    fuzz::check(equal(pdf::encode(read), pdf::encode(pdf::decode_changes(pdf::encode(read)))),
                "encode(decode(octets)) is stable");
  });
  return 0;
}
