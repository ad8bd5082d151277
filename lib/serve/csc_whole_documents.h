// signatures/signDoc (CSC 11.11) of whole documents, where csc.documents allows it: PDFs of up to
// some megabytes that cross to the server, are parsed in the jail and signed by keys of SCAL 1.
// What was approved is the document's digest; the digest of what the signature covers is made here,
// so that the activation module takes the server's word for it.
#pragma once

#include "ops/sign_documents.h"
#include "serve/csc.h"

namespace tsp::serve::csc {

struct WholeDocument {
  Bytes octets;
  ops::Level level = ops::Level::b_b;
  bool certify = true;  // the specification's default; else an approval signature
  std::string reason, location, contact;
};
struct WholeDocuments {
  sam::Manifest manifest;  // bare: the documents' digests
  std::vector<WholeDocument> documents;
};
// Whether the request has documents and no digests. Error{usage} for both, or neither.
bool has_documents(const Json& body);
// Error{usage} in the words of the specification. Format P alone.
WholeDocuments whole_documents_of(const Json& body, const std::string& key_algorithm);

// Who signs one document: the module, with the SAD of the request.
struct WholeSigning {
  const WholeDocuments& wanted;
  const ops::Credential& credential;
  // For one entry of the manifest and the digest that the signature covers.
  std::function<sam::SigningResult(std::size_t, const Bytes&)> sign;
  ops::Backend& authority;  // time-stamps and evidence
};
// {DocumentWithSignature}. `spool`: a folder of the server's own, where the documents lie meanwhile
// in a folder that goes with the call. `world` has the jail. What fails fails the call: documents
// before it are signed and on record, and given to nobody.
Json documents_with_signature(const WholeSigning& signing, const ops::World& world,
                              const std::string& spool);

}  // namespace tsp::serve::csc
