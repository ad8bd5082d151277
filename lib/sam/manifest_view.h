// How a person is shown what is to be approved: the same lines before a code is asked for, on the
// signer's device and in an out-of-band message, so that they can be compared.
#pragma once

#include <string>
#include <vector>

#include "sam/manifest.h"

namespace tsp::sam {

// "2 documents", of a one-shot manifest what key and certificate are made for them, then for each
// its name with its pages, where it has some, and its fingerprint: hex and words. A bare digest is
// "digest only, content unknown".
std::vector<std::string> manifest_lines(const Manifest& manifest);

}  // namespace tsp::sam
