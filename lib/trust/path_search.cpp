#include "trust/path_search.h"

#include <algorithm>
#include <map>

#include "crypto/openssl.h"

namespace tsp::trust {
namespace {

constexpr std::size_t kLongest = 10, kMostPaths = 16, kMostCandidates = 1000;
constexpr int kMostSteps = 1000;

class Search {
 public:
  Search(const std::vector<x509::Certificate>& pool, const TrustStore& store, Time at)
      : store_(store), pool_(pool), at_(at) {}

  PathSearch run(const x509::Certificate& leaf) {
    if (store_.contains(leaf)) out_.complete.push_back({leaf});
    Chain chain{leaf};
    extend(chain);
    return std::move(out_);
  }

 private:
  struct Candidate {
    x509::Certificate certificate;
    bool is_anchor;
    int rank;  // lower is better
  };

  void extend(Chain& chain) {
    if (chain.size() > out_.longest.size()) out_.longest = chain;
    if (chain.size() >= kLongest) return;
    for (const Candidate& candidate : candidates(chain)) {
      if (out_.complete.size() >= kMostPaths || ++steps_ > kMostSteps) return;
      chain.push_back(candidate.certificate);
      if (candidate.is_anchor)
        out_.complete.push_back(chain);
      else
        extend(chain);
      chain.pop_back();
    }
  }

  // Issuers not yet in the chain: a wrong signature makes a candidate the last choice, so that the
  // verdict can name it; then come dates, then anchors before others.
  std::vector<Candidate> candidates(const Chain& chain) {
    const x509::Certificate& subject = chain.back();
    std::vector<Candidate> out;
    if (is_right(subject, subject)) return out;  // self-signed: nobody else issued it
    const auto consider = [&](const x509::Certificate& issuer, bool is_anchor) {
      if (!may_be_issuer(issuer, subject) || std::ranges::find(chain, issuer) != chain.end() ||
          std::ranges::find(out, issuer, &Candidate::certificate) != out.end() ||
          out.size() >= kMostCandidates)
        return;
      const int rank = (is_right(subject, issuer) ? 0 : 4) + (is_valid_at(issuer, at_) ? 0 : 2) +
                       (is_anchor ? 0 : 1);
      out.push_back({issuer, is_anchor, rank});
    };
    for (const x509::Certificate& anchor : store_.anchors()) consider(anchor, true);
    for (const x509::Certificate& other : pool_)
      if (!store_.contains(other)) consider(other, false);
    std::ranges::stable_sort(out, {}, &Candidate::rank);
    return out;
  }

  bool is_right(const x509::Certificate& subject, const x509::Certificate& issuer) {
    const auto key = std::pair(subject.get(), issuer.get());
    const auto known = signatures_.find(key);
    if (known != signatures_.end()) return known->second;
    return signatures_[key] = is_signed_by(subject, issuer);
  }

  const TrustStore& store_;
  const std::vector<x509::Certificate>& pool_;
  const Time at_;
  std::map<std::pair<X509*, X509*>, bool> signatures_;
  PathSearch out_;
  int steps_ = 0;
};

}  // namespace

PathSearch search_paths(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at) {
  return Search(pool, store, at).run(leaf);
}

bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer) {
  const crypto::QuietErrors quiet;
  EVP_PKEY* key = X509_get0_pubkey(issuer.get());
  return key != nullptr && X509_verify(certificate.get(), key) == 1;
}

bool is_valid_at(const x509::Certificate& certificate, Time at) {
  return certificate.not_before() <= at && whole_seconds(at) <= certificate.not_after();
}

}  // namespace tsp::trust
