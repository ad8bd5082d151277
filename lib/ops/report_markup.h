// Text and tags of XML and HTML. Internal to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tsp::ops {

// For text and for attributes in double quotes. Control characters and what XML 1.0 has no place
// for become U+FFFD.
std::string escaped(std::string_view text);
// <name>escaped text</name>
std::string element(std::string_view name, std::string_view text);
// "2026-11-21 09:30:00 UTC"; empty for nothing
std::string for_people(const std::optional<Time>& time);

}  // namespace tsp::ops
