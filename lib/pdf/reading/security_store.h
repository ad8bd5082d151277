// The document security store of the last revision, EN 319 142-1 5.4.2 (ISO 32000-2 12.8.4.3), read
// in the jail:
//
//     /DSS <</Certs[…] /OCSPs[…] /CRLs[…] /VRI<</HEX <</Cert[…] /OCSP[…] /CRL[…]>> …>>>>
//
// each list of references to streams. What a VRI entry names and the lists do not is added to them.
// Does NOT look at what the streams hold, nor whether a VRI key is the hash of a signature.
#pragma once

#include "pdf/document.h"
#include "pdf/reading/open.h"

namespace tsp::pdf {

// Error{bad_input} that names the object when the store's decoded contents exceed kDssLimit octets,
// a list names more than 10 000 streams, or a stream cannot be decoded.
inline constexpr std::size_t kDssLimit = std::size_t{12} << 20;
std::optional<Dss> read_dss(Opened& document);

}  // namespace tsp::pdf
