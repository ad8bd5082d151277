// Signing by the CSC API (11.10 to 11.12).
#include "ops/json_members.h"
#include "serve/desk_csc.h"
#include "store/rows.h"

namespace tsp::serve {
namespace {

constexpr const char* kSignDoc = "signatures/signDoc";

Secret sad_in(const Json& body) {
  auto sad = from_base64(csc::text_parameter(body, "SAD"));
  if (!sad) csc::invalid("Invalid parameter SAD");
  return Secret(std::move(*sad));
}

// The certificate that issued the signer's, where it is this TSP's.
std::vector<x509::Certificate> chain_of(ops::Provider& provider, const x509::Certificate& signer) {
  auto issuing = provider.certificate_of_role("issuing");
  if (issuing.subject() != signer.issuer()) return {};
  return {std::move(issuing)};
}

}  // namespace

std::vector<sam::Form> CscSigning::forms() const {
  std::vector<sam::Form> out;
  if (documents)
    for (const auto& each : documents->orders) out.push_back(each.form);
  return out;
}

CscSigning csc_signing_of(ops::Provider& provider, csc::Version version, const std::string& method,
                          const Json& body, const std::string& group) {
  csc::check_common(body);
  // What is claimed of a signature is what its certificate says, and no word beside it.
  if (ops::find_member(body, "signatureQualifier") != nullptr)
    csc::invalid("Invalid parameter signatureQualifier");
  const store::KeyRow key = csc_key(provider, body, group);
  CscSigning out{version, method, key.owner, key.id, {}, sad_in(body)};
  if (version == csc::Version::v2) out.later = csc::later_of(body);
  if (method == kSignDoc && csc::has_documents(body)) {
    if (!provider.config().boolean("csc.documents"))
      throw Error(Fault::usage, "Invalid array parameter documents",
                  "documents stay with the caller: documentDigests are signed");
    out.whole = csc::whole_documents_of(body, key.algorithm);
    out.manifest = out.whole->manifest;
    return out;
  }
  if (method == kSignDoc) {
    out.documents = csc::documents_of(body, key.algorithm);
    out.manifest = out.documents->manifest;
    return out;
  }
  out.manifest = csc::manifest_of(version, body);
  csc::check_algorithm(body, key.algorithm, out.manifest.hash);
  return out;
}

Json csc_signed(ops::Provider& provider, const CscSigning& signing,
                const sam::SigningResult& result, ops::Backend& authority) {
  if (result.error) throw sam::Refused(result.reason, *result.error);
  if (signing.documents) {
    const auto chain = chain_of(provider, result.certificate.value());
    ops::World world = provider.world();
    world.fetcher = nullptr;  // who waits for a server elsewhere keeps others waiting
    return csc::signature_objects({*signing.documents, result, chain}, authority, world);
  }
  Json values = Json::array();
  for (const auto& signature : result.signatures) {
    if (signature.error) throw Error(*signature.error);
    values.push_back(to_base64(signature.value));
  }
  return {{"signatures", std::move(values)}};
}

Answer csc_poll(CscResponses& responses, const Json& body) {
  csc::check_common(body);
  const std::string name = csc::text_parameter(body, "requestID");
  const Json* user = ops::find_member(body, "userID");
  if (user != nullptr && !user->is_string()) csc::invalid("Invalid parameter \"userID\"");
  return responses.fetch(name,
                         user != nullptr ? std::optional(user->get<std::string>()) : std::nullopt);
}

}  // namespace tsp::serve
