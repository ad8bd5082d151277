// Algorithms of XML signatures by URI (RFC 9231 and W3C XML Signature 1.1). Internal to the room.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "crypto/algorithms.h"

namespace tsp::xml {

inline constexpr std::string_view kEnveloped =
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr std::string_view kExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

struct DigestName {
  std::string_view uri;
  crypto::HashAlgorithm hash;
};
inline constexpr std::array kDigests{
    DigestName{"http://www.w3.org/2001/04/xmlenc#sha256", crypto::HashAlgorithm::sha256},
    DigestName{"http://www.w3.org/2001/04/xmldsig-more#sha384", crypto::HashAlgorithm::sha384},
    DigestName{"http://www.w3.org/2001/04/xmlenc#sha512", crypto::HashAlgorithm::sha512},
};

struct SignatureName {
  std::string_view uri;
  crypto::Scheme scheme;
  crypto::HashAlgorithm hash;
};
inline constexpr std::array kSignatures{
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", crypto::Scheme::rsa_pkcs1,
                  crypto::HashAlgorithm::sha256},
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", crypto::Scheme::rsa_pkcs1,
                  crypto::HashAlgorithm::sha384},
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", crypto::Scheme::rsa_pkcs1,
                  crypto::HashAlgorithm::sha512},
    SignatureName{"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", crypto::Scheme::rsa_pss,
                  crypto::HashAlgorithm::sha256},
    SignatureName{"http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", crypto::Scheme::rsa_pss,
                  crypto::HashAlgorithm::sha384},
    SignatureName{"http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", crypto::Scheme::rsa_pss,
                  crypto::HashAlgorithm::sha512},
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", crypto::Scheme::ecdsa,
                  crypto::HashAlgorithm::sha256},
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", crypto::Scheme::ecdsa,
                  crypto::HashAlgorithm::sha384},
    SignatureName{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", crypto::Scheme::ecdsa,
                  crypto::HashAlgorithm::sha512},
};

template <class Table>
const auto* find_uri(const Table& table, std::string_view uri) {
  for (const auto& row : table)
    if (row.uri == uri) return &row;
  return static_cast<const typename Table::value_type*>(nullptr);
}

}  // namespace tsp::xml
