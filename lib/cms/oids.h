// Object identifiers of CMS, CAdES and RFC 3161.
#pragma once

#include <string_view>

namespace tsp::cms::oids {

inline constexpr std::string_view kData = "1.2.840.113549.1.7.1",
                                  kSignedData = "1.2.840.113549.1.7.2",
                                  kTstInfo = "1.2.840.113549.1.9.16.1.4";

inline constexpr std::string_view kContentType = "1.2.840.113549.1.9.3",
                                  kMessageDigest = "1.2.840.113549.1.9.4",
                                  kSigningTime = "1.2.840.113549.1.9.5",
                                  kSigningCertificate = "1.2.840.113549.1.9.16.2.12",
                                  kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47",
                                  kSignatureTimestamp = "1.2.840.113549.1.9.16.2.14";

inline constexpr std::string_view kOcspResponse = "1.3.6.1.5.5.7.16.2";  // RFC 5940
inline constexpr std::string_view kTimestamping = "1.3.6.1.5.5.7.3.8";
inline constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";

}  // namespace tsp::cms::oids
