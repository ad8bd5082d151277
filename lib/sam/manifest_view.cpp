#include "sam/manifest_view.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sam/fingerprint.h"

namespace tsp::sam {

std::vector<std::string> manifest_lines(const Manifest& manifest) {
  const auto count = manifest.entries.size();
  std::vector<std::string> lines{fmt::format("{} document{}", count, count == 1 ? "" : "s")};
  for (std::size_t at = 0; at < count; ++at) {
    const sam::ManifestEntry& entry = manifest.entries[at];
    const bool bare = entry.signed_attributes.empty();
    const Bytes& digest = bare ? entry.content_digest : entry.file_sha256;
    std::string name = bare ? "digest only, content unknown" : printable(entry.name);
    if (entry.pages > 0)
      name += fmt::format(" ({} page{})", entry.pages, entry.pages == 1 ? "" : "s");
    lines.push_back(fmt::format("{:>3}. {}", at + 1, name));
    lines.push_back(fmt::format("     {} {}", bare ? crypto::name_of(manifest.hash) : "SHA-256",
                                sam::short_hex(digest)));
    lines.push_back("     " + sam::words_of(digest));
  }
  return lines;
}

}  // namespace tsp::sam
