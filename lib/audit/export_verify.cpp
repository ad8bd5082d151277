#include <algorithm>

#include "audit/examination.h"
#include "audit/export.h"
#include "audit/tiles.h"
#include "base/error.h"
#include "base/files.h"

namespace tsp::audit {
namespace {

constexpr std::size_t kBundleLimit = kTileWidth * (kRecordLimit + 2);

// The first record under a tile's hash, for damage in it.
std::int64_t first_record(std::size_t level, std::uint64_t index, std::size_t hash) {
  std::uint64_t record = index * kTileWidth + hash;
  for (; level > 0; --level) record *= kTileWidth;
  return static_cast<std::int64_t>(record);
}

class ExportedTree {
 public:
  ExportedTree(std::string directory, const VerifyOptions& options)
      : directory_(std::move(directory)),
        examination_(options),
        tiles_([this](std::size_t level, std::uint64_t index, ByteView hashes) {
          compare_tile(level, index, hashes);
        }) {}

  Verdict verify() {
    const std::string note(as_text(read_file(directory_ + "/checkpoint", 1 << 20)));
    const auto checkpoint = unverified_checkpoint(note);
    examination_.own_note(note, std::nullopt);
    if (!checkpoint) return examination_.verdict(0);
    for (std::uint64_t first = 0; first < checkpoint->size; first += kTileWidth)
      if (!read_bundle(first / kTileWidth, static_cast<std::size_t>(std::min<std::uint64_t>(
                                               kTileWidth, checkpoint->size - first))))
        break;
    const bool whole = examination_.tree().size() == checkpoint->size;
    if (whole) tiles_.finish();
    return examination_.verdict(static_cast<std::int64_t>(checkpoint->size));
  }

 private:
  std::optional<Bytes> read(const std::string& name, std::size_t limit, std::int64_t seq) {
    try {
      return read_file(directory_ + "/" + name, limit);
    } catch (const Error& error) {
      if (error.fault != Fault::not_found && error.fault != Fault::bad_input) throw;
      examination_.damage(seq, "truncated", name + " is missing or too long");
      return std::nullopt;
    }
  }

  bool read_bundle(std::uint64_t index, std::size_t width) {
    const std::string name = tile_path("entries", index, width);
    const std::int64_t seq = first_record(0, index, 0);
    const auto octets = read(name, kBundleLimit, seq);
    if (!octets) return false;
    const auto entries = decode_entries(*octets);
    if (!entries || entries->size() != width) {
      examination_.damage(seq, "record", name + " is malformed");
      return false;
    }
    return std::all_of(entries->begin(), entries->end(), [this](const Bytes& entry) {
      if (!examination_.record(entry)) return false;
      tiles_.append(leaf_hash(entry));
      return true;
    });
  }

  void compare_tile(std::size_t level, std::uint64_t index, ByteView hashes) {
    const std::string name = tile_path(std::to_string(level), index, hashes.size() / 32);
    const auto kept = read(name, kTileWidth * 32, first_record(level, index, 0));
    if (!kept || equal(*kept, hashes)) return;
    const auto differs = std::mismatch(kept->begin(), kept->end(), hashes.begin(), hashes.end());
    const auto at = static_cast<std::size_t>(differs.first - kept->begin()) / 32;
    examination_.damage(first_record(level, index, at), "hash",
                        name + " is not the tile of the records");
  }

  std::string directory_;
  Examination examination_;
  TileBuilder tiles_;
};

}  // namespace

Verdict verify_export(const std::string& directory, const VerifyOptions& options) {
  return ExportedTree(directory, options).verify();
}

}  // namespace tsp::audit
