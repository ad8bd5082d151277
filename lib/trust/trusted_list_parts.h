// The two halves of read_trusted_list(). Internal to the room, and to the fuzz target.
#pragma once

#include <string>
#include <vector>

#include "trust/trusted_list.h"
#include "xml/document.h"

namespace tsp::trust {

// Takes the signature out of the document. Error{policy_refused} where it does not hold (ETSI TS
// 119 612 clause 5.7), see read_trusted_list().
void check_signature(xml::Document& document, const std::string& name,
                     const std::vector<x509::Certificate>& signers, Time now);

// Reads the tree, signed or not; Error{bad_input}.
TrustedList parse_trusted_list(const xml::Document& document, const std::string& name);

}  // namespace tsp::trust
