#include "ops/ocsp.h"

#include <algorithm>

#include "base/error.h"
#include "store/certificate_status.h"

namespace tsp::ops {
namespace {

// Parameters of the hash algorithm can make them as long as one likes.
constexpr std::size_t kLongestKept = 256;

std::string_view cache_key_of(const x509::OcspRequest::Id& id) {
  return as_text(id.cert_id);
}

}  // namespace

// What is read after the number is at least as new as it.
void OcspResponder::look_at_epoch() {
  const std::int64_t epoch = store::certificate_epoch(provider_.database());
  if (epoch == epoch_ && authority_) return;
  Authority now{provider_.certificate_of_role("issuing"), provider_.certificate_of_role("ocsp")};
  const bool other = authority_ && (authority_->issuer.serial() != now.issuer.serial() ||
                                    authority_->responder.serial() != now.responder.serial());
  if (other) {
    by_id_.clear();
    kept_.clear();
  }
  authority_ = std::move(now);
  epoch_ = epoch;
}

// By the issuing CA, also under a certificate that it had before: the key is the CA.
bool OcspResponder::is_ours(const std::string& issuer_serial) {
  if (issuer_serial == authority_->issuer.serial()) return true;
  const auto row = store::find_certificate(provider_.database(), issuer_serial);
  return row && row->role == "issuing" && row->spki == authority_->issuer.public_key().spki();
}

OcspResponder::Status OcspResponder::status_of(const std::string& serial) {
  const auto row = store::find_certificate(provider_.database(), serial);
  if (!row || row->der.empty() || !is_ours(row->issuer_serial)) return {};
  if (row->state == "valid") return {x509::CertStatus::good, {}, {}};
  if (row->state != "revoked") return {};
  return {x509::CertStatus::revoked, row->revoked_at.value_or(Time{}), row->reason};
}

const OcspAnswer* OcspResponder::find(const x509::OcspRequest::Id& id, Time now) {
  const auto found = by_id_.find(cache_key_of(id));
  if (found == by_id_.end()) return nullptr;
  const auto kept = found->second;
  bool usable = *kept->answer.made <= now && now < *kept->answer.replaced;
  if (usable && kept->epoch != epoch_) {
    usable = status_of(kept->serial) == kept->status;
    kept->epoch = epoch_;
  }
  if (!usable) {
    by_id_.erase(found);
    kept_.erase(kept);
    return nullptr;
  }
  kept_.splice(kept_.begin(), kept_, kept);
  return &kept->answer;
}

OcspAnswer OcspResponder::make(const x509::OcspRequest& request, Time now) {
  const auto validity = provider_.config().duration("ocsp.validity");
  x509::OcspOrder order;
  order.produced_at = whole_seconds(now);
  order.nonce = request.nonce;
  order.archive_cutoff = authority_->issuer.not_before();
  // No answer outlives the certificate that it is signed under.
  const Time next_update =
      std::min(order.produced_at + validity, authority_->responder.not_after());
  std::vector<Status> statuses;
  for (const auto& id : request.ids) {
    // Our responder is entitled to speak for the issuing CA alone (RFC 6960 4.2.2.2).
    if (!x509::id_is_of(id, authority_->issuer)) continue;
    statuses.push_back(status_of(id.serial));
    const Status& status = statuses.back();
    order.answers.push_back({id.cert_id, status.status, status.revoked_at, status.reason,
                             order.produced_at, next_update});
  }
  if (order.answers.empty()) return {x509::ocsp_error_response(kOcspUnauthorized), true};
  const auto key = provider_.session("pki")->open_signer(kOcspKey);
  OcspAnswer answer{x509::issue_ocsp_response(order, authority_->responder, *key), true};
  // A serial number that nobody has could be any: such answers would drive out the others.
  if (request.nonce || request.ids.size() != 1 ||
      statuses.front().status == x509::CertStatus::unknown)
    return answer;
  answer.made = order.produced_at;
  answer.replaced = order.produced_at + (next_update - order.produced_at) / 2;
  keep(request.ids.front(), statuses.front(), answer);
  return answer;
}

void OcspResponder::keep(const x509::OcspRequest::Id& id, const Status& status,
                         const OcspAnswer& answer) {
  if (most_kept_ == 0 || id.cert_id.size() > kLongestKept) return;
  if (kept_.size() >= most_kept_) {
    by_id_.erase(kept_.back().cert_id);
    kept_.pop_back();
  }
  kept_.push_front({std::string(cache_key_of(id)), id.serial, answer, status, epoch_});
  by_id_.emplace(kept_.front().cert_id, kept_.begin());
}

OcspAnswer OcspResponder::answer(ByteView octets) {
  x509::OcspRequest request;
  try {
    request = x509::parse_ocsp_request(octets);
  } catch (const Error&) {
    return {x509::ocsp_error_response(kOcspMalformed), false};
  }
  look_at_epoch();
  const Time now = provider_.now();
  if (!request.nonce && request.ids.size() == 1)
    if (const OcspAnswer* kept = find(request.ids.front(), now)) return *kept;
  return make(request, now);
}

Bytes answer_ocsp(Provider& provider, ByteView request) {
  return OcspResponder(provider, 0).answer(request).der;
}

}  // namespace tsp::ops
