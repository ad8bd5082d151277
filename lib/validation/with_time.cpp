#include "validation/with_time.h"

#include <algorithm>

namespace tsp::validation {
namespace {

// 5.5 step 2: with any other verdict the process ends.
bool may_be_mended(const Conclusion& conclusion) {
  switch (conclusion.sub) {
    case Sub::none:
    case Sub::crypto_constraints_failure_no_poe:
    case Sub::revoked_no_poe:
    case Sub::revoked_ca_no_poe:
    case Sub::try_later:
    case Sub::out_of_bounds_no_poe:
    case Sub::out_of_bounds_not_revoked:
      return true;
    default:
      return false;
  }
}

// 5.5 step 4: whether what stood against the signature stood against it at best-signature-time.
Conclusion compare(const BasicValidation& basic, Context& context, Time best_signature_time) {
  const x509::Certificate& certificate = *basic.signing.certificate;
  if (best_signature_time < certificate.not_before())
    return conclude(Sub::not_yet_valid, kStampedBeforeCertificate,
                    "the signature existed at " + to_rfc3339(best_signature_time) +
                        ", before its certificate began");
  if (basic.conclusion.passed()) return basic.conclusion;
  // a) revoked, or suspended, only later.
  if (basic.path.revoked_at && *basic.path.revoked_at <= best_signature_time)
    return basic.conclusion;
  // b) to d) in its validity, with algorithms that were reliable and evidence that is fresh for
  // that moment: 5.2.6 asked again, for best-signature-time.
  const PathOutcome then =
      validate_x509(certificate, trust::Usage::any, context, best_signature_time);
  return then.conclusion.passed() ? passed() : basic.conclusion;
}

}  // namespace

TimedValidation validate_with_time(const BasicValidation& basic,
                                   const std::vector<CandidateTimestamp>& candidates,
                                   Context& context) {
  TimedValidation out{basic.conclusion, context.at, false, {}};
  for (const CandidateTimestamp& candidate : candidates) {
    out.timestamps.push_back(validate_timestamp(candidate.token, candidate.imprint_of, context));
    const TimestampValidation& timestamp = out.timestamps.back();
    if (!timestamp.conclusion.passed()) continue;
    out.best_signature_time = std::min(out.best_signature_time, timestamp.info->time);
    out.proven = true;
  }
  if (!may_be_mended(basic.conclusion) || !basic.signing.certificate) return out;
  out.conclusion = compare(basic, context, out.best_signature_time);
  // 5.5 step 8: acceptance at best-signature-time, also where basic validation did not reach it.
  if (out.conclusion.passed())
    out.conclusion = accept_signature(basic.format.cms->signers.front(), *basic.signing.certificate,
                                      "1.2.840.113549.1.7.1", out.best_signature_time);
  return out;
}

}  // namespace tsp::validation
