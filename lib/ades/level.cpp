// The level a signature has grown into, EN 319 142-1 clause 6 (standards: 4.2).
#include <algorithm>

#include "ades/pades.h"

namespace tsp::ades {
namespace {

constexpr std::string_view kSignatureTimestamp = "1.2.840.113549.1.9.16.2.14";
constexpr std::string_view kSigningTime = "1.2.840.113549.1.9.5";
constexpr std::string_view kSigningCertificate[] = {"1.2.840.113549.1.9.16.2.47",
                                                    "1.2.840.113549.1.9.16.2.12"};

bool has(const std::vector<cms::Attribute>& attributes, std::string_view oid) {
  return std::ranges::any_of(attributes, [&](const auto& each) { return each.oid == oid; });
}

// What keeps it from being a baseline signature at all; empty: nothing.
std::string lacks_for_b_b(const pdf::SignatureEntry& entry, const cms::SignedData& data) {
  if (entry.type != "Sig") return "it is no signature but a document time-stamp";
  if (entry.sub_filter != "ETSI.CAdES.detached")
    return "its SubFilter is " + (entry.sub_filter.empty() ? "absent" : entry.sub_filter);
  if (entry.date.empty()) return "the signature dictionary has no M";
  if (entry.has_cert_key) return "the signature dictionary has a Cert key";
  if (data.signers.size() != 1) return "it does not have exactly one signer";
  if (data.content) return "its content is attached";
  const auto& attributes = data.signers.front().attributes;
  if (has(attributes, kSigningTime)) return "it has a signing-time attribute";
  if (std::ranges::none_of(kSigningCertificate,
                           [&](std::string_view oid) { return has(attributes, oid); }))
    return "it has no signing-certificate attribute";
  return {};
}

// The revision that the range ends with, before or behind its last end of line.
std::optional<std::size_t> revision_of(const pdf::Inspection& document,
                                       const pdf::ByteRange& range) {
  const auto found =
      std::ranges::lower_bound(document.revisions, range.file_end, {}, &pdf::Revision::end);
  if (found == document.revisions.end() || found->end - range.file_end > 2) return std::nullopt;
  return static_cast<std::size_t>(found - document.revisions.begin());
}

// A document time-stamp whose range begins with all of the signature's revision.
bool covers(const pdf::SignatureEntry& timestamp, const pdf::SignatureEntry& entry) {
  return timestamp.byte_range && entry.byte_range &&
         timestamp.byte_range->first_end >= entry.byte_range->file_end;
}

Counting all_of(const pdf::Inspection& document, const cms::SignedData& data) {
  Counting out;
  out.of_signature = data.signers.size() == 1 &&
                     has(data.signers.front().unsigned_attributes, kSignatureTimestamp);
  for (const pdf::SignatureEntry& each : document.signatures)
    if (each.type == "DocTimeStamp") out.of_document.push_back(&each);
  return out;
}

// Whether some of the items were there when that revision was written.
bool holds(const std::vector<pdf::DssItem>& items, std::size_t revision) {
  return std::ranges::any_of(items,
                             [&](const pdf::DssItem& item) { return item.revision <= revision; });
}

bool covers_validation_data(const pdf::Inspection& document, const pdf::SignatureEntry& timestamp) {
  const auto revision = revision_of(document, *timestamp.byte_range);
  return revision && holds(document.dss->certificates, *revision) &&
         (holds(document.dss->crls, *revision) || holds(document.dss->ocsp_responses, *revision));
}

}  // namespace

Level level_of(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
               const cms::SignedData& data) {
  return level_of(document, entry, data, all_of(document, data));
}

Level level_of(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
               const cms::SignedData& data, const Counting& counting) {
  if (std::string lack = lacks_for_b_b(entry, data); !lack.empty()) return {"none", lack};
  std::vector<const pdf::SignatureEntry*> covering = counting.of_document;
  std::erase_if(covering, [&](const pdf::SignatureEntry* each) { return !covers(*each, entry); });
  if (covering.empty() && !counting.of_signature) {
    const Counting all = all_of(document, data);
    const bool has_some =
        all.of_signature ||
        std::ranges::any_of(all.of_document,
                            [&](const pdf::SignatureEntry* each) { return covers(*each, entry); });
    return {"B-B", has_some ? "none of its time-stamps holds" : "it has no time-stamp"};
  }
  const auto& dss = document.dss;
  if (!dss || dss->certificates.empty() || (dss->crls.empty() && dss->ocsp_responses.empty()))
    return {"B-T", "the document carries no validation data"};
  if (std::ranges::none_of(covering, [&](const pdf::SignatureEntry* timestamp) {
        return covers_validation_data(document, *timestamp);
      }))
    return {"B-LT", "no document time-stamp covers the validation data"};
  return {"B-LTA", ""};
}

}  // namespace tsp::ades
