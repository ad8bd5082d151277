// Trusted lists, ETSI TS 119 612 V2.4.1 (namespace http://uri.etsi.org/02231/v2#): who is trusted
// for which service, since when, as the operator of a scheme says and signs.
//
//   TrustServiceStatusList
//     SchemeInformation   TSLType, TSLSequenceNumber, SchemeTerritory, ListIssueDateTime,
//     NextUpdate,
//                         PointersToOtherTSL: where other lists are and who signs them
//     TrustServiceProviderList / TrustServiceProvider / TSPServices / TSPService
//       ServiceInformation  type, identity (certificates, key identifier), status and since when
//       ServiceHistory      the statuses before
//     ds:Signature        of the operator, enveloped
//
// Read are the fields above, names, and of the extensions whether a critical one is not understood;
// nothing is judged of languages, addresses and other texts. Hostile until the signature is judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trust/anchors.h"

namespace tsp::trust {

inline constexpr std::size_t kLargestList = std::size_t{16} << 20;  // octets

// What a service was from a moment on.
struct ServiceStatus {
  std::string type;    // URI: …/Svctype/CA/QC, …/Svctype/TSA/QTST
  std::string status;  // URI: …/Svcstatus/granted
  Time from{};
  // Additional service information: URIs such as …/SvcInfoExt/ForeSignatures.
  std::vector<std::string> additional{};
};

struct ListedService {
  std::string provider, name;  // English where there is one
  std::vector<x509::Certificate> certificates;
  std::vector<Bytes> key_ids;  // X509SKI
  std::vector<ServiceStatus>
      statuses;  // newest first, as listed: the current one, then the history
  // Local name of a critical extension of the current entry that is not understood; empty: none.
  std::string unknown_critical;
};

struct ListPointer {
  std::string location;   // URL
  std::string type;       // URI, where stated
  std::string territory;  // where stated
  std::vector<x509::Certificate> signers;
};

struct TrustedList {
  std::string type;  // URI
  std::string operator_name, territory;
  std::int64_t sequence = 0;
  Time issued{};
  std::optional<Time> next_update;  // nothing: the list is closed, there will be no other
  std::vector<ListPointer> pointers;
  std::vector<ListedService> services;
  std::size_t unreadable = 0;  // certificates in it that are none, which are passed over
  bool is_list_of_lists() const;
};

// Who may sign: certificates that were pinned, or that a list of lists names.
// Answers the list only when exactly one of them signed the whole of it, with algorithms that are
// acceptable at `now`, in the certificate's validity, and XAdES' signing certificate, where stated,
// is that one. Otherwise Error{bad_input} (no XML, no list, another version, limits) or
// Error{policy_refused} (its signature does not hold) saying why. Neither NextUpdate nor the
// sequence number is judged: see check_succession().
TrustedList read_trusted_list(ByteView octets, const std::string& name,
                              const std::vector<x509::Certificate>& signers, Time now);

// Whether a list may be used at `now` and take the place of the one before: issued by then (five
// minutes of skew), not past its NextUpdate, sequence number not lower, and where that is equal not
// issued earlier. Error{policy_refused} otherwise.
struct ListState {
  std::int64_t sequence = 0;
  Time issued{};
};
void check_succession(const TrustedList& list, const std::string& name,
                      const std::optional<ListState>& before, Time now);

// What the list's services mean for paths: every certificate of a service of a type that certifies
// signers or stamps time counts from the beginning of a status that is one of approval to the
// beginning of the next. Others add nothing.
struct ListedAnchor {
  std::string provider, service;
  x509::Certificate certificate;
  Term term;
};
std::vector<ListedAnchor> anchors_of(const TrustedList& list);

}  // namespace tsp::trust
