#include "pdf/drawing/picture.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tsp::pdf::drawing {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kChannels = 4;  // what libpng is asked for: RGBA

// Walks length, type, data, CRC of every chunk up to IEND. Checksums are libpng's affair.
Picture walk(ByteView png) {
  ByteReader reader(png);
  const auto signature = reader.take(kSignature.size());
  if (!signature || !equal(*signature, kSignature)) throw BadPicture("it is not a PNG");
  Picture out;
  bool has_data = false;
  for (bool first = true;; first = false) {
    const auto length = reader.u32();
    const auto type_octets = reader.take(4);
    const auto data = length ? reader.take(*length) : std::nullopt;
    if (!type_octets || !data || !reader.u32()) throw BadPicture("the PNG is cut off");
    const std::string_view type = as_text(*type_octets);
    if (first != (type == "IHDR")) throw BadPicture("the PNG does not begin with its header");
    if (type == "IHDR") {
      ByteReader header(*data);
      out.width = header.u32().value_or(0);
      out.height = header.u32().value_or(0);
    }
    if (type == "acTL") throw BadPicture("the PNG is animated; a signature shows one picture");
    if (type == "IDAT") has_data = true;
    if (type == "IEND") break;
  }
  if (!has_data || out.width == 0 || out.height == 0) throw BadPicture("the PNG has no picture");
  if (out.width > kMostPixels || out.height > kMostPixels) {
    throw BadPicture("the PNG has " + std::to_string(out.width) + " × " +
                     std::to_string(out.height) + " pixels; at most " +
                     std::to_string(kMostPixels) + " × " + std::to_string(kMostPixels));
  }
  return out;
}

struct Decoder {
  Decoder() { image.version = PNG_IMAGE_VERSION; }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_image_free(&image); }
  png_image image{};
};

// libpng's simplified reader: no callbacks, no longjmp through our frames, nothing on stderr.
Bytes rgba_of(ByteView png, const Picture& size) {
  Decoder decoder;
  png_image& image = decoder.image;
  if (png_image_begin_read_from_memory(&image, png.data(), png.size()) == 0)
    throw BadPicture("the PNG is damaged: " + std::string(image.message));
  if (image.width != size.width || image.height != size.height)
    throw BadPicture("the PNG is damaged: two sizes");
  image.format = PNG_FORMAT_RGBA;
  Bytes out(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, out.data(), 0, nullptr) == 0)
    throw BadPicture("the PNG is damaged: " + std::string(image.message));
  return out;
}

// Every square of `factor` × `factor` pixels becomes one; colours weigh as much as they cover.
Bytes shrink(const Bytes& rgba, Picture& size, std::uint32_t factor) {
  const std::uint32_t width = (size.width + factor - 1) / factor;
  const std::uint32_t height = (size.height + factor - 1) / factor;
  Bytes out;
  out.reserve(std::size_t{width} * height * kChannels);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      std::array<std::uint64_t, 3> sum{};
      std::uint64_t covered = 0, pixels = 0;
      for (std::uint32_t row = y * factor; row < std::min((y + 1) * factor, size.height); ++row) {
        for (std::uint32_t at = x * factor; at < std::min((x + 1) * factor, size.width); ++at) {
          const std::uint8_t* pixel =
              rgba.data() + (std::size_t{row} * size.width + at) * kChannels;
          for (std::size_t c = 0; c < 3; ++c) sum[c] += std::uint64_t{pixel[c]} * pixel[3];
          covered += pixel[3];
          ++pixels;
        }
      }
      for (const std::uint64_t c : sum)
        out.push_back(covered == 0 ? 255 : static_cast<std::uint8_t>((c + covered / 2) / covered));
      out.push_back(static_cast<std::uint8_t>((covered + pixels / 2) / pixels));
    }
  }
  size.width = width;
  size.height = height;
  return out;
}

// Leaves out the channels that say nothing.
void split(const Bytes& rgba, Picture& out) {
  bool opaque = true;
  out.grey = true;
  for (std::size_t i = 0; i < rgba.size(); i += kChannels) {
    opaque = opaque && rgba[i + 3] == 255;
    out.grey = out.grey && rgba[i] == rgba[i + 1] && rgba[i] == rgba[i + 2];
  }
  const std::size_t pixels = rgba.size() / kChannels;
  const std::size_t kept = out.grey ? 1 : 3;
  out.colour.resize(pixels * kept);
  if (!opaque) out.alpha.resize(pixels);
  std::uint8_t* colour = out.colour.data();
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* pixel = rgba.data() + i * kChannels;
    colour = std::copy_n(pixel, kept, colour);
    if (!opaque) out.alpha[i] = pixel[3];
  }
}

}  // namespace

Picture picture_size(ByteView png) {
  return walk(png);
}

Picture decode_picture(ByteView png, double most_width, double most_height) {
  Picture out = walk(png);
  Bytes rgba = rgba_of(png, out);
  const double factor = std::min(out.width / most_width, out.height / most_height);
  if (factor >= 2) rgba = shrink(rgba, out, static_cast<std::uint32_t>(factor));
  split(rgba, out);
  return out;
}

}  // namespace tsp::pdf::drawing
