// pdf::drawing::decode_picture: a PNG that somebody gives as his signature's picture.
#include "pdf/drawing/picture.h"

#include "fuzz/fuzz.h"

using namespace tsp::pdf::drawing;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Picture head = picture_size({data, size});
    if (head.width > 512 || head.height > 512) return 0;  // large ones only cost time
    const Picture picture = decode_picture({data, size}, 64, 64);
    const std::size_t pixels = std::size_t{picture.width} * picture.height;
    tsp::fuzz::check(picture.colour.size() == pixels * (picture.grey ? 1 : 3),
                     "a sample for every pixel");
    tsp::fuzz::check(picture.alpha.empty() || picture.alpha.size() == pixels,
                     "an alpha value for every pixel, or none");
  } catch (const BadPicture&) {  // an answer
  }
  return 0;
}
