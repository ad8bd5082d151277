#include "sam/manifest_view.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sam/fingerprint.h"

namespace tsp::sam {
namespace {

std::string duration_text(std::uint32_t seconds) {
  if (seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

}  // namespace

std::vector<std::string> manifest_lines(const Manifest& manifest) {
  const auto count = manifest.entries.size();
  std::vector<std::string> lines{fmt::format("{} document{}", count, count == 1 ? "" : "s")};
  if (const auto& made = manifest.one_shot) {
    lines.push_back(
        fmt::format("A new {} key and certificate (SCAL {}), for these signatures alone:",
                    printable(made->algorithm), made->scal));
    lines.push_back(fmt::format("     {}, valid for {}", printable(made->subject),
                                duration_text(made->seconds)));
  }
  for (std::size_t at = 0; at < count; ++at) {
    const sam::ManifestEntry& entry = manifest.entries[at];
    const bool bare = is_bare(manifest, entry);
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
