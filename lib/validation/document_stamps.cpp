#include "validation/document_stamps.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cms/oids.h"
#include "validation/coverage.h"
#include "validation/format_checking.h"

namespace tsp::validation {
namespace {

void place_values(const cms::SignedData& cms, std::uint64_t place, Proofs& proofs) {
  for (const x509::Certificate& certificate : cms.certificates)
    proofs.place(id_of(certificate.der()), place);
  for (const Bytes& crl : cms.crls) proofs.place(id_of(crl), place);
  for (const Bytes& answer : cms.ocsp_responses) proofs.place(id_of(answer), place);
  for (const cms::SignerInfo& signer : cms.signers) proofs.place(id_of(signer.signature), place);
}

// A signature, and the time-stamps in it; what those may carry in turn is not looked at.
void place_cms(const cms::SignedData& cms, std::uint64_t place, Context& context) {
  place_values(cms, place, context.proofs);
  for (const cms::SignerInfo& signer : cms.signers)
    for (const cms::Attribute& attribute : signer.unsigned_attributes)
      if (attribute.oid == cms::oids::kSignatureTimestamp)
        for (const Bytes& token : attribute.values) try {
            place_values(cms::parse(token, context.decoded()), place, context.proofs);
          } catch (const Error&) {  // no time-stamp
          }
}

void place_items(const std::vector<pdf::DssItem>& items, Proofs& proofs) {
  for (const pdf::DssItem& item : items)
    proofs.place(id_of(item.octets), place_in_store(item.revision));
}

}  // namespace

void place_objects(const pdf::Inspection& document, Context& context) {
  if (document.dss) {
    place_items(document.dss->certificates, context.proofs);
    place_items(document.dss->crls, context.proofs);
    place_items(document.dss->ocsp_responses, context.proofs);
  }
  for (const pdf::SignatureEntry& entry : document.signatures) {
    const FormatCheck format = check_format(entry, context.decoded());
    if (!format.conclusion.passed() || !format.cms) continue;
    if (const auto revision = revision_of(document, *entry.byte_range))
      place_cms(*format.cms, place_of_signature(*revision), context);
  }
}

std::vector<DocumentStamp> judge_document_stamps(const pdf::Inspection& document, Digests& digests,
                                                 Context& context) {
  std::vector<DocumentStamp> out;
  for (const pdf::SignatureEntry& entry : document.signatures) {
    if (entry.type != "DocTimeStamp" || !check_format(entry, context.decoded()).conclusion.passed())
      continue;
    const auto revision = revision_of(document, *entry.byte_range);
    out.push_back({&entry, revision ? reach_of_stamp(*revision) : 0, printable(entry.field), {}});
  }
  std::ranges::stable_sort(
      out, {}, [](const DocumentStamp& stamp) { return stamp.entry->byte_range->file_end; });
  for (auto stamp = out.rbegin(); stamp != out.rend(); ++stamp) {
    stamp->judged = validate_timestamp(
        stamp->entry->contents,
        [&](crypto::HashAlgorithm hash) {
          const Bytes* digest = digests.of(*stamp->entry->byte_range, hash);
          return digest == nullptr ? Bytes() : *digest;
        },
        context);
    validate_past_timestamp(stamp->judged, context);
    if (stamp->judged.conclusion.passed() && stamp->reach > 0)
      context.proofs.stamped(stamp->reach, stamp->judged.info->time, stamp->id);
  }
  return out;
}

}  // namespace tsp::validation
