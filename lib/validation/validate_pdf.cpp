#include "validation/validate_pdf.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "validation/judge_signature.h"

namespace tsp::validation {
namespace {

const Bytes& octets_of(const pdf::DssItem& item) {
  return item.octets;
}
const Bytes& octets_of(const Bytes& der) {
  return der;
}

std::vector<pdf::ByteRange> ranges_of(const pdf::Inspection& document) {
  std::vector<pdf::ByteRange> out;
  for (const pdf::SignatureEntry& entry : document.signatures)
    if (entry.byte_range) out.push_back(*entry.byte_range);
  return out;
}

// Adds what can be read; answers how many cannot.
template <class T, class Item>
int add_readable(std::vector<T>& to, const std::vector<Item>& items) {
  int unreadable = 0;
  for (const Item& item : items) try {
      to.push_back(T::from_der(octets_of(item)));
    } catch (const Error&) {
      ++unreadable;
    }
  return unreadable;
}

// Issues certificates, or answers for some: whatever else stands in a signature is its signer's.
bool speaks_of_others(const x509::Certificate& certificate) {
  return certificate.is_ca() || certificate.is_self_issued() ||
         certificate.has_extended_key_usage("1.3.6.1.5.5.7.3.9");
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
    report_.at = context_.at;
    report_.policy = context_.policy.name;
    context_.proofs.begin(context_.at);
    context_.material.take(context_.evidence, Origin::given);
    apply_sunsets();
    collect_store();
    collect_embedded();
    if (document_.inspection.damaged)
      report_.findings.push_back(
          {Severity::warning, std::string(kDamaged), printable(document_.inspection.damage)});
    place_objects(document_.inspection, context_);
    const auto stamps = judge_document_stamps(document_.inspection, digests_, context_);
    for (const pdf::SignatureEntry& entry : document_.inspection.signatures)
      if (entry.type != "DocTimeStamp")
        report_.signatures.push_back(
            judge_signature(document_, entry, stamps, {digests_, changes_, context_}));
    conclude_report();
    return std::move(report_);
  }

 private:
  void apply_sunsets() {
    const std::vector<x509::Certificate> anchors = context_.anchors.anchors();
    for (const Policy::Sunset& sunset : context_.policy.sunsets)
      for (const x509::Certificate& anchor : anchors)
        if (to_hex(anchor.sha256()) == sunset.sha256) context_.anchors.end(anchor, sunset.until);
  }

  void collect_store() {
    const auto& store = document_.inspection.dss;
    if (!store) return;
    const int unreadable = add_readable(context_.evidence.certificates, store->certificates) +
                           add_readable(context_.evidence.crls, store->crls) +
                           add_readable(context_.evidence.ocsp, store->ocsp_responses);
    context_.material.take(context_.evidence, Origin::document);
    if (unreadable > 0)
      report_.findings.push_back(
          {Severity::warning, std::string(kStoreUnreadable),
           std::to_string(unreadable) + " entries of the security store cannot be read"});
  }

  void collect_embedded() {
    for (const pdf::SignatureEntry& entry : document_.inspection.signatures) try {
        const cms::SignedData cms = cms::parse(entry.contents, context_.decoded());
        for (const x509::Certificate& certificate : cms.certificates)
          if (speaks_of_others(certificate)) context_.evidence.certificates.push_back(certificate);
        add_readable(context_.evidence.crls, cms.crls);
        add_readable(context_.evidence.ocsp, cms.ocsp_responses);
      } catch (const Error&) {  // format checking will say so
      }
    context_.material.take(context_.evidence, Origin::signature);
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
