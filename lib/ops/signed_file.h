// A signed PDF as an extension sees it: its signatures and document time-stamps, when each is
// proven to have existed, what level they have reached and how long that lasts. For
// extend_documents.cpp.
#pragma once

#include "ops/long_term.h"
#include "validation/crypto_verification.h"

namespace tsp::ops {

class SignedFile {
 public:
  // `octets`: all of the file, for the digests that document time-stamps are held against; needed
  // here only. What the document brings along goes to the collector's pool. Error{bad_input} for a
  // signature that cannot be read.
  SignedFile(const pdf::Inspection& inspection, ByteView octets, EvidenceCollector& collector);

  std::size_t signatures() const { return signatures_.size(); }
  bool is_signed() const { return !signatures_.empty() || !stamps_.empty(); }
  // The lowest of the signatures', by what is there (ades::level_of does not tell an evidence that
  // is complete either), whatever kind of signature they are.
  Level level() const;
  // When what protects it ends: certificates of the time-stamp that does, or of the signer.
  std::optional<Time> protected_until() const;
  // The last moment at which the algorithms of the last document time-stamp are acceptable;
  // nothing: one never was, or there is no document time-stamp.
  std::optional<Time> algorithms_until() const;

  bool needs_timestamp() const;  // some signature has none
  // A document time-stamp over all of it, made since.
  void add_timestamp(const LongTerm::Stamped& stamped);
  Time last_timestamp() const { return stamps_.back().unit.proof; }
  // Error{failed} where a signature is not proven to have existed.
  std::vector<EvidenceNeed> needs() const;
  // Time-stamps that could not be read, or are of something else, and were passed over: they prove
  // nothing.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Signature {
    Bytes contents;
    std::uint64_t end = 0;  // of its byte range
    x509::Certificate signer;
    std::vector<EvidenceSubject> units;  // of its own time-stamps
    std::optional<Time> proof;
  };
  struct Stamp {
    Bytes contents;
    std::uint64_t begin = 0, end = 0;  // what precedes its hole; all of its range
    cms::Token token;
    EvidenceSubject unit;
  };
  void read_store(const pdf::Dss& store);
  void read_stamp(const pdf::SignatureEntry& entry, validation::Digests& digests);
  void read_signature(const pdf::SignatureEntry& entry);
  EvidenceSubject read_own_stamp(ByteView token, const cms::SignerInfo& signer);
  void prove(const Stamp& stamp);
  std::optional<Time> end_of(const x509::Certificate& certificate) const;

  EvidenceCollector& collector_;
  std::vector<x509::Certificate> decoded_;  // not to be decoded again
  std::vector<Signature> signatures_;
  std::vector<Stamp> stamps_;                    // in the order of their ends
  std::vector<x509::Certificate> certificates_;  // of the security store
  bool has_evidence_ = false;
  std::uint64_t size_;
  std::vector<std::string> warnings_;
};

}  // namespace tsp::ops
