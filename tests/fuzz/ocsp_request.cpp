// x509::parse_ocsp_request: what a stranger asks our responder.
#include "fuzz/fuzz.h"
#include "x509/revocation.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const x509::OcspRequest request = x509::parse_ocsp_request({data, size});
    fuzz::check(request.ids.size() <= 64, "at most 64 ids");
    fuzz::check(!request.nonce || (!request.nonce->empty() && request.nonce->size() <= 128),
                "a nonce has 1 to 128 octets");
  });
  return 0;
}
