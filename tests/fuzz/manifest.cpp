// sam::decode_manifest: what a device shows before it asks.
#include "sam/manifest.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const sam::Manifest manifest = sam::decode_manifest({data, size});
    fuzz::check(equal(sam::encode(manifest), {data, size}), "encode(decode(octets)) is the octets");
  });
  return 0;
}
