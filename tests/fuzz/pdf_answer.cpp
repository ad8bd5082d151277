// pdf::decode_inspection, decode_prepared and decode_prepare_request: structs that come out of the
// jail, or go in. What is read and written again is read as the same.
#include "fuzz/fuzz.h"
#include "pdf/codec.h"

using namespace tsp;

namespace {

template <class Decode>
void round(const Decode& decode, ByteView octets) {
  fuzz::accepted([&] {
    const Bytes written = encode(decode(octets));
    fuzz::check(equal(encode(decode(written)), written), "encode(decode(octets)) is stable");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  round(pdf::decode_inspection, {data, size});
  round(pdf::decode_prepared, {data, size});
  round(pdf::decode_prepare_request, {data, size});
  return 0;
}
