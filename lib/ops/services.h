// Authentication and signing as two services (tsp serve --role): who this one is, whom it knows,
// and the authentication service's act. docs/formats/assertion.md.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// Who this service is to others: the name of its audit log.
std::string service_id(Provider& provider);

// The authentication services of sign.authentication_services, "ID=FILE, …": each certificate is
// one of the role sam. Nullptr where none is named: factors are checked here. Error{bad_input},
// {not_found}, {policy_refused} for a file that others may write.
std::shared_ptr<const sam::AcceptedAssertions> accepted_assertions(Provider& provider);

// Whether auth.signing_services, "ID, …", names this one.
bool knows_signing_service(const Provider& provider, const std::string& id);

// Checks the factors of a signer and asserts it to the signing service `audience`
// (sam: attest()). Error{not_found} where there is no key for that: the TSP is older than this.
sam::Asserted assert_factors(Provider& provider, sam::SignatureActivationModule& module,
                             const std::string& signer, const std::string& credential,
                             const sam::Manifest& manifest, const sam::Presented& factors,
                             const std::string& audience);

}  // namespace tsp::ops
