// From a manifest to the data to be signed.
#include <set>

#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "sam/manifest_shape.h"

namespace tsp::sam {
namespace {

cms::AttributesContent parse(const Manifest& manifest, std::size_t at) {
  try {
    return cms::parse_signed_attributes(manifest.entries[at].signed_attributes);
  } catch (const Error& error) {
    refuse_entry(Fault::bad_input, manifest, at,
                 "its signed attributes are malformed: " + error.message);
  }
}

Bytes dtbs_of(const Manifest& manifest, std::size_t at, const x509::Certificate& credential) {
  const ManifestEntry& entry = manifest.entries[at];
  check_shape(manifest, at);
  if (entry.signed_attributes.empty()) return entry.content_digest;
  const cms::AttributesContent content = parse(manifest, at);
  if (!equal(content.message_digest, entry.content_digest))
    refuse_entry(Fault::policy_refused, manifest, at,
                 "its signed attributes hold another content digest than the one shown");
  if (content.certificate_hash == crypto::HashAlgorithm::sha1)
    refuse_entry(Fault::policy_refused, manifest, at,
                 "its signed attributes name the certificate by SHA-1");
  if (!equal(content.certificate_digest,
             crypto::digest(content.certificate_hash, credential.der())))
    refuse_entry(Fault::policy_refused, manifest, at,
                 "its signed attributes name another certificate");
  if (!cms::issuer_serial_fits(content, credential))
    refuse_entry(Fault::policy_refused, manifest, at,
                 "its signed attributes name the issuer or serial number of another certificate");
  return crypto::digest(manifest.hash, entry.signed_attributes);
}

}  // namespace

bool refers_to(ByteView signed_attributes, ByteView certificate_der) {
  try {
    const cms::AttributesContent content = cms::parse_signed_attributes(signed_attributes);
    return equal(content.certificate_digest,
                 crypto::digest(content.certificate_hash, certificate_der));
  } catch (const Error&) {
    return false;  // recompute_dtbs() says what is wrong with them
  }
}

std::vector<Bytes> recompute_dtbs(const Manifest& manifest, const x509::Certificate& credential) {
  check_count(manifest);
  if (manifest.one_shot)
    throw Error(Fault::bad_input, "the manifest is refused",
                "it was approved for a key and certificate of its own", kNothingSigned);
  std::vector<Bytes> out;
  std::set<Bytes> seen;
  out.reserve(manifest.entries.size());
  for (std::size_t at = 0; at < manifest.entries.size(); ++at) {
    out.push_back(dtbs_of(manifest, at, credential));
    if (!seen.insert(out.back()).second)
      refuse_entry(Fault::bad_input, manifest, at, "the same is to be signed twice");
  }
  return out;
}

void check_one_shot(const Manifest& manifest) {
  check_count(manifest);
  if (!manifest.one_shot)
    throw Error(Fault::bad_input, "the manifest is refused",
                "it says nothing of the key and certificate to be made", kNothingSigned);
  check_one_shot_shape(manifest);
  std::set<Bytes> seen;
  for (std::size_t at = 0; at < manifest.entries.size(); ++at) {
    check_shape(manifest, at);
    // The attributes differ by nothing else.
    if (!seen.insert(manifest.entries[at].content_digest).second)
      refuse_entry(Fault::bad_input, manifest, at, "the same is to be signed twice");
  }
}

Manifest with_attributes(const Manifest& one_shot, const x509::Certificate& credential) {
  Manifest out{one_shot.hash, one_shot.entries};
  for (ManifestEntry& entry : out.entries)
    entry.signed_attributes =
        cms::signed_attributes(one_shot.hash, entry.content_digest, credential);
  return out;
}

}  // namespace tsp::sam
