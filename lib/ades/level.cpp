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

// The last document time-stamp whose range begins with all of the signature's revision.
const pdf::SignatureEntry* covering_timestamp(const pdf::Inspection& document,
                                              const pdf::SignatureEntry& entry) {
  const pdf::SignatureEntry* found = nullptr;
  for (const pdf::SignatureEntry& other : document.signatures)
    if (other.type == "DocTimeStamp" && other.byte_range && entry.byte_range &&
        other.byte_range->first_end >= entry.byte_range->file_end)
      found = &other;
  return found;
}

}  // namespace

Level level_of(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
               const cms::SignedData& data) {
  if (std::string lack = lacks_for_b_b(entry, data); !lack.empty()) return {"none", lack};
  const pdf::SignatureEntry* covering = covering_timestamp(document, entry);
  if (covering == nullptr && !has(data.signers.front().unsigned_attributes, kSignatureTimestamp))
    return {"B-B", "it has no time-stamp"};
  const auto& dss = document.dss;
  if (!dss || dss->certificates.empty() || (dss->crls.empty() && dss->ocsp_responses.empty()))
    return {"B-T", "the document carries no validation data"};
  // A time-stamp that covers the whole file covers the security store; whether an earlier one did
  // cannot be told from the merged state.
  if (covering == nullptr || covering->byte_range->file_end != document.size)
    return {"B-LT", "no document time-stamp covers the validation data"};
  return {"B-LTA", ""};
}

}  // namespace tsp::ades
