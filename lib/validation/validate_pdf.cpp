#include "validation/validate_pdf.h"

#include <algorithm>

#include "ades/pades.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "validation/coverage.h"
#include "validation/pdf_date.h"
#include "validation/with_time.h"

namespace tsp::validation {
namespace {

constexpr std::string_view kSignatureTimestamp = "1.2.840.113549.1.9.16.2.14";

const Bytes& octets_of(const Bytes& der) {
  return der;
}
const Bytes& octets_of(const pdf::DssItem& item) {
  return item.octets;
}

std::vector<pdf::ByteRange> ranges_of(const pdf::Inspection& document) {
  std::vector<pdf::ByteRange> out;
  for (const pdf::SignatureEntry& entry : document.signatures)
    if (entry.byte_range) out.push_back(*entry.byte_range);
  return out;
}

// Adds what can be read of `ders`; answers how many cannot.
template <class T, class Item>
int add_readable(std::vector<T>& to, const std::vector<Item>& ders) {
  int unreadable = 0;
  for (const Item& der : ders) try {
      to.push_back(T::from_der(octets_of(der)));
    } catch (const Error&) {
      ++unreadable;
    }
  return unreadable;
}

class Validation {
 public:
  Validation(const PdfUnderValidation& document, Context& context)
      : document_(document),
        context_(context),
        digests_(document.octets, ranges_of(document.inspection)),
        changes_(document.inspection, document.octets, document.changes_after) {}

  Report run() {
    report_.file = document_.file;
    collect_store();
    if (document_.inspection.damaged)
      report_.findings.push_back(
          {Severity::warning, std::string(kDamaged), printable(document_.inspection.damage)});
    for (const pdf::SignatureEntry& entry : document_.inspection.signatures)
      if (entry.type != "DocTimeStamp") report_.signatures.push_back(judge(entry));
    conclude_report();
    return std::move(report_);
  }

 private:
  void collect_store() {
    const auto& store = document_.inspection.dss;
    if (!store) return;
    const int unreadable = add_readable(context_.evidence.certificates, store->certificates) +
                           add_readable(context_.evidence.crls, store->crls) +
                           add_readable(context_.evidence.ocsp, store->ocsp_responses);
    if (unreadable > 0)
      report_.findings.push_back(
          {Severity::warning, std::string(kStoreUnreadable),
           std::to_string(unreadable) + " entries of the security store cannot be read"});
  }

  void collect_embedded(const pdf::SignatureEntry& entry) {
    try {
      const cms::SignedData cms = cms::parse(entry.contents);
      for (const x509::Certificate& certificate : cms.certificates)
        context_.evidence.certificates.push_back(certificate);
      add_readable(context_.evidence.crls, cms.crls);
      add_readable(context_.evidence.ocsp, cms.ocsp_responses);
    } catch (const Error&) {  // format checking will say so
    }
  }

  SignatureResult judge(const pdf::SignatureEntry& entry) {
    collect_embedded(entry);
    const BasicValidation basic = validate_basic(entry, digests_, context_);
    const auto candidates = timestamps_over(entry, basic);
    const TimedValidation timed = validate_with_time(basic, candidates, context_);
    CoverageCheck covered;
    if (entry.byte_range)
      covered = check_coverage(entry, changes_);
    else
      covered.modified.modifications = Modifications::unknown;
    SignatureResult out = describe(entry, basic);
    out.coverage = name_of(covered.coverage);
    out.modifications = name_of(covered.modified.modifications);
    tell_times(out, basic, candidates, timed);
    settle(out, timed.conclusion, covered.modified.conclusion);
    for (const Finding& finding : basic.signing.findings) out.findings.push_back(finding);
    for (const Finding& finding : covered.modified.findings) out.findings.push_back(finding);
    return out;
  }

