// PNGs for tests, sound and not: a gradient, written with zlib.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "base/bytes.h"

namespace tsp::test {

struct PngOrder {
  std::uint32_t width = 1, height = 1;
  bool alpha = false;
  std::uint32_t rows = 0xffffffff;  // as many are there; the header still says `height`
  bool animated = false;
};

inline void append_chunk(Bytes& to, std::string_view type, ByteView data) {
  Bytes body = to_bytes(as_bytes(type));
  append(body, data);
  append_u32(to, static_cast<std::uint32_t>(data.size()));
  append(to, body);
  append_u32(to,
             static_cast<std::uint32_t>(::crc32(0, body.data(), static_cast<uInt>(body.size()))));
}

inline Bytes png_of(const PngOrder& order) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  append_u32(header, order.width);
  append_u32(header, order.height);
  append(header, Bytes{8, static_cast<std::uint8_t>(order.alpha ? 6 : 2), 0, 0, 0});
  append_chunk(out, "IHDR", header);
  if (order.animated) append_chunk(out, "acTL", Bytes{0, 0, 0, 1, 0, 0, 0, 0});
  Bytes row, raw;
  for (std::uint32_t x = 0; x < order.width && x < 8192; ++x) {
    append(row, Bytes{static_cast<std::uint8_t>(x), 0x20, 0x80});
    if (order.alpha) row.push_back(static_cast<std::uint8_t>(x * 4));
  }
  for (std::uint32_t y = 0; y < order.height && y < order.rows; ++y) {
    raw.push_back(0);
    append(raw, row);
  }
  uLongf size = ::compressBound(static_cast<uLong>(raw.size()));
  Bytes packed(size);
  if (::compress(packed.data(), &size, raw.data(), static_cast<uLong>(raw.size())) != Z_OK)
    throw std::runtime_error("compress");
  packed.resize(size);
  append_chunk(out, "IDAT", packed);
  append_chunk(out, "IEND", {});
  return out;
}

}  // namespace tsp::test
