// Which letters can be drawn as one glyph after the other, from left to right, and still be right.
// Internal to the room.
#pragma once

namespace tsp::pdf {

// By block of Unicode 15; says nothing about any font. False for right-to-left scripts, scripts
// that need shaping or reordering, combining marks, control and format characters.
bool stands_alone(char32_t letter);

}  // namespace tsp::pdf
