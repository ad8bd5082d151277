// A PNG (ISO/IEC 15948), decoded for the page. The file comes from a person and is taken as
// hostile: its chunks are walked and its size is judged before libpng sees it.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "base/bytes.h"

namespace tsp::pdf::drawing {

inline constexpr std::uint32_t kMostPixels = 4096;  // a side

struct BadPicture : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Eight bits a channel, rows from the top without padding.
struct Picture {
  std::uint32_t width = 0, height = 0;
  Bytes colour;  // RGB, or one octet a pixel where `grey`
  Bytes alpha;   // empty: opaque
  bool grey = false;
};

// Colour types, depths and interlacing are libpng's; embedded colour profiles are ignored. Throws
// BadPicture for what is no PNG, is cut off, has more than kMostPixels a side, or is animated.
// With `most_width` and `most_height` (pixels) a picture of at least twice that size is averaged
// down, so that a signed document does not carry a photograph for a stamp.
Picture decode_picture(ByteView png, double most_width, double most_height);

// Width and height alone, with the same checks of shape.
Picture picture_size(ByteView png);

}  // namespace tsp::pdf::drawing
