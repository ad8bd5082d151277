#include "ops/timestamper.h"

#include "base/error.h"
#include "ops/timestamp.h"

namespace tsp::ops {
namespace {

// Accuracies and signatures differ by a few octets from token to token.
constexpr std::size_t kSlack = 256;

}  // namespace

Timestamper::Timestamper(OwnTsp& own, const World& world, std::vector<std::string> urls,
                         std::string policy)
    : own_(own), world_(world), urls_(std::move(urls)), policy_(std::move(policy)) {
  if (urls_.empty() && !own_.stands())
    throw Error(Fault::not_found, "there is no time-stamp authority",
                "no TSP stands in the home folder, and no other is named",
                "name one with --tsa, or found a TSP with tsp init");
}

Bytes Timestamper::stamp(crypto::HashAlgorithm hash, ByteView imprint) {
  Bytes token = urls_.empty() ? own_.timestamp(hash, imprint) : fetch(hash, imprint);
  likely_size_ = token.size() + kSlack;
  return token;
}

Bytes Timestamper::fetch(crypto::HashAlgorithm hash, ByteView imprint) {
  if (world_.fetcher == nullptr)
    throw Error(Fault::evidence_missing, "nothing can be fetched here");
  std::string tried;
  const std::size_t first = first_;
  for (std::size_t i = 0; i < urls_.size(); ++i) {
    const std::size_t which = (first + i) % urls_.size();
    try {
      Bytes token =
          fetch_timestamp(*world_.fetcher, {urls_[which], hash, to_bytes(imprint),
                                            policy_.empty() ? std::nullopt : std::optional(policy_),
                                            world_.patience, world_.clock.now()});
      first_ = which;
      return token;
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
      tried += (tried.empty() ? "" : "; ") + error.message;
    }
  }
  throw Error(Fault::evidence_missing, "no time-stamp could be had", tried);
}

}  // namespace tsp::ops
