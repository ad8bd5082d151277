// Second half of a PAdES signature: the CMS around the value, verified before it is kept.
#include "ades/pades.h"
#include "base/error.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"

namespace tsp::ades {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Fault::failed, "the signature is not right", why, "nothing was written");
}

// Reads back what was built, as a validator would, and judges it.
void verify_closed(ByteView contents, const PreparedPdf& pdf, const x509::Certificate& signer,
                   std::vector<x509::Certificate> known) {
  known.push_back(signer);
  const cms::SignedData data = cms::parse(contents, known);
  if (data.signers.size() != 1) refuse("it does not have exactly one signer");
  const auto named = cms::signing_certificate(data, data.signers.front());
  if (!named || !(*named == signer)) refuse("it names another signing certificate");
  switch (cms::verify(data.signers.front(), signer, pdf.content_digest)) {
    case cms::Crypto::ok:
      return;
    case cms::Crypto::digest_differs:
      refuse("its signed attributes are not those of this document");
    case cms::Crypto::signature_wrong:
      refuse("it does not verify with the key of the signing certificate");
    case cms::Crypto::unsupported:
      refuse("its algorithms do not fit the key");
  }
}

void expect_stamp_of(const Bytes& token, ByteView signature) {
  const cms::TstInfo info = cms::parse_token(token).info;
  if (crypto::digest(info.hash, signature) != info.imprint)
    refuse("the time-stamp is of another signature");
}

cms::Parts parts_of(const PreparedPdf& pdf, const x509::Certificate& signer,
                    const std::vector<x509::Certificate>& chain, crypto::Scheme scheme,
                    ByteView signature, const std::optional<Bytes>& timestamp_token) {
  cms::Parts parts{pdf.signed_attributes, pdf.hash, scheme, to_bytes(signature), signer, chain, {}};
  parts.signature_timestamp = timestamp_token;
  return parts;
}

}  // namespace

bool fits(const PreparedPdf& pdf, const x509::Certificate& signer,
          const std::vector<x509::Certificate>& chain, crypto::Scheme scheme, ByteView signature,
          const std::optional<Bytes>& timestamp_token) {
  return cms::assemble(parts_of(pdf, signer, chain, scheme, signature, timestamp_token)).size() <=
         pdf::room_of(pdf.revision);
}

void close_pdf(PreparedPdf& pdf, const x509::Certificate& signer,
               const std::vector<x509::Certificate>& chain, crypto::Scheme scheme,
               ByteView signature, const std::optional<Bytes>& timestamp_token) {
  if (timestamp_token) expect_stamp_of(*timestamp_token, signature);
  const Bytes contents =
      cms::assemble(parts_of(pdf, signer, chain, scheme, signature, timestamp_token));
  verify_closed(contents, pdf, signer, chain);
  pdf::fill(pdf.revision, contents);
}

}  // namespace tsp::ades
