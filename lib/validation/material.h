// What a validation has at hand, each piece once, with its name (the SHA-256 of its octets) and
// where it came from (EN 319 102-1, 5.1.4.2: certificate validation data).
#pragma once

#include <map>
#include <vector>

#include "trust/revocation.h"

namespace tsp::validation {

enum class Origin { given, document, signature, timestamp, fetched };
std::string_view name_of(Origin origin);  // "given", "document", …

// The SHA-256 of an object's octets: what proofs of existence speak of.
using ObjectId = Bytes;
ObjectId id_of(ByteView octets);

class Material {
 public:
  // Takes note of what was added to `evidence` since the last call. What was there already goes
  // away again. `evidence` only grows, and is always the same.
  void take(trust::Evidence& evidence, Origin origin);

  struct Piece {
    ObjectId id;
    Origin origin;
  };
  const Piece& crl(std::size_t index) const { return crls_.at(index); }
  const Piece& ocsp(std::size_t index) const { return ocsp_.at(index); }
  const Piece& of(const trust::RevocationVerdict& verdict) const;
  // Nothing for a certificate that is not in the evidence.
  const Piece* certificate(const ObjectId& id) const;

 private:
  std::vector<Piece> crls_, ocsp_, certificates_;
  std::map<ObjectId, std::size_t> known_crls_, known_ocsp_, known_certificates_;
};

}  // namespace tsp::validation
