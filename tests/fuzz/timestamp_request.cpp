// cms::parse_request: what a stranger asks our time-stamping authority.
#include "cms/timestamp.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted(
      [&] {
        const cms::TimestampRequest request = cms::parse_request({data, size});
        const cms::TimestampRequest again = cms::parse_request(cms::make_request(request));
        fuzz::check(again.hash == request.hash && again.imprint == request.imprint &&
                        again.policy == request.policy && again.nonce == request.nonce &&
                        again.certificates == request.certificates,
                    "parse(make(request)) is the request");
      },
      {Fault::bad_input, Fault::policy_refused});
  return 0;
}
