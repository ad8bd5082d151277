// The picture of a signature's times: an SVG, to stand in an HTML page. Internal to the room.
#pragma once

#include <string>

#include "validation/report.h"

namespace tsp::ops {

// Rows: the signature, each time-stamp, each certificate of the chains with its validity, each
// revocation evidence with its thisUpdate and nextUpdate. Lines across: claimed and proven time of
// signing, the moment judged, the time to extend before. Time goes from left to right; the further
// apart two moments are, the wider the gap, but by the logarithm: a CRL's day and a root's twenty
// years are both to be seen. Dates are written out beside the rows.
std::string timeline_svg(const validation::SignatureResult& signature, Time judged);

}  // namespace tsp::ops
