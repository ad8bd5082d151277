// The evidence that a signature or time-stamp needs to stay valid (EN 319 142-1 B-LT): for every
// certificate from the signer's to the anchor what shows its status, made after the signature is
// proven to have existed, and all certificates that lead there.
//
// Sources, in this order: what is at hand (the document; what was found earlier in the call); this
// TSP itself, for certificates that it issued; the cache; the network. For whoever signed, OCSP
// before CRLs, for an authority CRLs before OCSP; each falls back to the other. A server that
// cannot be reached is left alone for a minute.
//
// What counts: it is authentic (trust::check_revocation), and was made at the proof or later; a
// CRL, and whatever tells of an authority, may also be older if it was current then. An older OCSP
// answer that was current counts if the document brought it and there is nothing better.
//
// Does NOT judge whether the anchor is trusted, nor the signature itself, nor the strength of
// algorithms: that is validation.
#pragma once

#include <set>

#include "ops/evidence_library.h"
#include "trust/path.h"

namespace tsp::ops {

// A certificate whose key made a signature that is proven to have existed at `proof`.
struct EvidenceSubject {
  x509::Certificate certificate;
  Time proof;
};

// What is found: DER, each once.
struct Evidence {
  std::set<Bytes> certificates, ocsp_responses, crls;
  // What it calls revoked.
  struct Revoked {
    x509::Certificate certificate;
    Time at;
    std::string reason;
    bool before_proof;  // then the signature has no worth
  };
  std::vector<Revoked> revoked;
  void add(const Evidence& other);
};

// For one document.
class EvidenceCollector {
 public:
  // `library` outlives this.
  explicit EvidenceCollector(EvidenceLibrary& library) : library_(library) {}

  // What the document brings along.
  EvidencePool& at_hand() { return at_hand_; }
  EvidenceLibrary& library() { return library_; }

  // Error{evidence_missing} that names the certificate, where it was looked for, and each answer.
  Evidence collect(const EvidenceSubject& subject);
  // From the certificate to its anchor, as far as it is at hand: nothing is fetched.
  std::vector<x509::Certificate> known_path(const x509::Certificate& certificate);

 private:
  using Chain = EvidenceLibrary::Chain;
  Chain path_of(const x509::Certificate& certificate);
  std::optional<Chain> seen_path(const x509::Certificate& certificate);
  trust::PathVerdict find_path(const x509::Certificate& certificate);
  trust::PathVerdict search(const x509::Certificate& certificate,
                            const std::vector<x509::Certificate>& pool) const;
  bool find_issuer(const x509::Certificate& certificate, std::string& tried);
  bool take_issuer(const x509::Certificate& certificate, ByteView body);

  EvidenceLibrary& library_;
  EvidencePool at_hand_;
  std::map<Bytes, Chain> paths_;  // by DER
};

}  // namespace tsp::ops
