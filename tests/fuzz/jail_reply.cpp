// jail::wire::decode_reply and decode_ending: what a child sends that was taken over.
#include "fuzz/fuzz.h"
#include "jail/wire.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 1 << 16;
  if (const auto ending = jail::wire::decode_ending({data, size}))
    jail::wire::encode_ending(*ending);
  try {
    const Bytes result = jail::wire::decode_reply({data, size}, kLimit);
    fuzz::check(result.size() <= kLimit, "a result keeps to its limit");
    fuzz::check(equal(jail::wire::encode_result(result), {data, size}),
                "encode(decode(reply)) is the reply");
  } catch (const Error& error) {  // its own, or one that the reply carries
    fuzz::check(error.failed.size() <= jail::wire::kTextLimit, "an error keeps to its limit");
  }
  return 0;
}
