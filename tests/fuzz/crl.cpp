// x509::Crl::from_der and what is asked of a CRL.
#include "fuzz/fuzz.h"
#include "x509/revocation.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const x509::Crl crl = x509::Crl::from_der({data, size});
    fuzz::check(equal(crl.der(), {data, size}), "der() is what was given");
    crl.issuer();
    crl.issuer_der();
    crl.this_update();
    crl.next_update();
    crl.number();
    crl.expired_certs_since();
    crl.size();
    crl.find("1000");
  });
  return 0;
}
