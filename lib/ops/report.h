// Reports of a validation for people and for machines elsewhere: HTML, and XML after ETSI TS
// 119 102-2. (JSON: to_json() in validate_documents.h.) Everything in them comes from
// validation::Report; texts from certificates and documents are hostile and escaped.
#pragma once

#include <string>
#include <vector>

#include "validation/report.h"

namespace tsp::ops {

// A file of which there is no report: it could not be read.
struct NotValidated {
  std::string file, message;
};

// One page that needs nothing else: no scripts, nothing fetched (its Content-Security-Policy says
// so too). For each signature the verdict, who and when, what keeps it from the next level, when to
// extend it, a picture of its times, and what the verdict rests on.
std::string report_html(const std::vector<validation::Report>& reports,
                        const std::vector<NotValidated>& failed);

// vr:ValidationReport in the namespace of V1.2.1, not signed: a SignatureValidationReport for each
// signature of each file, and the objects they refer to once each. A file without signatures has
// one with INDETERMINATE. Ours are the URIs urn:x-tsp:step:… (the building blocks and processes, as
// constraints) and urn:x-tsp:finding:….
std::string report_xml(const std::vector<validation::Report>& reports);

}  // namespace tsp::ops
