// Writing the TBSCertificate (RFC 5280 section 4.1). Writes what it is told; lint() judges.
#pragma once

#include "x509/issue.h"

namespace tsp::x509 {

Bytes encode_tbs(const Order& order, const Certificate* issuer,
                 const crypto::PublicKey& issuer_key);

// The AlgorithmIdentifier of what this key signs here: infrastructure, the key's default hash.
// Error{policy_refused} for a key that is none of KeyAlgorithm.
Bytes signature_identifier_of(const crypto::PublicKey& key);

// Signs `message` that way and gives SEQUENCE {message, algorithm, BIT STRING}: a Certificate, a
// CertificateList, a CertificationRequest, by what the message is.
Bytes signed_sequence(ByteView message, crypto::Signer& key);
// The signature value alone.
Bytes sign_message(ByteView message, crypto::Signer& key);

// The key's BIT STRING without the leading octet that counts unused bits.
Bytes key_bits(const crypto::PublicKey& key);
// SHA-1 of them: RFC 5280 4.2.1.2 method 1, and KeyHash of RFC 6960.
Bytes key_id(const crypto::PublicKey& key);
// Extension ::= SEQUENCE {extnID, critical DEFAULT FALSE, extnValue}.
Bytes extension(std::string_view oid, bool critical, ByteView value);
// UTCTime through 2049, then GeneralizedTime (RFC 5280 4.1.2.5).
Bytes encode_time(Time time);
// A BIT STRING of whole octets.
Bytes bit_string(ByteView octets);
// AuthorityKeyIdentifier with the issuer's key identifier alone.
Bytes authority_key_id(const Certificate& issuer);

}  // namespace tsp::x509
