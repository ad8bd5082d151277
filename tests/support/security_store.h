// A revision that adds validation data to a PDF (ISO 32000-2 12.8.4.3), made by plain text for
// files with cross-reference tables whose catalog is no compressed object: ours.
#pragma once

#include "validation/validate_pdf.h"

namespace tsp::test {

struct StoreItems {
  std::vector<x509::Certificate> certificates{};
  std::vector<x509::Crl> crls{};
  std::vector<x509::OcspResponse> ocsp{};
};
// What an earlier revision of this kind added stays.
Bytes with_store(ByteView document, const StoreItems& items);

}  // namespace tsp::test
