// URIs of ETSI TS 119 612, clauses 5.5 and annexes D. Internal to the room.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "trust/anchors.h"

namespace tsp::trust {

inline constexpr std::string_view kTsl = "http://uri.etsi.org/02231/v2#",
                                  kTslAdditional = "http://uri.etsi.org/02231/v2/additionaltypes#",
                                  kTslExtensions =
                                      "http://uri.etsi.org/TrstSvc/SvcInfoExt/"
                                      "eSigDir-1999-93-EC-TrustedList/#",
                                  kXmlNames = "http://www.w3.org/XML/1998/namespace";

inline constexpr std::string_view kListOfLists =
    "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists";
inline constexpr std::string_view kListMediaType = "application/vnd.etsi.tsl+xml";

inline constexpr std::string_view kServiceTypes = "http://uri.etsi.org/TrstSvc/Svctype/";
struct ServiceType {
  std::string_view name;  // behind kServiceTypes
  Service service;
};
// Types whose certificates are anchors here; those of OCSP and CRL services are authorised by the
// CA they answer for, not by the list.
inline constexpr std::array kAnchorTypes{
    ServiceType{"CA/QC", Service::certificates},
    ServiceType{"CA/PKC", Service::certificates},
    ServiceType{"NationalRootCA-QC", Service::certificates},
    ServiceType{"TSA/QTST", Service::timestamps},
    ServiceType{"TSA", Service::timestamps},
    ServiceType{"TSA/TSS-QC", Service::timestamps},
    ServiceType{"TSA/TSS-AdESQCandQES", Service::timestamps},
};

// 5.5.4: of Regulation (EU) 910/2014, and of Directive 1999/93/EC before it.
inline constexpr std::string_view kStatuses = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/";
inline constexpr std::array<std::string_view, 6> kApproved{
    "granted",          "recognisedatnationallevel", "setbynationallaw",
    "undersupervision", "supervisionincessation",    "accredited"};

inline std::optional<Service> service_of(std::string_view type) {
  if (!type.starts_with(kServiceTypes)) return std::nullopt;
  type.remove_prefix(kServiceTypes.size());
  for (const ServiceType& row : kAnchorTypes)
    if (row.name == type) return row.service;
  return std::nullopt;
}

inline bool is_approval(std::string_view status) {
  if (!status.starts_with(kStatuses)) return false;
  return std::ranges::find(kApproved, status.substr(kStatuses.size())) != kApproved.end();
}

}  // namespace tsp::trust
