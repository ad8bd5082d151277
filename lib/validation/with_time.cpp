#include "validation/with_time.h"

#include <algorithm>

#include "cms/oids.h"
#include "validation/constraint.h"
#include "validation/strength_by_proofs.h"

namespace tsp::validation {
namespace {

// Step 2: with any other verdict the process ends.
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

// A time-stamp as the order of RFC 3161 2.4.2 sees it: genTime give or take the accuracy.
struct Interval {
  Time earliest, latest;
  std::string what;
};

Interval interval_of(const TimestampValidation& stamp, const std::string& what,
                     const Policy& policy) {
  auto width = std::chrono::duration_cast<std::chrono::milliseconds>(policy.tolerance);
  if (stamp.info->accuracy)
    width = std::max(width, std::chrono::ceil<std::chrono::milliseconds>(*stamp.info->accuracy));
  return {stamp.info->time - width, stamp.info->time + width, what};
}

class WithTime {
 public:
  WithTime(const BasicValidation& basic, const std::vector<CoveringStamp>& stamps,
           const std::optional<Time>& claimed, Context& context)
      : basic_(basic), stamps_(stamps), claimed_(claimed), context_(context) {}

  TimedValidation run() {
    out_.conclusion = basic_.conclusion;
    out_.path = basic_.path;
    out_.best_signature_time = context_.at;
    for (const CoveringStamp& stamp : stamps_) take(stamp);
    if (may_be_mended(basic_.conclusion) && basic_.signing.certificate) judge();
    out_.steps.push_back(step("5.5", "validation-with-time", out_.conclusion));
    return std::move(out_);
  }

 private:
  // Step 3.
  void take(const CoveringStamp& stamp) {
    const TimestampValidation& judged = *stamp.judged;
    if (!judged.conclusion.passed() || judged.past) return;
    out_.proven = out_.proven || judged.info->time < context_.at;
    out_.best_signature_time = std::min(out_.best_signature_time, judged.info->time);
  }

  void judge() {
    out_.conclusion = compare();
    if (out_.conclusion.passed()) out_.conclusion = settle(Rule::timestamp_order, check_order());
    if (out_.conclusion.passed() && out_.proven)
      out_.conclusion = settle(Rule::timestamp_delay,
                               check_delay(claimed_, out_.best_signature_time, context_.policy));
    if (out_.conclusion.passed())  // steps 8 and 9
      out_.conclusion =
          accept_signature(basic_.format.cms->signers.front(), *basic_.signing.certificate,
                           cms::oids::kData, out_.best_signature_time, context_.policy);
    if (out_.conclusion.passed()) out_.conclusion = check_strength(out_.path, context_);  // 10
  }

  // Steps 4 a) to d), 6 and 7: whether what stood against the signature stood against it at
  // best-signature-time, told by 5.2.6 asked again for that moment.
  Conclusion compare() {
    const x509::Certificate& certificate = *basic_.signing.certificate;
    const Time best = out_.best_signature_time;
    if (best < certificate.not_before())
      return conclude(
          Sub::not_yet_valid, kStampedBeforeCertificate,
          "the signature existed at " + to_rfc3339(best) + ", before its certificate began");
    if (basic_.conclusion.passed()) return basic_.conclusion;
    if (basic_.path.revoked_at && *basic_.path.revoked_at <= best) return basic_.conclusion;
    PathOutcome then = validate_x509(certificate, trust::Usage::any, context_, best);
    if (!then.conclusion.passed()) return basic_.conclusion;
    out_.path = std::move(then);
    return passed();
  }

  // Step 4 e), and the same of document time-stamps, each of which covers those before it.
  Conclusion check_order() const {
    std::vector<Interval> content, signature, document;
    for (const TimestampValidation& stamp : basic_.content_timestamps)
      if (stamp.conclusion.passed())
        content.push_back(interval_of(stamp, "a content time-stamp", context_.policy));
    for (const CoveringStamp& stamp : stamps_)
      if (stamp.judged->conclusion.passed())
        (stamp.kind == "document" ? document : signature)
            .push_back(interval_of(*stamp.judged, "time-stamp " + stamp.id, context_.policy));
    for (const auto& [inner, outer] :
         {std::pair(&content, &signature), std::pair(&content, &document),
          std::pair(&signature, &document)})
      if (Conclusion order = check_order(*inner, *outer); !order.passed()) return order;
    for (std::size_t i = 0; i + 1 < document.size(); ++i)
      if (Conclusion order = check_order({document[i]}, {document[i + 1]}); !order.passed())
        return order;
    return passed();
  }

  // The last inside against the first outside tells for all.
  static Conclusion check_order(const std::vector<Interval>& inner,
                                const std::vector<Interval>& outer) {
    if (inner.empty() || outer.empty()) return passed();
    const Interval& last = *std::ranges::max_element(inner, {}, &Interval::earliest);
    const Interval& first = *std::ranges::min_element(outer, {}, &Interval::latest);
    if (last.earliest <= first.latest) return passed();
    return conclude(Sub::timestamp_order_failure, kTimestampOrder,
                    last.what + " is later than " + first.what + ", which covers it");
  }

  Conclusion settle(Rule rule, Conclusion conclusion) {
    return settled(context_.policy, rule, std::move(conclusion), out_.findings);
  }

  const BasicValidation& basic_;
  const std::vector<CoveringStamp>& stamps_;
  const std::optional<Time>& claimed_;
  Context& context_;
  TimedValidation out_;
};

}  // namespace

TimedValidation validate_with_time(const BasicValidation& basic,
                                   const std::vector<CoveringStamp>& stamps,
                                   const std::optional<Time>& claimed, Context& context) {
  return WithTime(basic, stamps, claimed, context).run();
}

Conclusion check_delay(const std::optional<Time>& claimed, Time best_signature_time,
                       const Policy& policy) {
  if (!policy.delay) return passed();
  if (!claimed)
    return conclude(Sub::sig_constraints_failure, kTimestampDelay,
                    "the signature claims no time from which the delay of its time-stamp counts");
  if (best_signature_time <= *claimed + *policy.delay) return passed();
  return conclude(Sub::sig_constraints_failure, kTimestampDelay,
                  "the time-stamp of " + to_rfc3339(best_signature_time) +
                      " is too late for a signature of " + to_rfc3339(*claimed));
}

}  // namespace tsp::validation
