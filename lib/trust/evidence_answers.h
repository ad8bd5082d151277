// What single pieces of evidence say; revocation.h chooses among them. Internal to the room.
#pragma once

#include "trust/revocation.h"

namespace tsp::trust {

// One certificate's question.
struct Question {
  const x509::Certificate& certificate;
  const x509::Certificate& issuer;
  // What stands above the issuer, to the anchor; nothing: the issuer is taken for the anchor.
  std::vector<x509::Certificate> above;
  const Evidence& evidence;
  Time at;
  const RevocationRules& rules;
  int depth = 0;  // of questions about signers of evidence
};

// Answers that count, and why the others do not.
struct Answers {
  std::vector<RevocationVerdict> usable;
  std::vector<std::string> refused;
};
void ask_crls(const Question& question, Answers& answers);
void ask_ocsp(const Question& question, Answers& answers);

// The same question about chain[0], one deeper; unknown where that goes on for too long.
RevocationVerdict check_deeper(const Question& question,
                               const std::vector<x509::Certificate>& chain,
                               const Evidence& evidence);

// Why evidence made at that time cannot be used for the question, or nothing.
std::optional<std::string> objection_to_time(const Question& question, Time made);

}  // namespace tsp::trust
