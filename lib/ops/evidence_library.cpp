#include "ops/evidence_library.h"

#include <algorithm>

namespace tsp::ops {
namespace {

constexpr std::size_t kMostPaths = 4096;  // of certificates, and of issuers of one name
// Of one certificate: each new document asks for one that is newer than its last time-stamp, and
// the newest say all that the older ones do.
constexpr std::size_t kMostAnswers = 4;
constexpr std::size_t kMostDecoded = 32;

}  // namespace

EvidenceLibrary::EvidenceLibrary(OwnTsp& own, const World& world,
                                 const std::vector<x509::Certificate>& known, std::string cache)
    : sources_(own, world, std::move(cache)), known_(known), pool_(EvidencePool(kMostAnswers)) {
  for (const x509::Certificate& each : known) add(each);
}

std::vector<x509::Certificate> EvidenceLibrary::authorities() {
  std::call_once(own_added_, [this] {
    for (const x509::Certificate& each : sources_.own_authorities()) add(each);
  });
  return pool_.with([](const EvidencePool& pool) { return pool.authorities(); });
}

void EvidenceLibrary::tell(const x509::Certificate& certificate, const x509::Certificate& issuer,
                           trust::Evidence& to) {
  pool_.with([&](const EvidencePool& pool) { pool.tell(certificate, issuer, to); });
}

std::vector<x509::Certificate> EvidenceLibrary::decoded() {
  return decoded_.with([](const auto& all) { return all; });
}

void EvidenceLibrary::remember(const std::vector<x509::Certificate>& certificates) {
  decoded_.with([&](std::vector<x509::Certificate>& all) {
    for (const x509::Certificate& each : certificates) {
      if (std::ranges::count(all, each) > 0) continue;
      if (all.size() >= kMostDecoded) all.erase(all.begin());
      all.push_back(each);
    }
  });
}

std::optional<EvidenceLibrary::Chain> EvidenceLibrary::path_of(
    const x509::Certificate& certificate) {
  std::vector<Chain> of_issuers;
  auto seen = paths_.with([&](const Paths& paths) -> std::optional<Chain> {
    const auto known = paths.of_certificates.find(certificate.der());
    if (known != paths.of_certificates.end()) return known->second;
    const auto issuers = paths.of_issuers.find(certificate.issuer_der());
    if (issuers != paths.of_issuers.end()) of_issuers = issuers->second;
    return std::nullopt;
  });
  if (seen) return seen;
  for (const Chain& chain : of_issuers) {
    if (!certificate.is_signed_by(chain.front().public_key())) continue;
    Chain out{certificate};
    out.insert(out.end(), chain.begin(), chain.end());
    keep_path(out);
    return out;
  }
  return std::nullopt;
}

void EvidenceLibrary::keep_path(const Chain& chain) {
  paths_.with([&](Paths& paths) {
    if (paths.of_certificates.size() >= kMostPaths) paths.of_certificates.clear();
    paths.of_certificates[chain.front().der()] = chain;
    if (chain.size() < 2) return;
    auto& same_name = paths.of_issuers[chain[1].subject_der()];
    const bool known =
        std::ranges::any_of(same_name, [&](const Chain& each) { return each.front() == chain[1]; });
    if (!known && same_name.size() < kMostPaths)
      same_name.emplace_back(chain.begin() + 1, chain.end());
  });
}

}  // namespace tsp::ops
