// What makes a signed PDF last: evidence in its security store, document time-stamps over all of it
// (EN 319 142-1 5.4, 6.3). One object serves all documents of a call, on several threads, so that
// what was found for one is there for the next. For signing and for extending.
#pragma once

#include "ops/evidence_collector.h"
#include "ops/growing_file.h"
#include "ops/timestamper.h"

namespace tsp::ops {

enum class Level { b_b, b_t, b_lt, b_lta };
std::optional<Level> parse_level(std::string_view name);  // "B-B" to "B-LTA"
std::string_view name_of(Level level);

// A signature or document time-stamp of the file, and whose status must be shown for it.
struct EvidenceNeed {
  Bytes contents;  // of /Contents, with padding
  std::vector<EvidenceSubject> subjects;
};

struct LongTermOptions {
  std::vector<std::string> tsa_urls;           // empty: the TSP's own TSA
  std::string tsa_policy;                      // dotted, asked of them; empty: any
  std::vector<x509::Certificate> authorities;  // further ones that are known
  std::string cache;                           // folder for what is fetched; empty: none
  enum class Vri { leave, write } vri = Vri::leave;
};

class LongTerm {
 public:
  // `backend` nullptr: no TSP stands here. Error{usage} where no time-stamp authority is named
  // then.
  LongTerm(Backend* backend, const World& world, const LongTermOptions& options);

  Timestamper& timestamper() { return timestamper_; }
  // For the collectors, one a document.
  EvidenceLibrary& library() { return library_; }

  // Error{evidence_missing}.
  struct Collected {
    Evidence all;
    std::vector<std::pair<Bytes, Evidence>> each;  // by contents
  };
  Collected collect(EvidenceCollector& collector, const std::vector<EvidenceNeed>& needs);
  // A revision with what the document's store does not hold yet; answers how many pieces.
  int add_evidence(GrowingFile& document, const Collected& evidence);
  // A revision with a document time-stamp. Its room is sized from the tokens before; a token that
  // does not fit is thrown away and the revision made once more, larger.
  struct Stamped {
    cms::Token token;
    Bytes contents;  // with padding
  };
  Stamped add_timestamp(GrowingFile& document, crypto::HashAlgorithm hash);
  // Both, planned in one visit to the jail.
  struct Archived {
    int evidence = 0;
    Stamped stamp;
  };
  Archived add_archive(GrowingFile& document, const Collected& evidence,
                       crypto::HashAlgorithm hash);

 private:
  // Nothing where the room is too small.
  std::optional<Stamped> close(GrowingFile& document, pdf::PreparedRevision revision,
                               crypto::HashAlgorithm hash);
  const World& world_;
  LongTermOptions::Vri vri_;
  OwnTsp own_;
  Timestamper timestamper_;
  EvidenceLibrary library_;
};

// The unit that made a token, with the token's time as proof of it. Certificates of the token join
// what is at hand. Error{bad_input} for a token whose signature is not right.
EvidenceSubject unit_of(const cms::Token& token, EvidencePool& at_hand,
                        const std::vector<x509::Certificate>& more = {});
// Certificates, answers and lists that a CMS brings along.
void take_embedded(const cms::SignedData& data, EvidencePool& at_hand);

}  // namespace tsp::ops
