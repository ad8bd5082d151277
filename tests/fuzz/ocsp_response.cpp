// x509::OcspResponse::from_der and what is asked of an answer.
#include "fuzz/fuzz.h"
#include "x509/revocation.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const x509::OcspResponse response = x509::OcspResponse::from_der({data, size});
    response.produced_at();
    response.nonce();
    response.answers();
    for (const x509::Certificate& certificate : response.certificates()) {
      response.find(certificate, certificate);
      response.authorised_responder(certificate);
    }
  });
  return 0;
}
