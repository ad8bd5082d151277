// What validation says (EN 319 102-1 clause 5, TS 119 102-2): data with stable ids.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace tsp::validation {

enum class Indication { total_passed, total_failed, indeterminate };
std::string_view name_of(Indication indication);  // "TOTAL-PASSED", …

enum class Severity { info, warning, error };
std::string_view name_of(Severity severity);

// Ids are part of the JSON output: never renamed, never reused; the text may change.
struct Finding {
  Severity severity;
  std::string id;
  std::string detail;
};

struct TimestampResult {
  std::string kind;  // signature, document, archive
  std::optional<Time> time;
  std::string tsa;  // RFC 4514
  Indication indication = Indication::indeterminate;
  std::string sub_indication;
};

struct SignatureResult {
  std::string id;  // field name
  std::string format, level;
  Indication indication = Indication::indeterminate;
  std::string sub_indication;  // empty for TOTAL-PASSED
  std::string signer, certificate_serial;
  std::optional<Time> claimed_signing_time;
  std::optional<Time> best_signature_time;  // nothing: no time-stamp proves any before the moment
                                            // that was judged
  std::string coverage;                     // whole-file, revision, not-covered
  std::string modifications;                // none, allowed, unexpected, unknown
  std::vector<TimestampResult> timestamps;
  std::vector<Finding> findings;
  std::optional<Time> extend_before;
};

struct Report {
  std::string file;
  Indication indication = Indication::indeterminate;
  std::string sub_indication;
  std::vector<SignatureResult> signatures;
  std::vector<Finding> findings;  // about the file
};

}  // namespace tsp::validation
