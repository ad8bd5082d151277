// The face of libtsp_draw.so, the module that holds all code that calls PoDoFo or libpng. Internal
// to the room: everybody else calls pdf/draw.h, which loads the module at the first drawing.
//
// Why a module: PoDoFo brings some twenty libraries along (fontconfig, TIFF, WebP, …). Linked into
// the program they cost every process about 2 ms of loading and relocating, a third of what an
// empty program linked with OpenSSL and qpdf takes; most commands draw nothing.
//
// Program and module come from one build, so standard types cross the border; exceptions do not:
// whatever goes wrong inside is told in the answer. Not safe from several threads at once.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace tsp::pdf::drawing {

struct Drawing {
  double width = 0, height = 0;  // points, sound numbers above 0
  std::vector<std::u32string> lines;
  ByteView png;  // empty: none
  std::string font_file;
};

enum class Outcome {
  done,
  bad_picture,  // `why` says what is wrong with the PNG
  bad_font,     // `why` says what is wrong with the font file
  too_long,     // the text does not fit; `width` × `height` points of the same shape would do
  failed,
};

struct Answer {
  Outcome outcome = Outcome::failed;
  std::string why;
  Bytes pdf;
  std::u32string missing;
  double width = 0, height = 0;
};

// Draws; fills `pdf`. Letters that the font lacks are the caller's affair.
using DrawFunction = void(const Drawing& drawing, Answer& answer);
// The letters of `text` for which the font's cmap has no glyph go to `missing`, each once.
using MissingFunction = void(const std::string& font_file, const std::u32string& text,
                             Answer& answer);

inline constexpr const char* kModule = "libtsp_draw.so";
inline constexpr const char* kDraw = "tsp_draw";
inline constexpr const char* kMissing = "tsp_draw_missing";

}  // namespace tsp::pdf::drawing
