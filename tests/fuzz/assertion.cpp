// sam::decode_assertion: what a signing service is given in place of factors.
#include "sam/assertion.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto read = sam::decode_assertion({data, size});
    fuzz::check(sam::encode(read.assertion) == read.signed_octets,
                "what is read is what is signed");
  } catch (const Error& error) {
    fuzz::check(error.fault == Fault::bad_input, "what is no assertion is bad input");
  }
  return 0;
}
