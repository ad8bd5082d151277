// Verbs of the CSC API at the desks that have the token `signers`. For desk_*.cpp alone.
#pragma once

#include "serve/csc.h"
#include "serve/desk.h"

namespace tsp::serve {

// info, credentials/list, credentials/info, credentials/authorize, credentials/authorizeCheck.
class CscCredentials {
 public:
  CscCredentials(ops::Provider& provider, ops::LocalBackend& real, ops::LocalBackend& dry)
      : provider_(provider), real_(real), dry_(dry) {}

  Answer info(csc::Version version);
  // `group`: of the API key; empty: the caller may ask for every signer.
  Answer list(csc::Version version, const Json& body, const std::string& group);
  Answer show(csc::Version version, const Json& body, const std::string& group);
  Answer authorize(csc::Version version, const Json& body, const std::string& group);
  Answer check(const Json& body);

 private:
  ops::Credential credential_of(const Json& body, const std::string& group,
                                ops::LocalBackend& backend);
  Json info_of(csc::Version version, const ops::Credential& credential, const csc::Wanted& wanted);
  Answer sad_of(const sam::Approval& approval);
  std::size_t multisign(const std::string& user);
  // A SCAL 2 credential is approved on a device; what waits for it travels in the handle, which
  // only the HSM opens.
  Answer wait_for_device(const ops::Credential& credential, const sam::Manifest& manifest,
                         const sam::Presented& factors);
  ops::Provider& provider_;
  ops::LocalBackend &real_, &dry_;
};

// The manifest and the SAD of signatures/signHash.
struct CscSigning {
  sam::Manifest manifest;
  Secret sad;
};
CscSigning csc_signing_of(ops::Provider& provider, csc::Version version, const Json& body,
                          const std::string& group);

// "csc/v2/signatures/signHash" → version and "signatures/signHash"; nothing for other verbs.
struct CscVerb {
  csc::Version version;
  std::string method;
};
std::optional<CscVerb> csc_verb(std::string_view verb);

// The owner of a credential, if the group may ask for him. Error{usage} in the specification's
// words, the same for a credential that is not there and one of another group.
store::KeyRow csc_key(ops::Provider& provider, const Json& body, const std::string& group);

}  // namespace tsp::serve
