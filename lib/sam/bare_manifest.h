// The manifest of digests whose content the signer does not show: what a bare hash is approved as.
#pragma once

#include "sam/manifest.h"

namespace tsp::sam {

// One entry a digest. The same digests give the same manifest, so that who signs later need not
// keep it. Lengths are judged by recompute_dtbs().
Manifest bare_manifest(crypto::HashAlgorithm hash, const std::vector<Bytes>& digests);

}  // namespace tsp::sam
