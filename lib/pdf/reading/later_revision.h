// What a revision behind a signature must be like, so that readers that go by its cross-reference
// data and those that look for objects themselves, as many do where something seems wrong to them,
// see the same. What was signed is not asked: it showed what it showed. Internal to the room,
// inside the jail.
#pragma once

#include "pdf/reading/history.h"

namespace tsp::pdf {

// Why it cannot be told what a revision of a history without damage says; empty when it can.
std::string oddity_of(Window& window, const Frame& frame, const History& history,
                      std::size_t revision);

// Where octets begin and end that are no objects' or not all of them: its cross-reference data with
// the trailers, and its end. Of a revision without oddity.
using Pieces = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Pieces pieces_beside_objects(Window& window, const Frame& frame, const History& history,
                             std::size_t revision);

}  // namespace tsp::pdf
