#include "cms/algorithm_identifier.h"

#include <algorithm>
#include <array>

namespace tsp::cms {
namespace {

namespace der = crypto::der;
using crypto::HashAlgorithm;
using crypto::Scheme;

constexpr std::string_view kRsaEncryption = "1.2.840.113549.1.1.1", kMgf1 = "1.2.840.113549.1.1.8";

// OID and parameters; nothing when malformed.
struct Identifier {
  std::string oid;
  std::optional<ber::Element> parameters;
  bool plain() const {  // absent or NULL
    return !parameters || (parameters->tag == der::kNull && parameters->content.empty());
  }
};
std::optional<Identifier> read_identifier(const ber::Element& element) {
  const auto fields = ber::children(element.content);
  if (element.tag != der::kSequence || !fields || fields->empty() || fields->size() > 2 ||
      fields->front().tag != der::kOid)
    return std::nullopt;
  Identifier out{der::dotted(fields->front().content), std::nullopt};
  if (fields->size() == 2) out.parameters = fields->back();
  return out;
}

// The one element inside an explicit tag.
std::optional<ber::Element> inside(const ber::Element& tagged) {
  const auto inner = ber::first(tagged.content);
  if (!inner || inner->whole.size() != tagged.content.size()) return std::nullopt;
  return inner;
}

bool is_mgf1_of(const ber::Element& element, HashAlgorithm hash) {
  const auto identifier = read_identifier(element);
  return identifier && identifier->oid == kMgf1 && identifier->parameters &&
         digest_algorithm(*identifier->parameters) == hash;
}

// RSASSA-PSS-params, RFC 4055 section 3.1. Its defaults are SHA-1 with a salt of 20 octets, so
// absent members fit only that.
bool pss_fits(const Identifier& identifier, HashAlgorithm hash) {
  if (!identifier.parameters || identifier.parameters->tag != der::kSequence) return false;
  const auto fields = ber::children(identifier.parameters->content);
  if (!fields) return false;
  const bool defaults_fit = hash == HashAlgorithm::sha1;
  std::array<bool, 3> fits{defaults_fit, defaults_fit, defaults_fit};
  std::uint8_t last = 0;
  for (const ber::Element& field : *fields) {
    const auto value = inside(field);
    if (!value || field.tag <= last) return false;
    last = field.tag;
    if (field.tag == der::context(0)) {
      fits[0] = digest_algorithm(*value) == hash;
    } else if (field.tag == der::context(1)) {
      fits[1] = is_mgf1_of(*value, hash);
    } else if (field.tag == der::context(2)) {
      const auto salt = value->tag == der::kInteger ? ber::small_integer(value->content) : -1;
      fits[2] = salt == static_cast<int>(crypto::size_of(hash));
    } else if (field.tag != der::context(3) || value->tag != der::kInteger ||
               ber::small_integer(value->content) != 1) {
      return false;
    }
  }
  return std::ranges::all_of(fits, [](bool fit) { return fit; });
}

// Whether `oid` is the one that crypto writes for scheme and hash.
bool is_identifier_of(const std::string& oid, Scheme scheme, HashAlgorithm hash) {
  const Bytes written = crypto::signature_identifier(scheme, hash);
  const auto fields = der::children(der::first(written)->content);
  return der::dotted(fields->front().content) == oid;
}

std::optional<Scheme> scheme_of(const Identifier& identifier, HashAlgorithm hash) {
  // RFC 3370 section 3.2: rsaEncryption, the hash being the message's digest algorithm.
  if (identifier.oid == kRsaEncryption)
    return identifier.plain() ? std::optional(Scheme::rsa_pkcs1) : std::nullopt;
  for (Scheme scheme : {Scheme::ecdsa, Scheme::rsa_pkcs1})
    if (is_identifier_of(identifier.oid, scheme, hash))
      return identifier.plain() ? std::optional(scheme) : std::nullopt;
  if (is_identifier_of(identifier.oid, Scheme::rsa_pss, hash))
    return pss_fits(identifier, hash) ? std::optional(Scheme::rsa_pss) : std::nullopt;
  // RFC 8419 section 3.1: SHA-512 beside Ed25519, no parameters.
  if (is_identifier_of(identifier.oid, Scheme::ed25519, hash) && hash == HashAlgorithm::sha512 &&
      !identifier.parameters)
    return Scheme::ed25519;
  return std::nullopt;
}

}  // namespace

std::optional<HashAlgorithm> digest_algorithm(const ber::Element& element) {
  const auto identifier = read_identifier(element);
  if (!identifier || !identifier->plain()) return std::nullopt;
  return crypto::hash_of_oid(identifier->oid);
}

SignatureAlgorithm signature_algorithm(const ber::Element& element,
                                       std::optional<HashAlgorithm> hash) {
  const auto identifier = read_identifier(element);
  if (!identifier) return {};
  return {identifier->oid, hash ? scheme_of(*identifier, *hash) : std::nullopt};
}

}  // namespace tsp::cms
