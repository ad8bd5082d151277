#include "sam/bare_manifest.h"

namespace tsp::sam {

Manifest bare_manifest(crypto::HashAlgorithm hash, const std::vector<Bytes>& digests) {
  Manifest manifest;
  manifest.hash = hash;
  for (const Bytes& digest : digests)
    manifest.entries.push_back({"digest only, content unknown", {}, digest, {}});
  return manifest;
}

}  // namespace tsp::sam
