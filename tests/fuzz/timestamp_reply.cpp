// cms::token_of_reply, parse_token and verify_token: what a time-stamping authority sent.
#include "cms/timestamp.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted(
      [&] {
        const Bytes octets = cms::token_of_reply({data, size});
        const cms::Token token = cms::parse_token(octets);
        cms::mismatch(token, {.hash = token.info.hash,
                              .imprint = token.info.imprint,
                              .policy = {},
                              .nonce = token.info.nonce});
        cms::verify_token(token);
        const Bytes again = cms::token_of_reply(cms::granted(octets));
        fuzz::check(equal(again, octets), "a token survives being granted");
      },
      {Fault::bad_input, Fault::evidence_missing});
  return 0;
}
