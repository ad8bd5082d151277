#include "validation/judge_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "cms/oids.h"
#include "crypto/digest.h"
#include "validation/constraint.h"
#include "validation/pdf_date.h"
#include "validation/reached_level.h"

namespace tsp::validation {
namespace {

// Of a signature's own; and of document time-stamps the first and the last so many. context.proofs
// knows them all.
constexpr std::size_t kMostTimestamps = 16;

class SignatureJudgement {
 public:
  SignatureJudgement(const PdfUnderValidation& document, const pdf::SignatureEntry& entry,
                     const std::vector<DocumentStamp>& stamps, const Shared& shared)
      : document_(document),
        entry_(entry),
        document_stamps_(stamps),
        digests_(shared.digests),
        changes_(shared.changes),
        context_(shared.context) {}

  SignatureResult run() {
    out_.claimed_signing_time = parse_pdf_date(entry_.date);
    basic_ = validate_basic(entry_, digests_, context_);
    gather_stamps();
    const TimedValidation timed =
        validate_with_time(basic_, stamps_, out_.claimed_signing_time, context_);
    const bool archived = std::ranges::any_of(
        stamps_, [](const CoveringStamp& stamp) { return stamp.kind == "document"; });
    const LongTermValidation whole =
        validate_long_term(basic_, timed, archived, out_.claimed_signing_time, context_);
    const CoverageCheck covered = check_coverage();
    describe(whole);
    out_.coverage = name_of(covered.coverage);
    out_.modifications = name_of(covered.modified.modifications);
    tell_steps(timed, whole);
    settle(demand(whole.conclusion), covered.modified.conclusion);
    tell_findings(timed, whole);
    for (const Finding& finding : covered.modified.findings) out_.findings.push_back(finding);
    tell_end();
    return std::move(out_);
  }

 private:
  const cms::SignerInfo* signer() const {
    return basic_.format.cms && basic_.format.cms->signers.size() == 1
               ? &basic_.format.cms->signers.front()
               : nullptr;
  }

  // Signature time-stamps first, then document time-stamps over the signature's whole revision.
  void gather_stamps() {
    if (signer() == nullptr) return;
    for (const cms::Attribute& attribute : signer()->unsigned_attributes)
      if (attribute.oid == cms::oids::kSignatureTimestamp)
        for (const Bytes& token : attribute.values)
          if (own_stamps_.size() < kMostTimestamps) judge_stamp(token);
    for (const CoveringStamp& stamp : stamps_) prove(stamp);
    std::vector<const DocumentStamp*> over;
    for (const DocumentStamp& stamp : document_stamps_)
      if (entry_.byte_range && stamp.entry->byte_range->first_end >= entry_.byte_range->file_end)
        over.push_back(&stamp);
    for (std::size_t i = 0; i < over.size(); ++i)
      if (i < kMostTimestamps || over.size() - i <= kMostTimestamps)
        stamps_.push_back({"document", over[i]->id, &over[i]->judged});
  }

  void judge_stamp(const Bytes& token) {
    const auto imprint_of = [value = signer()->signature](crypto::HashAlgorithm hash) {
      return crypto::digest(hash, value);
    };
    TimestampValidation& judged =
        own_stamps_.emplace_back(validate_timestamp(token, imprint_of, context_));
    validate_past_timestamp(judged, context_);
    stamps_.push_back(
        {"signature", fmt::format("{}/{}", printable(entry_.field), own_stamps_.size()), &judged});
  }

  // 5.6.2.3: the signature value, and by its signed reference the signing certificate.
  void prove(const CoveringStamp& stamp) {
    if (!stamp.judged->conclusion.passed()) return;
    const Time time = stamp.judged->info->time;
    context_.proofs.add(id_of(signer()->signature), time, stamp.id);
    if (basic_.signing.certificate && basic_.signing.referenced)
      context_.proofs.add(id_of(basic_.signing.certificate->der()), time, stamp.id);
  }

