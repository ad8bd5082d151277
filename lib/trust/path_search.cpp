#include "trust/path_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/error.h"

namespace tsp::trust {
namespace {

constexpr std::size_t kLongest = 10, kMostCandidates = 1000;
constexpr int kMostPaths = 16, kMostSteps = 1000, kMostFalse = 256;

class Search {
 public:
  Search(const std::vector<x509::Certificate>& pool, const TrustStore& store, Time at,
         const TakePath& take)
      : store_(store), pool_(pool), at_(at), take_(take) {}

  PathSearch run(const x509::Certificate& leaf) {
    Chain chain{leaf};
    if (!store_.contains(leaf) || !hand_over(chain)) extend(chain);
    return std::move(out_);
  }

 private:
  struct Candidate {
    const x509::Certificate* certificate;
    bool is_anchor;
    int rank;  // lower is better
  };

  // True, like all that answer so here: the search is over.
  bool hand_over(const Chain& chain) { return take_(chain) || ++paths_ == kMostPaths; }

  bool step_to(Chain& chain, const Candidate& candidate) {
    chain.push_back(*candidate.certificate);
    const bool over = candidate.is_anchor ? hand_over(chain) : extend(chain);
    chain.pop_back();
    return over;
  }

  bool extend(Chain& chain) {
    const bool is_longest = chain.size() > out_.longest.size();
    if (is_longest) out_ = {chain, {}};
    const x509::Certificate subject = chain.back();
    // Self-signed: nobody else issued it.
    if (chain.size() >= kLongest || is_signed_by(subject, subject)) return false;
    std::vector<const Candidate*> did_not_sign;
    for (const Candidate& candidate : candidates(subject)) {
      if (std::ranges::find(chain, *candidate.certificate) != chain.end()) continue;
      if (++steps_ > kMostSteps) return true;
      if (is_signed_by(subject, *candidate.certificate)) {
        if (step_to(chain, candidate)) return true;
      } else {
        if (++false_ > kMostFalse) return true;
        did_not_sign.push_back(&candidate);
      }
    }
    // For the verdict to name.
    if (is_longest && out_.longest.size() == chain.size() && !did_not_sign.empty())
      out_.impostor = *did_not_sign.front()->certificate;
    return std::ranges::any_of(did_not_sign, [&](const Candidate* candidate) {
      return candidate->is_anchor && step_to(chain, *candidate);
    });
  }

  const std::vector<Candidate>& candidates(const x509::Certificate& subject) {
    const auto [known, is_new] = candidates_.try_emplace(subject.get());
    if (is_new) known->second = find_candidates(subject);
    return known->second;
  }

  // Whose name and key identifier fit, each once.
  std::vector<Candidate> find_candidates(const x509::Certificate& subject) const {
    std::vector<Candidate> out;
    std::set<std::string_view> seen;
    const auto consider = [&](const x509::Certificate& issuer, bool is_anchor) {
      if (out.size() >= kMostCandidates || !may_be_issuer(issuer, subject)) return;
      if (!is_anchor && store_.contains(issuer)) return;
      if (!seen.insert(as_text(issuer.der())).second) return;
      out.push_back({&issuer, is_anchor, (is_valid_at(issuer, at_) ? 0 : 2) + (is_anchor ? 0 : 1)});
    };
    for (const x509::Certificate& anchor : store_.anchors()) consider(anchor, true);
    for (const x509::Certificate& other : pool_) consider(other, false);
    std::ranges::stable_sort(out, {}, &Candidate::rank);
    return out;
  }

  const TrustStore& store_;
  const std::vector<x509::Certificate>& pool_;
  const Time at_;
  const TakePath& take_;
  std::map<X509*, std::vector<Candidate>> candidates_;
  PathSearch out_;
  int paths_ = 0, steps_ = 0, false_ = 0;
};

}  // namespace

PathSearch search_paths(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at, const TakePath& take) {
  return Search(pool, store, at, take).run(leaf);
}

bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer) {
  try {
    return certificate.is_signed_by(issuer.public_key());
  } catch (const Error&) {
    return false;  // a key that cannot be read makes no signature
  }
}

bool is_valid_at(const x509::Certificate& certificate, Time at) {
  return certificate.not_before() <= at && whole_seconds(at) <= certificate.not_after();
}

}  // namespace tsp::trust
