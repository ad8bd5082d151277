// sam::decode_card: what somebody registers as his device.
#include "fuzz/fuzz.h"
#include "sam/device.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted(
      [&] {
        const sam::DeviceCard card = sam::decode_card({data, size});
        fuzz::check(equal(sam::encode(card), {data, size}), "encode(decode(octets)) is the octets");
      },
      {Fault::bad_input, Fault::policy_refused});
  return 0;
}
