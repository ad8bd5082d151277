#include "sam/manifest.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "cms/signed_data.h"
#include "crypto/digest.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kMagic = "tsp manifest 1\n", kEntryMagic = "tsp manifest entry 1\n";
constexpr std::size_t kMostEntries = 10000;
constexpr std::size_t kLongestName = 1024, kMostAttributes = 64 * 1024;  // octets
constexpr std::size_t kLeastEntry = 5 * 4;       // octets: four fields and a number
constexpr std::uint32_t kMostPages = 100000000;  // no PDF has more objects
constexpr const char* kNothingSigned = "nothing was signed";

void append_entry(Bytes& to, const ManifestEntry& entry) {
  append_field(to, as_bytes(entry.name));
  append_u32(to, entry.pages);
  append_field(to, entry.file_sha256);
  append_field(to, entry.content_digest);
  append_field(to, entry.signed_attributes);
}

std::string called(const Manifest& manifest, std::size_t at) {
  const std::string& name = manifest.entries[at].name;
  return fmt::format("entry {}{}", at + 1, name.empty() ? "" : " (" + printable(name) + ")");
}

[[noreturn]] void refuse(Fault fault, const Manifest& manifest, std::size_t at, std::string why) {
  throw Error(fault, "the manifest's " + called(manifest, at) + " is refused", std::move(why),
              kNothingSigned);
}

void check_shape(const Manifest& manifest, std::size_t at) {
  const ManifestEntry& entry = manifest.entries[at];
  const bool bare = entry.signed_attributes.empty();
  if (entry.content_digest.size() != crypto::size_of(manifest.hash))
    refuse(Fault::bad_input, manifest, at,
           fmt::format("its content digest has {} octets, {} has {}", entry.content_digest.size(),
                       crypto::name_of(manifest.hash), crypto::size_of(manifest.hash)));
  if (entry.file_sha256.size() != 32 && !(bare && entry.file_sha256.empty()))
    refuse(Fault::bad_input, manifest, at, "its file digest is no SHA-256");
  if (entry.name.size() > kLongestName || !is_utf8(entry.name) ||
      printable(entry.name) != entry.name || (entry.name.empty() && !bare))
    refuse(Fault::bad_input, manifest, at, "its name cannot be shown as it is");
  if (entry.pages > kMostPages || (bare && entry.pages != 0))
    refuse(Fault::bad_input, manifest, at, "it cannot have so many pages");
  if (entry.signed_attributes.size() > kMostAttributes)
    refuse(Fault::bad_input, manifest, at, "its signed attributes are too long");
}

cms::AttributesContent parse(const Manifest& manifest, std::size_t at) {
  try {
    return cms::parse_signed_attributes(manifest.entries[at].signed_attributes);
  } catch (const Error& error) {
    refuse(Fault::bad_input, manifest, at, "its signed attributes are malformed: " + error.message);
  }
}

Bytes dtbs_of(const Manifest& manifest, std::size_t at, const x509::Certificate& credential) {
  const ManifestEntry& entry = manifest.entries[at];
  check_shape(manifest, at);
  if (entry.signed_attributes.empty()) return entry.content_digest;
  const cms::AttributesContent content = parse(manifest, at);
  if (!equal(content.message_digest, entry.content_digest))
    refuse(Fault::policy_refused, manifest, at,
           "its signed attributes hold another content digest than the one shown");
  if (content.certificate_hash == crypto::HashAlgorithm::sha1)
    refuse(Fault::policy_refused, manifest, at,
           "its signed attributes name the certificate by SHA-1");
  if (!equal(content.certificate_digest,
             crypto::digest(content.certificate_hash, credential.der())))
    refuse(Fault::policy_refused, manifest, at, "its signed attributes name another certificate");
  if (!cms::issuer_serial_fits(content, credential))
    refuse(Fault::policy_refused, manifest, at,
           "its signed attributes name the issuer or serial number of another certificate");
  return crypto::digest(manifest.hash, entry.signed_attributes);
}

}  // namespace

Bytes encode(const Manifest& manifest) {
  Bytes out = to_bytes(as_bytes(kMagic));
  append_field(out, as_bytes(crypto::name_of(manifest.hash)));
  append_u32(out, static_cast<std::uint32_t>(manifest.entries.size()));
  for (const ManifestEntry& entry : manifest.entries) append_entry(out, entry);
  return out;
}

Manifest decode_manifest(ByteView octets) {
  const Error none(Fault::bad_input, "cannot read the manifest",
                   "these octets are none, or were cut off or added to", kNothingSigned);
  ByteReader reader(octets);
  const auto magic = reader.take(kMagic.size());
  const auto hash = crypto::parse_hash(as_text(reader.field().value_or(ByteView())));
  const auto count = reader.u32();
  if (!magic || as_text(*magic) != kMagic || !hash || hash == crypto::HashAlgorithm::sha1 ||
      !count || *count == 0 || *count > kMostEntries || *count > reader.left() / kLeastEntry)
    throw none;
  Manifest manifest{*hash, {}};
  manifest.entries.reserve(*count);
  for (std::size_t at = 0; at < *count; ++at) {
    const auto name = reader.field();
    const auto pages = reader.u32();
    const auto file = reader.field(), content = reader.field(), attributes = reader.field();
    if (!attributes) throw none;
    manifest.entries.push_back({std::string(as_text(*name)), to_bytes(*file), to_bytes(*content),
                                to_bytes(*attributes), *pages});
    check_shape(manifest, at);
  }
  if (!reader.done()) throw none;
  return manifest;
}

Bytes manifest_hash(const Manifest& manifest) {
  return crypto::sha256(encode(manifest));
}

Bytes entry_hash(const Manifest& manifest, std::size_t entry) {
  Bytes out = to_bytes(as_bytes(kEntryMagic));
  append_field(out, as_bytes(crypto::name_of(manifest.hash)));
  append_entry(out, manifest.entries.at(entry));
  return crypto::sha256(out);
}

std::optional<Bytes> dtbs_sha256(const Manifest& manifest, std::size_t entry) {
  const ManifestEntry& of = manifest.entries.at(entry);
  if (!of.signed_attributes.empty()) return crypto::sha256(of.signed_attributes);
  if (manifest.hash == crypto::HashAlgorithm::sha256) return of.content_digest;
  return std::nullopt;
}

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
  if (manifest.entries.empty())
    throw Error(Fault::bad_input, "the manifest is refused", "it names no document",
                kNothingSigned);
  if (manifest.entries.size() > kMostEntries)
    throw Error(Fault::bad_input, "the manifest is refused",
                fmt::format("it names more than {} documents", kMostEntries), kNothingSigned);
  std::vector<Bytes> out;
  std::set<Bytes> seen;
  out.reserve(manifest.entries.size());
  for (std::size_t at = 0; at < manifest.entries.size(); ++at) {
    out.push_back(dtbs_of(manifest, at, credential));
    if (!seen.insert(out.back()).second)
      refuse(Fault::bad_input, manifest, at, "the same is to be signed twice");
  }
  return out;
}

}  // namespace tsp::sam
