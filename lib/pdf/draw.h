// Drawing of visible signatures with PoDoFo: what we make ourselves, never what comes from outside.
//
// PoDoFo and its twenty libraries are not linked with the program: the code that calls them is the
// module libtsp_draw.so, which the first call here loads (pdf/drawing/module.h has the numbers). It
// is looked for beside the program and in ../lib/tsp from there, nowhere else; Error{failed} where
// it is in neither place. Calls are serialised; never unloaded.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace tsp::pdf {

struct Appearance {
  double width = 0, height = 0;    // points, 1 to 14400
  std::vector<std::string> lines;  // UTF-8; the first is drawn larger; empty ones are left out
  Bytes png;                       // optional, drawn at the left (or alone when there are no lines)
  std::string font_file;           // TrueType; empty: DejaVu Sans where Debian puts it
};

// Code points of `text`, each once, that the font cannot draw or that need more than one glyph
// after the other from left to right (right-to-left scripts, scripts that need shaping, combining
// marks), which PoDoFo does not do; empty: all can be drawn. What is none of Latin, Greek,
// Cyrillic, Armenian, Georgian, kana, Han, Hangul syllables, punctuation and symbols counts as such
// a script. Invalid UTF-8 counts as U+FFFD, which cannot be drawn. Error{not_found} or {bad_input}
// for the font file.
std::u32string undrawable(const std::string& text, const std::string& font_file = {});

// A PDF of one page with MediaBox [0 0 width height], one content stream, resources on the page,
// subset fonts embedded and their text extractable; the background stays clear. Text is never cut:
// it is set at 14 points or less as the box allows, broken at spaces below 6 points, and has a thin
// frame. The picture keeps its shape and its alpha channel; large ones are averaged down, never
// below 300 dots an inch. Errors: {policy_refused} that names the letters and --image as the way
// out, or a larger box when the text does not fit at 4 points; {bad_input} for a PNG that is none,
// damaged, animated or larger than 4096 × 4096, and for an appearance without text and picture or
// of no sound size.
Bytes draw_appearance(const Appearance& appearance);

}  // namespace tsp::pdf
