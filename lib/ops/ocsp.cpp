#include "base/error.h"
#include "ops/crls.h"
#include "x509/revocation.h"

namespace tsp::ops {
namespace {

constexpr int kMalformedRequest = 1, kUnauthorized = 6;

// The status of one id, from the store: never good for a serial that was not issued.
x509::OcspSingle answer_one(Provider& provider, const x509::OcspRequest::Id& id,
                            const x509::Certificate& issuer) {
  x509::OcspSingle single;
  single.cert_id = id.cert_id;
  single.this_update = whole_seconds(provider.now());
  single.next_update = single.this_update + provider.config().duration("ocsp.validity");
  const auto row = store::find_certificate(provider.database(), id.serial);
  if (!row || row->der.empty() || row->issuer_serial != issuer.serial()) return single;
  if (row->state == "valid") {
    single.status = x509::CertStatus::good;
  } else if (row->state == "revoked") {
    single.status = x509::CertStatus::revoked;
    single.revoked_at = row->revoked_at.value_or(Time{});
    single.reason = row->reason;
  }
  return single;
}

}  // namespace

Bytes answer_ocsp(Provider& provider, ByteView octets) {
  x509::OcspRequest request;
  try {
    request = x509::parse_ocsp_request(octets);
  } catch (const Error&) {
    return x509::ocsp_error_response(kMalformedRequest);
  }
  const x509::Certificate issuer = provider.certificate_of_role("issuing");
  x509::OcspOrder order;
  order.produced_at = whole_seconds(provider.now());
  order.nonce = request.nonce;
  order.archive_cutoff = issuer.not_before();
  // Our responder is entitled to speak for the issuing CA alone (RFC 6960 4.2.2.2).
  for (const auto& id : request.ids)
    if (x509::id_is_of(id, issuer)) order.answers.push_back(answer_one(provider, id, issuer));
  if (order.answers.empty()) return x509::ocsp_error_response(kUnauthorized);
  const auto key = provider.session("pki")->open_signer(kOcspKey);
  return x509::issue_ocsp_response(order, provider.certificate_of_role("ocsp"), *key);
}

}  // namespace tsp::ops
