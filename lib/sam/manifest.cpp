#include "sam/manifest.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "sam/manifest_shape.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kManifestMagic = "tsp manifest 1\n",
                           kEntryMagic = "tsp manifest entry 1\n",
                           kOneShotMagic = "tsp one-shot manifest 1\n",
                           kOneShotEntryMagic = "tsp one-shot entry 1\n";
constexpr std::size_t kLongestFileName = 1024, kMostAttributes = 64 * 1024;  // octets
constexpr std::size_t kLongestSubject = 4096;
constexpr std::size_t kLeastEntry = 5 * 4;       // octets: four fields and a number
constexpr std::uint32_t kMostPages = 100000000;  // no PDF has more objects
constexpr std::uint32_t kDay = 24 * 60 * 60;     // seconds

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

bool is_sound(const OneShot& said) {
  return !said.subject.empty() && said.subject.size() <= kLongestSubject && is_utf8(said.subject) &&
         printable(said.subject) == said.subject && crypto::parse_key_algorithm(said.algorithm) &&
         said.seconds >= 1 && said.seconds <= kDay && (said.scal == 1 || said.scal == 2);
}

}  // namespace

void refuse_entry(Fault fault, const Manifest& manifest, std::size_t at, std::string why) {
  throw Error(fault, "the manifest's " + called(manifest, at) + " is refused", std::move(why),
              kNothingSigned);
}

void check_shape(const Manifest& manifest, std::size_t at) {
  const ManifestEntry& entry = manifest.entries[at];
  const bool bare = is_bare(manifest, entry);
  if (entry.content_digest.size() != crypto::size_of(manifest.hash))
    refuse_entry(
        Fault::bad_input, manifest, at,
        fmt::format("its content digest has {} octets, {} has {}", entry.content_digest.size(),
                    crypto::name_of(manifest.hash), crypto::size_of(manifest.hash)));
  if (entry.file_sha256.size() != 32 && !(bare && entry.file_sha256.empty()))
    refuse_entry(Fault::bad_input, manifest, at, "its file digest is no SHA-256");
  if (entry.name.size() > kLongestFileName || !is_utf8(entry.name) ||
      printable(entry.name) != entry.name || (entry.name.empty() && !bare))
    refuse_entry(Fault::bad_input, manifest, at, "its name cannot be shown as it is");
  if (entry.pages > kMostPages || (bare && entry.pages != 0))
    refuse_entry(Fault::bad_input, manifest, at, "it cannot have so many pages");
  if (entry.signed_attributes.size() > kMostAttributes)
    refuse_entry(Fault::bad_input, manifest, at, "its signed attributes are too long");
  if (manifest.one_shot && !entry.signed_attributes.empty())
    refuse_entry(Fault::bad_input, manifest, at,
                 "it has signed attributes before there is a certificate");
}

void check_count(const Manifest& manifest) {
  if (!manifest.entries.empty() && manifest.entries.size() <= kMostEntries) return;
  throw Error(Fault::bad_input, "the manifest is refused",
              manifest.entries.empty()
                  ? "it names no document"
                  : fmt::format("it names more than {} documents", kMostEntries),
              kNothingSigned);
}

void check_one_shot_shape(const Manifest& manifest) {
  if (manifest.one_shot && !is_sound(*manifest.one_shot))
    throw Error(Fault::bad_input, "the manifest is refused",
                "what it says of the key and certificate to be made is none, or cannot be shown",
                kNothingSigned);
}

Bytes encode(const Manifest& manifest) {
  Bytes out = to_bytes(as_bytes(manifest.one_shot ? kOneShotMagic : kManifestMagic));
  append_field(out, as_bytes(crypto::name_of(manifest.hash)));
  if (const auto& made = manifest.one_shot) {
    append_field(out, as_bytes(made->subject));
    append_field(out, as_bytes(made->algorithm));
    append_u32(out, made->seconds);
    append_u32(out, static_cast<std::uint32_t>(made->scal));
  }
  append_u32(out, static_cast<std::uint32_t>(manifest.entries.size()));
  for (const ManifestEntry& entry : manifest.entries) append_entry(out, entry);
  return out;
}

namespace {

Error unreadable() {
  return {Fault::bad_input, "cannot read the manifest",
          "these octets are none, or were cut off or added to", kNothingSigned};
}

template <class Part>
Part part(std::optional<Part> read) {
  if (!read) throw unreadable();
  return *read;
}

std::string text(ByteReader& reader) {
  return std::string(as_text(part(reader.field())));
}

OneShot read_one_shot(ByteReader& reader) {
  OneShot made;
  made.subject = text(reader);
  made.algorithm = text(reader);
  made.seconds = part(reader.u32());
  const std::uint32_t scal = part(reader.u32());
  made.scal = scal <= 2 ? static_cast<int>(scal) : 0;
  return made;
}

ManifestEntry read_entry(ByteReader& reader) {
  ManifestEntry entry;
  entry.name = text(reader);
  entry.pages = part(reader.u32());
  entry.file_sha256 = to_bytes(part(reader.field()));
  entry.content_digest = to_bytes(part(reader.field()));
  entry.signed_attributes = to_bytes(part(reader.field()));
  return entry;
}

}  // namespace

Manifest decode_manifest(ByteView octets) {
  const bool one_shot = as_text(octets).starts_with(kOneShotMagic);
  if (!one_shot && !as_text(octets).starts_with(kManifestMagic)) throw unreadable();
  ByteReader reader(octets.subspan(one_shot ? kOneShotMagic.size() : kManifestMagic.size()));
  const auto hash = crypto::parse_hash(text(reader));
  if (!hash || hash == crypto::HashAlgorithm::sha1) throw unreadable();
  Manifest manifest{*hash, {}};
  if (one_shot) manifest.one_shot = read_one_shot(reader);
  const std::uint32_t count = part(reader.u32());
  if (count == 0 || count > kMostEntries || count > reader.left() / kLeastEntry) throw unreadable();
  check_one_shot_shape(manifest);
  manifest.entries.reserve(count);
  for (std::size_t at = 0; at < count; ++at) {
    manifest.entries.push_back(read_entry(reader));
    check_shape(manifest, at);
  }
  if (!reader.done()) throw unreadable();
  return manifest;
}

Bytes manifest_hash(const Manifest& manifest) {
  return crypto::sha256(encode(manifest));
}

Bytes entry_hash(const Manifest& manifest, std::size_t entry) {
  Bytes out = to_bytes(as_bytes(manifest.one_shot ? kOneShotEntryMagic : kEntryMagic));
  append_field(out, as_bytes(crypto::name_of(manifest.hash)));
  append_entry(out, manifest.entries.at(entry));
  return crypto::sha256(out);
}

std::optional<Bytes> dtbs_sha256(const Manifest& manifest, std::size_t entry) {
  const ManifestEntry& of = manifest.entries.at(entry);
  if (!of.signed_attributes.empty()) return crypto::sha256(of.signed_attributes);
  if (is_bare(manifest, of) && manifest.hash == crypto::HashAlgorithm::sha256)
    return of.content_digest;
  return std::nullopt;
}

}  // namespace tsp::sam
