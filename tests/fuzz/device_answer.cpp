// sam::decode_answer: what somebody brings as a device's answer.
#include "fuzz/fuzz.h"
#include "sam/device.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted(
      [&] {
        const sam::DeviceAnswer answer = sam::decode_answer({data, size});
        fuzz::check(equal(sam::encode(answer), {data, size}),
                    "encode(decode(octets)) is the octets");
      },
      {Fault::bad_input});
  return 0;
}