  CoverageCheck check_coverage() const {
    if (entry_.byte_range) return validation::check_coverage(entry_, changes_);
    CoverageCheck unknown;
    unknown.modified.modifications = Modifications::unknown;
    return unknown;
  }

  void describe(const LongTermValidation& whole) {
    out_.id = printable(entry_.field);
    out_.format = entry_.sub_filter == "ETSI.CAdES.detached" ? "pades" : "pdf";
    out_.sub_filter = printable(entry_.sub_filter);
    out_.reason = printable(entry_.reason);
    out_.location = printable(entry_.location);
    out_.level = "none";
    if (basic_.format.cms) {
      ReachedLevel level = reached_level(document_.inspection, entry_, *basic_.format.cms, stamps_,
                                         document_stamps_);
      out_.level = std::move(level.told.name);
      out_.next_level_lacks = std::move(level.told.why_not_more);
      proven_level_ = std::move(level.proven.name);
    }
    if (basic_.signing.certificate) {
      out_.signer = basic_.signing.certificate->subject();
      out_.certificate_serial = basic_.signing.certificate->serial();
    }
    if (whole.proven) out_.best_signature_time = whole.best_signature_time;
    for (const CoveringStamp& stamp : stamps_)
      out_.timestamps.push_back(describe_timestamp(stamp, context_));
    out_.chain = describe_chain(whole.path.chain, whole.path.revocation, context_);
    if (signer() == nullptr) return;
    const ObjectId value = id_of(signer()->signature);
    out_.signature_sha256 = to_hex(value);
    if (signer()->hash) out_.hash_algorithm = crypto::name_of(*signer()->hash);
    if (signer()->scheme) out_.signature_algorithm = crypto::name_of(*signer()->scheme);
    out_.signature_value = signer()->signature;
    describe_algorithms(whole.best_signature_time);
    out_.proofs = describe_proofs(out_, value, context_);
  }

  void describe_algorithms(Time at) {
    if (!signer()->hash) return;
    if (entry_.byte_range)
      if (const Bytes* digest = digests_.of(*entry_.byte_range, *signer()->hash))
        out_.content_digest = to_hex(*digest);
    if (!signer()->scheme || !basic_.signing.certificate) return;
    const x509::Certificate& certificate = *basic_.signing.certificate;
    out_.algorithms_accepted = !objection(*signer(), certificate, at, context_.policy);
    const auto last = context_.policy.suite.last_moment(*signer()->scheme, *signer()->hash,
                                                        certificate.public_key());
    if (last && *last != Time::max()) out_.algorithms_until = last;
  }

  void tell_steps(const TimedValidation& timed, const LongTermValidation& whole) {
    out_.steps = basic_.steps;
    out_.steps.insert(out_.steps.end(), timed.steps.begin(), timed.steps.end());
    out_.steps.insert(out_.steps.end(), whole.steps.begin(), whole.steps.end());
  }

  // What the policy demands of the signature as a whole.
  Conclusion demand(Conclusion conclusion) {
    if (!conclusion.passed()) return conclusion;
    const Policy& policy = context_.policy;
    if (!policy.least_level.empty() && is_below(proven_level_, policy.least_level))
      return conclude(Sub::sig_constraints_failure, kLevelTooLow,
                      "the policy asks for " + policy.least_level + ", the signature is " +
                          out_.level +
                          (proven_level_ == out_.level
                               ? ""
                               : ", and by the time-stamps that passed " + proven_level_));
    if (out_.level == "none")
      conclusion =
          told_or(Rule::baseline, conclude(Sub::sig_constraints_failure, kNotBaseline,
                                           "no baseline signature: " + out_.next_level_lacks));
    const auto failing = std::ranges::find_if(
        stamps_, [](const CoveringStamp& stamp) { return !stamp.judged->conclusion.passed(); });
    if (conclusion.passed() && failing != stamps_.end() &&
        policy.level(Rule::timestamps) == Level::fail)
      conclusion =
          conclude(failing->judged->conclusion.sub, kTimestampFails,
                   "time-stamp " + failing->id + ": " + failing->judged->conclusion.reason);
    if (conclusion.passed() && out_.claimed_signing_time && out_.best_signature_time &&
        *out_.claimed_signing_time > *out_.best_signature_time + policy.tolerance)
      conclusion =
          told_or(Rule::claimed_time, conclude(Sub::sig_constraints_failure, kClaimedLater,
                                               "the signature claims to be of " +
                                                   to_rfc3339(*out_.claimed_signing_time) +
                                                   ", later than it is proven to have existed"));
    return conclusion;
  }

