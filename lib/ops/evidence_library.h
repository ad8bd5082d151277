// What all documents of a call share: the sources of evidence, what they gave, and the paths that
// were found. For several threads.
#pragma once

#include "ops/evidence_pool.h"
#include "ops/evidence_sources.h"

namespace tsp::ops {

class EvidenceLibrary {
 public:
  using Chain = std::vector<x509::Certificate>;  // leaf first

  // `known`: certificates of authorities; being named there ends a path. `cache`: a folder, or
  // empty. `own` and `world` outlive this.
  EvidenceLibrary(OwnTsp& own, const World& world, const std::vector<x509::Certificate>& known,
                  std::string cache);

  EvidenceSources& sources() { return sources_; }
  const std::vector<x509::Certificate>& known() const { return known_; }

  template <class Piece>  // a certificate, OCSP answer or CRL
  void add(const Piece& piece) {
    pool_.with([&](EvidencePool& pool) { pool.add(piece); });
  }
  // Of what was fetched, and of this TSP.
  std::vector<x509::Certificate> authorities();
  void tell(const x509::Certificate& certificate, const x509::Certificate& issuer,
            trust::Evidence& to);

  // Certificates that documents brought along, the last so many: what is not to be decoded again.
  std::vector<x509::Certificate> decoded();
  void remember(const std::vector<x509::Certificate>& certificates);

  // The path of a certificate whose own, or whose issuer's, was found earlier.
  std::optional<Chain> path_of(const x509::Certificate& certificate);
  // A path to an anchor whose signatures are right.
  void keep_path(const Chain& chain);

 private:
  struct Paths {
    std::map<Bytes, Chain> of_certificates;          // by DER
    std::map<Bytes, std::vector<Chain>> of_issuers;  // by the issuer's name
  };
  EvidenceSources sources_;
  std::vector<x509::Certificate> known_;
  Guarded<EvidencePool> pool_;
  Guarded<Paths> paths_;
  Guarded<std::vector<x509::Certificate>> decoded_;
  std::once_flag own_added_;
};

}  // namespace tsp::ops
