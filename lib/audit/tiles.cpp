#include "audit/tiles.h"

#include <fmt/format.h>

#include "audit/record.h"
#include "audit/tree.h"
#include "base/error.h"

namespace tsp::audit {

std::string tile_path(const std::string& level, std::uint64_t index, std::size_t width) {
  std::string path = fmt::format("{:03}", index % 1000);
  for (std::uint64_t rest = index / 1000; rest > 0; rest /= 1000)
    path = fmt::format("x{:03}/{}", rest % 1000, path);
  if (width != kTileWidth) path += fmt::format(".p/{}", width);
  return "tile/" + level + "/" + path;
}

Bytes encode_entries(const std::vector<Bytes>& entries) {
  Bytes bundle;
  for (const Bytes& entry : entries) {
    if (entry.size() > kRecordLimit)
      throw Error(Fault::failed, "cannot export the audit record", "it is too long for a tile");
    append_u16(bundle, static_cast<std::uint16_t>(entry.size()));
    tsp::append(bundle, entry);
  }
  return bundle;
}

std::optional<std::vector<Bytes>> decode_entries(ByteView bundle) {
  ByteReader reader(bundle);
  std::vector<Bytes> entries;
  while (reader.left() > 0) {
    const auto size = reader.u16();
    const auto entry = size ? reader.take(*size) : std::nullopt;
    if (!entry) return std::nullopt;
    entries.push_back(to_bytes(*entry));
  }
  return entries;
}

void TileBuilder::append(std::size_t level, ByteView hash) {
  if (levels_.size() == level) levels_.emplace_back();
  levels_[level].hashes.push_back(to_bytes(hash));
  if (levels_[level].hashes.size() < kTileWidth) return;
  Frontier tile;
  for (const Bytes& member : levels_[level].hashes) tile.append(member);
  give(level);
  ++levels_[level].full;
  levels_[level].hashes.clear();
  append(level + 1, tile.root());
}

void TileBuilder::give(std::size_t level) {
  Bytes hashes;
  for (const Bytes& hash : levels_[level].hashes) tsp::append(hashes, hash);
  sink_(level, levels_[level].full, hashes);
}

void TileBuilder::finish() {
  for (std::size_t level = 0; level < levels_.size(); ++level)
    if (!levels_[level].hashes.empty()) give(level);
}

}  // namespace tsp::audit
