// The search for one certificate's status: source after source until one tells enough. For the
// collector alone (evidence_collector.h says in which order, and what counts).
#pragma once

#include <functional>

#include "ops/evidence_library.h"

namespace tsp::ops {

class EvidenceSearch {
 public:
  // chain[index] is asked about (leaf to anchor; it is not the anchor), whose key made a signature
  // that is proven to have existed at `proof`. The library, the pool and the chain outlive this.
  EvidenceSearch(EvidenceLibrary& library, const EvidencePool& at_hand,
                 const std::vector<x509::Certificate>& chain, std::size_t index, Time proof);

  // Whether the status is known well enough; what was fetched for it joins the library.
  bool run();

  const trust::RevocationVerdict& verdict() const { return verdict_; }
  // The pieces that the verdict rests on: an answer or list, the responder's certificate, lists
  // about it.
  const trust::Evidence& used() const { return used_; }
  // Where it was looked for and each answer, for people.
  std::string tried() const;

 private:
  enum class Origin { at_hand, fetched };
  // An older OCSP answer than the proof counts only where nothing else can be had.
  enum class Older { refuse, accept };
  const x509::Certificate& certificate() const { return chain_[index_]; }
  const x509::Certificate& issuer() const { return chain_[index_ + 1]; }

  trust::Evidence known() const;
  bool judge(const trust::Evidence& evidence, Origin origin, Older older, std::string& why);
  std::optional<std::string> objection(const trust::RevocationVerdict& verdict, Origin origin,
                                       Older older) const;
  void take(const trust::Evidence& evidence);
  bool ask_ocsp();
  bool ask_own_ocsp();
  bool ask_responder(const std::string& url);
  bool judge_ocsp(const std::string& where, ByteView der, const std::optional<Bytes>& nonce);
  void look_for_lists_about(const x509::OcspResponse& response);
  bool ask_crls();
  bool ask_own_crls();
  bool ask_list(const std::string& url);
  bool judge_crl(const std::string& where, ByteView der);
  bool ask(EvidenceKind kind, const std::string& url, ByteView question, const Bytes& body,
           const std::function<bool(ByteView)>& judge_kept,
           const std::function<bool(ByteView)>& judge_fresh);
  bool attempt(const std::string& where, const std::function<bool(std::string&)>& judge_piece);
  void note(const std::string& where, const std::string& answer);

  EvidenceLibrary& library_;
  EvidenceSources& sources_;
  const EvidencePool& at_hand_;
  const std::vector<x509::Certificate>& chain_;
  std::size_t index_;
  Time proof_;
  trust::RevocationVerdict verdict_;
  trust::Evidence used_;
  std::vector<std::string> tried_;
};

}  // namespace tsp::ops
