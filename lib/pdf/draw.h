// Drawing of visible signatures with PoDoFo: what we make ourselves, never what comes from outside.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace tsp::pdf {

struct Appearance {
  double width = 0, height = 0;    // points
  std::vector<std::string> lines;  // UTF-8; the first is drawn larger
  Bytes png;                       // optional, drawn at the left (or alone when there are no lines)
  std::string font_file;           // TrueType; empty: DejaVu Sans where Debian puts it
};

// Code points of `text` that the font cannot draw or that need shaping (Arabic, Indic, …), which
// PoDoFo does not do; empty: all can be drawn.
std::u32string undrawable(const std::string& text, const std::string& font_file = {});

// A PDF of one page of exactly that size with subset fonts embedded; text fitted to the box. Throws
// Error{policy_refused} that names the letters and --image as the way out, Error{bad_input} for a
// PNG that is none or too large (4096 × 4096).
Bytes draw_appearance(const Appearance& appearance);

}  // namespace tsp::pdf
