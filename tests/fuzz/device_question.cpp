// sam::decode_question: what a device is asked by whoever stands between it and the provider.
#include "fuzz/fuzz.h"
#include "sam/request.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted(
      [&] {
        const sam::DeviceQuestion question = sam::decode_question({data, size});
        fuzz::check(equal(sam::encode(question), {data, size}),
                    "encode(decode(octets)) is the octets");
      },
      {Fault::bad_input, Fault::tampered});
  return 0;
}
