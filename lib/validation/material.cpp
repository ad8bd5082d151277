#include "validation/material.h"

#include "crypto/digest.h"

namespace tsp::validation {
namespace {

// The new ones among `all`, from the place on that is not known yet.
template <class T>
void take_new(std::vector<T>& all, std::vector<Material::Piece>& pieces,
              std::map<ObjectId, std::size_t>& known, Origin origin) {
  std::size_t kept = pieces.size();
  for (std::size_t i = kept; i < all.size(); ++i) {
    ObjectId id = id_of(all[i].der());
    if (!known.emplace(id, kept).second) continue;
    pieces.push_back({std::move(id), origin});
    if (kept != i) all[kept] = std::move(all[i]);
    ++kept;
  }
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(kept), all.end());
}

}  // namespace

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::given:
      return "given";
    case Origin::document:
      return "document";
    case Origin::signature:
      return "signature";
    case Origin::timestamp:
      return "timestamp";
    case Origin::fetched:
      return "fetched";
  }
  return "given";
}

ObjectId id_of(ByteView octets) {
  return crypto::sha256(octets);
}

void Material::take(trust::Evidence& evidence, Origin origin) {
  take_new(evidence.certificates, certificates_, known_certificates_, origin);
  take_new(evidence.crls, crls_, known_crls_, origin);
  take_new(evidence.ocsp, ocsp_, known_ocsp_, origin);
}

const Material::Piece& Material::of(const trust::RevocationVerdict& verdict) const {
  return verdict.source == trust::RevocationSource::crl ? crl(verdict.index) : ocsp(verdict.index);
}

const Material::Piece* Material::certificate(const ObjectId& id) const {
  const auto found = known_certificates_.find(id);
  return found == known_certificates_.end() ? nullptr : &certificates_[found->second];
}

}  // namespace tsp::validation
