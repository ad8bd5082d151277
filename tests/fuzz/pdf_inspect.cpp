// pdf::inspect_parser, without the jail.
#include "fuzz/fuzz.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fd file = fuzz::file_of({data, size});
  fuzz::accepted(
      [&] {
        const Bytes answer = pdf::inspect_parser(file.get(), as_bytes("input"));
        const pdf::Inspection found = pdf::decode_inspection(answer);
        fuzz::check(equal(pdf::encode(found), answer), "encode(decode(answer)) is the answer");
        fuzz::check(found.size == size, "the size is the file's");
        for (const pdf::SignatureEntry& entry : found.signatures) {
          fuzz::check(entry.gap_begin <= entry.gap_end && entry.gap_end <= size,
                      "a gap lies in the file");
          fuzz::check(!entry.byte_range || entry.byte_range->file_end <= size,
                      "a byte range lies in the file");
        }
      },
      {Fault::bad_input, Fault::policy_refused});
  return 0;
}
