// cms::parse and what is asked of its result before anything is verified.
#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const cms::SignedData parsed = cms::parse({data, size});
    for (const cms::SignerInfo& signer : parsed.signers) {
      fuzz::accepted([&] { cms::parse_signed_attributes(signer.signed_attributes); });
      const auto certificate = cms::signing_certificate(parsed, signer);
      if (!certificate) continue;
      cms::identifies(signer, *certificate);
      cms::verify(signer, *certificate, Bytes(32));
    }
  });
  return 0;
}