  // Signature time-stamps first, then document time-stamps over the signature's revision.
  std::vector<CandidateTimestamp> timestamps_over(const pdf::SignatureEntry& entry,
                                                  const BasicValidation& basic) {
    std::vector<CandidateTimestamp> out;
    if (!basic.format.cms || basic.format.cms->signers.size() != 1) return out;
    const cms::SignerInfo& signer = basic.format.cms->signers.front();
    for (const cms::Attribute& attribute : signer.unsigned_attributes)
      if (attribute.oid == kSignatureTimestamp)
        for (const Bytes& token : attribute.values)
          out.push_back({"signature", token, [value = signer.signature](auto hash) {
                           return crypto::digest(hash, value);
                         }});
    for (const pdf::SignatureEntry& other : document_.inspection.signatures)
      if (other.type == "DocTimeStamp" && entry.byte_range &&
          check_format(other).conclusion.passed() &&
          other.byte_range->first_end >= entry.byte_range->file_end)
        out.push_back({"document", other.contents, [this, range = *other.byte_range](auto hash) {
                         const Bytes* digest = digests_.of(range, hash);
                         return digest == nullptr ? Bytes() : *digest;
                       }});
    return out;
  }

  SignatureResult describe(const pdf::SignatureEntry& entry, const BasicValidation& basic) const {
    SignatureResult out;
    out.id = printable(entry.field);
    out.format = entry.sub_filter == "ETSI.CAdES.detached" ? "pades" : "pdf";
    out.level = "none";
    if (basic.format.cms)
      out.level = ades::level_of(document_.inspection, entry, *basic.format.cms).name;
    out.claimed_signing_time = parse_pdf_date(entry.date);
    if (basic.signing.certificate) {
      out.signer = basic.signing.certificate->subject();
      out.certificate_serial = basic.signing.certificate->serial();
    }
    return out;
  }

  void tell_times(SignatureResult& out, const BasicValidation& basic,
                  const std::vector<CandidateTimestamp>& candidates,
                  const TimedValidation& timed) const {
    if (timed.proven) out.best_signature_time = timed.best_signature_time;
    if (basic.signing.certificate) out.extend_before = basic.signing.certificate->not_after();
    std::optional<Time> stamped_until;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const TimestampValidation& each = timed.timestamps[i];
      out.timestamps.push_back(describe(candidates[i], each));
      if (!each.conclusion.passed()) {
        out.findings.push_back({Severity::warning, each.conclusion.finding,
                                candidates[i].kind + " time-stamp: " + each.conclusion.reason});
        continue;
      }
      const Time until = each.path.chain.front().not_after();
      stamped_until = std::max(stamped_until.value_or(until), until);
    }
    if (stamped_until) out.extend_before = stamped_until;
  }

  static TimestampResult describe(const CandidateTimestamp& candidate,
                                  const TimestampValidation& judged) {
    TimestampResult out;
    out.kind = candidate.kind;
    if (judged.info) out.time = judged.info->time;
    if (!judged.path.chain.empty()) out.tsa = judged.path.chain.front().subject();
    out.indication = indication_of(judged.conclusion);
    out.sub_indication = name_of(judged.conclusion.sub);
    return out;
  }

  // The weightier of both verdicts; a changed document is never passed.
  static void settle(SignatureResult& out, const Conclusion& process, const Conclusion& changes) {
    const Conclusion& decisive =
        worse(indication_of(changes), indication_of(process)) ? changes : process;
    out.indication = indication_of(decisive);
    out.sub_indication = name_of(decisive.sub);
    const auto note = [&](const Conclusion& conclusion, Severity severity) {
      if (!conclusion.passed())
        out.findings.push_back({severity, conclusion.finding, conclusion.reason});
    };
    note(process, process.status() == Status::failed ? Severity::error : Severity::warning);
    note(changes, Severity::error);
  }

  void conclude_report() {
    if (report_.signatures.empty()) {
      report_.indication = Indication::indeterminate;
      report_.findings.push_back(
          {Severity::warning, std::string(kNoSignature), "the document has no signature"});
      return;
    }
    report_.indication = report_.signatures.front().indication;
    report_.sub_indication = report_.signatures.front().sub_indication;
    for (const SignatureResult& each : report_.signatures)
      if (worse(each.indication, report_.indication)) {
        report_.indication = each.indication;
        report_.sub_indication = each.sub_indication;
      }
  }

  const PdfUnderValidation& document_;
  Context& context_;
  Digests digests_;
  ChangeLog changes_;
  Report report_;
};

}  // namespace

Report validate_pdf(const PdfUnderValidation& document, Context& context) {
  return Validation(document, context).run();
}

}  // namespace tsp::validation
