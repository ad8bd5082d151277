// x509::Certificate::from_der and every question that may be asked of a stranger's certificate.
#include "x509/certificate.h"

#include "base/text.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const x509::Certificate certificate = x509::Certificate::from_der({data, size});
    fuzz::check(equal(certificate.der(), {data, size}), "der() is what was given");
    fuzz::check(is_utf8(certificate.subject()) && is_utf8(certificate.issuer()) &&
                    is_utf8(certificate.common_name()),
                "names are UTF-8");
    fuzz::check(x509::Certificate::from_pem(certificate.pem()) == certificate,
                "from_pem(pem()) is the certificate");
    certificate.serial();
    certificate.not_before();
    certificate.not_after();
    certificate.is_ca();
    certificate.has_key_usage(1);
    certificate.has_extended_key_usage("1.3.6.1.5.5.7.3.8");
    certificate.extension("2.5.29.32");
    certificate.subject_key_id();
    certificate.crl_urls();
    certificate.ocsp_urls();
    certificate.issuer_urls();
    certificate.needs_no_revocation_check();
    certificate.private_key_usage_end();
    certificate.is_signed_by(certificate.public_key());
  });
  return 0;
}
