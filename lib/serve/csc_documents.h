// signatures/signDoc (CSC 11.11): AdES signatures over digests of documents. The document stays
// with the caller, who puts the CMS where it belongs: a PAdES one into /Contents, whose byte ranges
// were digested; a CAdES one beside the file.
#pragma once

#include "ops/backend.h"
#include "ops/long_term.h"
#include "sam/sam.h"
#include "serve/csc.h"

namespace tsp::serve::csc {

// One digest to be signed.
struct DocumentOrder {
  sam::Form form = sam::Form::pades;
  ops::Level level = ops::Level::b_b;  // at most B-LT
};
// The digests of a request and what each becomes.
struct DocumentOrders {
  sam::Manifest manifest;  // bare, in the order of the request
  std::vector<DocumentOrder> orders;
  bool validation_info = false;
};
// Error{usage} in the words of the specification. Formats C and P; levels B-B and B-T, of P also
// B-LT, whose evidence is the answer's validationInfo; all digests by one algorithm; no further
// signed attributes. The request has documentDigests.
DocumentOrders documents_of(const Json& body, const std::string& key_algorithm);

// What was signed, as sam::SigningResult has it.
struct SignedDigests {
  const DocumentOrders& wanted;
  const sam::SigningResult& result;
  const std::vector<x509::Certificate>& chain;  // embedded besides the signer's certificate
};
// Stamps what is to be stamped, builds each CMS and verifies it, and collects the evidence where it
// is asked for. Error{evidence_missing} and those of `authority`: the signatures are on record then
// and given to nobody.
Json signature_objects(const SignedDigests& made, ops::Backend& authority, const ops::World& world);

}  // namespace tsp::serve::csc
