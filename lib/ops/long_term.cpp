#include "ops/long_term.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace tsp::ops {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"B-B", "B-T", "B-LT", "B-LTA"};

// A list of the store's order, and where each piece stands in it.
class Shelf {
 public:
  explicit Shelf(const std::set<Bytes>& pieces) : pieces_(pieces.begin(), pieces.end()) {}
  std::vector<int> places(const std::set<Bytes>& some) const {
    std::vector<int> out;
    out.reserve(some.size());
    for (const Bytes& each : some)
      out.push_back(static_cast<int>(std::ranges::lower_bound(pieces_, each) - pieces_.begin()));
    return out;
  }
  const std::vector<Bytes>& pieces() const { return pieces_; }

 private:
  std::vector<Bytes> pieces_;  // sorted
};

pdf::StoreOrder store_order_of(const LongTerm::Collected& evidence) {
  const Shelf certificates(evidence.all.certificates), ocsp(evidence.all.ocsp_responses),
      crls(evidence.all.crls);
  pdf::StoreOrder order{certificates.pieces(), ocsp.pieces(), crls.pieces(), {}};
  for (const auto& [contents, found] : evidence.each)
    order.entries.push_back({pdf::vri_key(contents), certificates.places(found.certificates),
                             ocsp.places(found.ocsp_responses), crls.places(found.crls)});
  return order;
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) {
  const auto found = std::ranges::find(kLevels, name);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<Level>(found - kLevels.begin());
}

std::string_view name_of(Level level) {
  return kLevels[static_cast<std::size_t>(level)];
}

LongTerm::LongTerm(Backend* backend, const World& world, const LongTermOptions& options)
    : world_(world),
      vri_(options.vri),
      own_(backend),
      timestamper_(own_, world, options.tsa_urls, options.tsa_policy),
      library_(own_, world, options.authorities, options.cache) {}

LongTerm::Collected LongTerm::collect(EvidenceCollector& collector,
                                      const std::vector<EvidenceNeed>& needs) {
  Collected out;
  for (const EvidenceNeed& need : needs) {
    Evidence found;
    for (const EvidenceSubject& subject : need.subjects) {
      world_.stop_if_asked();
      found.add(collector.collect(subject));
    }
    out.all.add(found);
    if (vri_ == LongTermOptions::Vri::write) out.each.emplace_back(need.contents, std::move(found));
  }
  return out;
}

int LongTerm::add_evidence(GrowingFile& document, const Collected& evidence) {
  const pdf::StoreRevision revision =
      pdf::add_to_store(*world_.jail, document.file(), document.name(), store_order_of(evidence));
  if (!revision.octets.empty()) document.append(revision.octets);
  return revision.added;
}

std::optional<LongTerm::Stamped> LongTerm::close(GrowingFile& document,
                                                 pdf::PreparedRevision revision,
                                                 crypto::HashAlgorithm hash) {
  crypto::Hasher original = document.hashed(hash);
  if (size_of(document.file(), document.name()) != revision.original_size)
    throw Error(Fault::bad_input, "cannot time-stamp " + document.name(),
                "it changed while it was read",
                "nothing was changed; try again when nobody writes to it");
  auto timestamp = ades::prepare_timestamp(std::move(revision), hash, std::move(original));
  const Bytes token = timestamper_.stamp(hash, timestamp.imprint);
  if (!ades::close_timestamp(timestamp, token)) return std::nullopt;
  document.append(timestamp.revision.octets);
  return Stamped{cms::parse_token(token), pdf::contents_of(timestamp.revision)};
}

LongTerm::Stamped LongTerm::add_timestamp(GrowingFile& document, crypto::HashAlgorithm hash) {
  for (int tries = 0; tries < 3; ++tries) {
    world_.stop_if_asked();
    const auto order = ades::timestamp_order(timestamper_.likely_size());
    if (auto stamped = close(
            document, pdf::prepare(*world_.jail, document.file(), document.name(), order), hash))
      return std::move(*stamped);  // else the next one is sized from this one
  }
  throw Error(Fault::evidence_missing, "no time-stamp fits " + document.name(),
              "each token was larger than the one before");
}

LongTerm::Archived LongTerm::add_archive(GrowingFile& document, const Collected& evidence,
                                         crypto::HashAlgorithm hash) {
  world_.stop_if_asked();
  pdf::StoreRevision revision =
      pdf::add_to_store(*world_.jail, document.file(), document.name(), store_order_of(evidence),
                        ades::timestamp_order(timestamper_.likely_size()));
  if (!revision.octets.empty()) document.append(revision.octets);
  auto stamped = close(document, std::move(*revision.stamp), hash);
  return {revision.added, stamped ? std::move(*stamped) : add_timestamp(document, hash)};
}

void take_embedded(const cms::SignedData& data, EvidencePool& at_hand) {
  for (const x509::Certificate& each : data.certificates) at_hand.add(each);
  at_hand.add_ocsp(data.ocsp_responses);
  at_hand.add_crls(data.crls);
}

EvidenceSubject unit_of(const cms::Token& token, EvidencePool& at_hand,
                        const std::vector<x509::Certificate>& more) {
  take_embedded(token.data, at_hand);
  const cms::TokenVerdict verdict = cms::verify_token(token, more);
  if (!verdict.tsu)
    throw Error(Fault::bad_input, "a time-stamp is not right", verdict.reason,
                "what it stamps cannot be extended");
  return {*verdict.tsu, token.info.time};
}

}  // namespace tsp::ops
