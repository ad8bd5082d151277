// Verbs of the CSC API at the desks that have the token `signers`. For desk_*.cpp alone.
#pragma once

#include "serve/csc.h"
#include "serve/csc_documents.h"
#include "serve/csc_responses.h"
#include "serve/csc_whole_documents.h"
#include "serve/desk.h"

namespace tsp::serve {

// info and credentials/….
class CscCredentials {
 public:
  CscCredentials(ops::Provider& provider, ops::LocalBackend& real, ops::LocalBackend& dry)
      : provider_(provider), real_(real), dry_(dry) {}

  Answer info(csc::Version version);
  // `group`: of the API key; empty: the caller may ask for every signer.
  Answer list(csc::Version version, const Json& body, const std::string& group);
  Answer show(csc::Version version, const Json& body, const std::string& group);

  // --- desk_csc_authorize.cpp
  Answer authorize(csc::Version version, const Json& body, const std::string& group);
  Answer check(csc::Version version, const Json& body, const std::string& group);
  Answer challenge(csc::Version version, const Json& body, const std::string& group);
  Answer extend(csc::Version version, const Json& body, const std::string& group);

 private:
  ops::Credential credential_of(const Json& body, const std::string& group,
                                ops::LocalBackend& backend);
  Json info_of(csc::Version version, const ops::Credential& credential, const csc::Wanted& wanted);
  Answer sad_of(const sam::Approval& approval);
  std::size_t multisign(const std::string& user);
  // How many signatures are wanted beyond the hashes.
  std::size_t further(const Json& body, const sam::Manifest& manifest, const std::string& user);
  // The newest request about these very documents that waits for a code; empty: none does.
  Bytes waiting_request(const ops::Credential& credential, const sam::Manifest& manifest);
  // The signer is asked: by his device, by a code that is sent to him. What waits for it travels in
  // the handle, which only the HSM opens.
  Answer wait_for_signer(const ops::Credential& credential, const sam::Manifest& manifest,
                         const sam::Presented& factors);
  ops::Provider& provider_;
  ops::LocalBackend &real_, &dry_;
};

// What signatures/signHash and signatures/signDoc ask for.
struct CscSigning {
  csc::Version version;
  std::string method, user, key;
  sam::Manifest manifest;
  Secret sad;
  std::optional<csc::DocumentOrders> documents{};    // of signDoc
  std::optional<csc::WholeDocuments> whole{};        // the same, where they cross
  std::optional<std::chrono::milliseconds> later{};  // to be fetched, and kept for so long

  std::vector<sam::Form> forms() const;
};
CscSigning csc_signing_of(ops::Provider& provider, csc::Version version, const std::string& method,
                          const Json& body, const std::string& group);
// All signatures, or the first one's error. `authority`: for time-stamps and evidence.
Json csc_signed(ops::Provider& provider, const CscSigning& signing,
                const sam::SigningResult& result, ops::Backend& authority);
Answer csc_poll(CscResponses& responses, const Json& body);

// "csc/v2/signatures/signHash" → version and "signatures/signHash"; nothing for other verbs.
struct CscVerb {
  csc::Version version;
  std::string method;
};
std::optional<CscVerb> csc_verb(std::string_view verb);
// Why nothing was done, in the words of the API that was called.
Answer failure_of(const Request& request, const Error& error);

// Runs `act`; what it throws is answered in the words of the specification.
template <class Act>
Answer csc_answering(csc::Version version, std::string_view method, Act act) {
  try {
    return act();
  } catch (const Error& error) {
    return csc::failure(version, method, error);
  }
}

// The owner of a credential, if the group may ask for him. Error{usage} in the specification's
// words, the same for a credential that is not there and one of another group.
store::KeyRow csc_key(ops::Provider& provider, const Json& body, const std::string& group);
bool csc_may_ask_for(ops::Provider& provider, const std::string& user, const std::string& group);

}  // namespace tsp::serve
