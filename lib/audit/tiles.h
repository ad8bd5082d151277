// The layout of C2SP tlog-tiles: full tiles have 256 hashes; what is right of them is partial.
//
//     tile/<L>/<N>[.p/<W>]        hashes of level L: heads of 256^L records each
//     tile/entries/<N>[.p/<W>]    records, each after its length (u16)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tsp::audit {

inline constexpr std::size_t kTileWidth = 256;

// "tile/0/x001/234", "tile/entries/000.p/5"; `level` as text: a number or "entries".
std::string tile_path(const std::string& level, std::uint64_t index, std::size_t width);

// Each entry after its length, a big-endian u16. Entries over 65535 octets are Error{failed}.
Bytes encode_entries(const std::vector<Bytes>& entries);
// Nothing when malformed.
std::optional<std::vector<Bytes>> decode_entries(ByteView bundle);

// Leaf hashes go in, tiles come out: full ones at once, the partial ones by finish(). Memory: one
// tile a level.
class TileBuilder {
 public:
  using Sink = std::function<void(std::size_t level, std::uint64_t index, ByteView hashes)>;
  explicit TileBuilder(Sink sink) : sink_(std::move(sink)) {}
  void append(ByteView leaf) { append(0, leaf); }
  void finish();

 private:
  struct Level {
    std::uint64_t full = 0;  // tiles given out
    std::vector<Bytes> hashes;
  };
  void append(std::size_t level, ByteView hash);
  void give(std::size_t level);
  std::vector<Level> levels_;
  Sink sink_;
};

}  // namespace tsp::audit
