#include "ops/signed_file.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/suite.h"

namespace tsp::ops {
namespace {

constexpr std::string_view kSignatureTimestamp = "1.2.840.113549.1.9.16.2.14";
constexpr const char *kOfSomethingElse = "it is of something else",
                     *kTooMuch = "what it is of is not in the file, or too much to hash";

std::vector<pdf::ByteRange> ranges_of_stamps(const pdf::Inspection& inspection) {
  std::vector<pdf::ByteRange> out;
  for (const pdf::SignatureEntry& entry : inspection.signatures)
    if (entry.type == "DocTimeStamp" && entry.byte_range) out.push_back(*entry.byte_range);
  return out;
}

Error cannot_read(const pdf::SignatureEntry& entry, const std::string& why) {
  return {Fault::bad_input,
          "the signature in field " + printable(entry.field) + " cannot be extended", why,
          "nothing was changed"};
}

// By the signing-certificate attribute; older kinds have only the identifier, which is not signed.
std::optional<x509::Certificate> signer_of(const cms::SignedData& data,
                                           const std::vector<x509::Certificate>& more) {
  const cms::SignerInfo& signer = data.signers.front();
  if (auto named = cms::signing_certificate(data, signer, more)) return named;
  for (const auto* candidates : {&data.certificates, &more})
    for (const x509::Certificate& each : *candidates)
      if (cms::identifies(signer, each)) return each;
  return std::nullopt;
}

}  // namespace

SignedFile::SignedFile(const pdf::Inspection& inspection, ByteView octets,
                       EvidenceCollector& collector)
    : collector_(collector), decoded_(collector.library().decoded()), size_(inspection.size) {
  if (inspection.dss) read_store(*inspection.dss);
  validation::Digests digests(octets, ranges_of_stamps(inspection));
  for (const pdf::SignatureEntry& entry : inspection.signatures) {
    if (!entry.byte_range) throw cannot_read(entry, "its byte range is not sound");
    if (entry.type == "DocTimeStamp")
      read_stamp(entry, digests);
    else
      read_signature(entry);
  }
  for (const Stamp& stamp : stamps_) prove(stamp);
  collector_.library().remember(certificates_);
}

void SignedFile::read_store(const pdf::Dss& store) {
  for (const pdf::DssItem& item : store.certificates) try {
      const auto known = std::ranges::find_if(
          decoded_, [&](const x509::Certificate& each) { return each.der() == item.octets; });
      certificates_.push_back(known == decoded_.end() ? x509::Certificate::from_der(item.octets)
                                                      : *known);
      collector_.at_hand().add(certificates_.back());
    } catch (const Error&) {  // validation tells of it
    }
  collector_.at_hand().add_evidence(store);
  has_evidence_ = !certificates_.empty() && !(store.ocsp_responses.empty() && store.crls.empty());
  decoded_.insert(decoded_.begin(), certificates_.begin(), certificates_.end());
}

void SignedFile::read_stamp(const pdf::SignatureEntry& entry, validation::Digests& digests) {
  try {
    cms::Token token = cms::parse_token(entry.contents, decoded_);
    const Bytes* digest = digests.of(*entry.byte_range, token.info.hash);
    if (digest == nullptr || *digest != token.info.imprint) {
      warnings_.push_back("the time-stamp in field " + printable(entry.field) +
                          " is passed over: " + (digest == nullptr ? kTooMuch : kOfSomethingElse));
      return;
    }
    EvidenceSubject unit = unit_of(token, collector_.at_hand(), certificates_);
    stamps_.push_back({entry.contents, entry.byte_range->first_end, entry.byte_range->file_end,
                       std::move(token), std::move(unit)});
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
    throw cannot_read(entry, error.message);
  }
}

EvidenceSubject SignedFile::read_own_stamp(ByteView token, const cms::SignerInfo& signer) {
  const cms::Token stamp = cms::parse_token(token, decoded_);
  if (crypto::digest(stamp.info.hash, signer.signature) != stamp.info.imprint)
    throw Error(Fault::bad_input, std::string(kOfSomethingElse));
  return unit_of(stamp, collector_.at_hand(), certificates_);
}

void SignedFile::read_signature(const pdf::SignatureEntry& entry) {
  std::optional<cms::SignedData> data;
  try {
    data = cms::parse(entry.contents, decoded_);
  } catch (const Error& error) {
    throw cannot_read(entry, error.message);
  }
  if (data->signers.size() != 1) throw cannot_read(entry, "it does not have exactly one signer");
  take_embedded(*data, collector_.at_hand());
  const auto signer = signer_of(*data, certificates_);
  if (!signer) throw cannot_read(entry, "the signer's certificate is not there");
  Signature out{entry.contents, entry.byte_range->file_end, *signer, {}, {}};
  for (const cms::Attribute& attribute : data->signers.front().unsigned_attributes) {
    if (attribute.oid != kSignatureTimestamp) continue;
    for (const Bytes& value : attribute.values) try {
        out.units.push_back(read_own_stamp(value, data->signers.front()));
        const Time time = out.units.back().proof;
        out.proof = out.proof ? std::min(*out.proof, time) : time;
      } catch (const Error& error) {
        if (error.fault != Fault::bad_input) throw;
        warnings_.push_back("a time-stamp of the signature in field " + printable(entry.field) +
                            " is passed over: " + error.message);
      }
  }
  signatures_.push_back(std::move(out));
}

void SignedFile::prove(const Stamp& stamp) {
  for (Signature& signature : signatures_)
    if (stamp.begin >= signature.end)
      signature.proof =
          signature.proof ? std::min(*signature.proof, stamp.unit.proof) : stamp.unit.proof;
}

bool SignedFile::needs_timestamp() const {
  return std::ranges::any_of(signatures_, [](const Signature& each) { return !each.proof; });
}

Level SignedFile::level() const {
  if (needs_timestamp() || !is_signed()) return Level::b_b;
  if (!has_evidence_) return Level::b_t;
  return !stamps_.empty() && stamps_.back().end == size_ ? Level::b_lta : Level::b_lt;
}

std::optional<Time> SignedFile::end_of(const x509::Certificate& certificate) const {
  const auto path = collector_.known_path(certificate);
  Time end = certificate.not_after();
  for (std::size_t i = 0; i + 1 < path.size(); ++i) end = std::min(end, path[i].not_after());
  return end;
}

std::optional<Time> SignedFile::protected_until() const {
  if (!stamps_.empty() && stamps_.back().end == size_)
    return end_of(stamps_.back().unit.certificate);
  std::optional<Time> out;
  const auto take = [&](const std::optional<Time>& time) {
    if (time) out = out ? std::min(*out, *time) : time;
  };
  for (const Signature& each : signatures_) {
    take(end_of(each.units.empty() ? each.signer : each.units.front().certificate));
  }
  for (const Stamp& each : stamps_) take(end_of(each.unit.certificate));
  return out;
}

std::optional<Time> SignedFile::algorithms_until() const {
  if (stamps_.empty()) return std::nullopt;
  const Stamp& last = stamps_.back();
  const cms::SignerInfo& signer = last.token.data.signers.front();
  const crypto::Suite suite;
  const auto of_imprint = suite.last_moment(last.token.info.hash);
  const auto of_signature =
      suite.last_moment(*signer.scheme, *signer.hash, last.unit.certificate.public_key());
  if (!of_imprint || !of_signature) return std::nullopt;
  return std::min(*of_imprint, *of_signature);
}

void SignedFile::add_timestamp(const LongTerm::Stamped& stamped) {
  EvidenceSubject unit = unit_of(stamped.token, collector_.at_hand());
  stamps_.push_back({stamped.contents, ~std::uint64_t{0}, size_, stamped.token, std::move(unit)});
  prove(stamps_.back());
}

std::vector<EvidenceNeed> SignedFile::needs() const {
  std::vector<EvidenceNeed> out;
  for (const Signature& each : signatures_) {
    if (!each.proof) throw Error(Fault::failed, "a signature is not proven to have existed");
    EvidenceNeed need{each.contents, each.units};
    need.subjects.push_back({each.signer, *each.proof});
    out.push_back(std::move(need));
  }
  for (const Stamp& each : stamps_) out.push_back({each.contents, {each.unit}});
  return out;
}

}  // namespace tsp::ops