  Conclusion told_or(Rule rule, Conclusion conclusion) {
    return settled(context_.policy, rule, std::move(conclusion), out_.findings);
  }

  // The weightier of both verdicts; a changed document is never passed.
  void settle(const Conclusion& process, const Conclusion& changes) {
    const Conclusion& decisive =
        worse(indication_of(changes), indication_of(process)) ? changes : process;
    out_.indication = indication_of(decisive);
    out_.sub_indication = name_of(decisive.sub);
    const auto note = [&](const Conclusion& conclusion, Severity severity) {
      if (!conclusion.passed())
        out_.findings.push_back({severity, conclusion.finding, conclusion.reason});
    };
    note(process, process.status() == Status::failed ? Severity::error : Severity::warning);
    note(changes, Severity::error);
  }

  void tell_findings(const TimedValidation& timed, const LongTermValidation& whole) {
    const Level stamps = context_.policy.level(Rule::timestamps);
    for (const CoveringStamp& stamp : stamps_)
      if (!stamp.judged->conclusion.passed() && stamps != Level::ignore)
        out_.findings.push_back(
            {stamps == Level::inform ? Severity::info : Severity::warning,
             stamp.judged->conclusion.finding,
             stamp.kind + " time-stamp " + stamp.id + ": " + stamp.judged->conclusion.reason});
    for (Finding finding : basic_.signing.findings) {
      const Level level = finding.id == kIdentifierDiffers
                              ? context_.policy.level(Rule::certificate_identity)
                              : Level::warn;
      if (level == Level::inform) finding.severity = Severity::info;
      if (level != Level::ignore) out_.findings.push_back(std::move(finding));
    }
    const auto add = [this](const std::vector<Finding>& findings) {
      out_.findings.insert(out_.findings.end(), findings.begin(), findings.end());
    };
    add(basic_.findings);
    add(timed.findings);
    add(whole.path.findings);
  }

  // The last of what protects the signature: a time-stamp that holds, or the signature itself.
  void tell_end() {
    std::optional<End> end;
    for (const CoveringStamp& stamp : stamps_) {
      if (!stamp.judged->conclusion.passed() || stamp.judged->past) continue;
      End one = end_of(*stamp.judged->signer, stamp.judged->path.chain, stamp.judged->info->hash,
                       context_);
      if (!end || end->time < one.time) end = std::move(one);
    }
    if (!end && signer() != nullptr && basic_.signing.certificate)
      end = end_of(
          *signer(),
          basic_.path.chain.empty() ? std::vector{*basic_.signing.certificate} : basic_.path.chain,
          std::nullopt, context_);
    if (!end || end->time == Time::max()) return;
    out_.extend_before = end->time;
    out_.extend_before_because = end->because;
  }

  const PdfUnderValidation& document_;
  const pdf::SignatureEntry& entry_;
  const std::vector<DocumentStamp>& document_stamps_;
  Digests& digests_;
  ChangeLog& changes_;
  Context& context_;
  BasicValidation basic_;
  std::deque<TimestampValidation> own_stamps_;
  std::vector<CoveringStamp> stamps_;
  std::string proven_level_ = "none";  // see ReachedLevel
  SignatureResult out_;
};

}  // namespace

SignatureResult judge_signature(const PdfUnderValidation& document,
                                const pdf::SignatureEntry& entry,
                                const std::vector<DocumentStamp>& stamps, const Shared& shared) {
  return SignatureJudgement(document, entry, stamps, shared).run();
}

}  // namespace tsp::validation
