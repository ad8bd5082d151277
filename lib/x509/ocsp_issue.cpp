// Writing OCSP answers, RFC 6960 section 4.2.
#include "base/error.h"
#include "crypto/der.h"
#include "x509/reason.h"
#include "x509/revocation.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

namespace der = crypto::der;

[[noreturn]] void refuse_to_answer(std::string why) {
  throw Error(Fault::policy_refused, "the OCSP answer is not issued", std::move(why),
              "nothing was signed");
}

// CertStatus ::= CHOICE {good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL}, implicit.
Bytes status_of(const OcspSingle& answer) {
  if (answer.status == CertStatus::good) return der::tlv(der::context(0, false), {});
  if (answer.status == CertStatus::unknown) return der::tlv(der::context(2, false), {});
  Bytes reason;
  if (!answer.reason.empty()) {
    const auto code = reason_code(answer.reason);
    if (!code) refuse_to_answer("\"" + answer.reason + "\" is no reason that is stated here");
    // As on the CRL: absent rather than unspecified.
    if (*code != 0) reason = der::wrap(der::context(0), encode_enumerated(*code));
  }
  return der::wrap(der::context(1), der::generalized_time(answer.revoked_at), reason);
}

Bytes single(const OcspSingle& answer, const std::optional<Time>& archive_cutoff) {
  const auto id = der::first(answer.cert_id);
  if (!id || id->tag != der::kSequence || id->whole.size() != answer.cert_id.size())
    refuse_to_answer("a CertID is not DER");
  Bytes next, extensions;
  if (answer.next_update) {
    if (*answer.next_update <= answer.this_update)
      refuse_to_answer("nextUpdate is not after thisUpdate");
    next = der::wrap(der::context(0), der::generalized_time(*answer.next_update));
  }
  if (archive_cutoff)
    extensions = der::wrap(der::context(1),
                           der::sequence(extension("1.3.6.1.5.5.7.48.1.6", false,
                                                   der::generalized_time(*archive_cutoff))));
  return der::sequence(answer.cert_id, status_of(answer), der::generalized_time(answer.this_update),
                       next, extensions);
}

Bytes response_data(const OcspOrder& order, const crypto::PublicKey& key) {
  if (order.answers.empty()) refuse_to_answer("it answers nothing");
  Bytes singles, extensions;
  for (const OcspSingle& answer : order.answers)
    append(singles, single(answer, order.archive_cutoff));
  if (order.nonce)
    extensions = der::wrap(
        der::context(1),
        der::sequence(extension("1.3.6.1.5.5.7.48.1.2", false, der::octet_string(*order.nonce))));
  // responderID byKey [2] KeyHash
  return der::sequence(der::wrap(der::context(2), der::octet_string(key_id(key))),
                       der::generalized_time(order.produced_at), der::tlv(der::kSequence, singles),
                       extensions);
}

}  // namespace

Bytes issue_ocsp_response(const OcspOrder& order, const Certificate& responder,
                          crypto::Signer& key) {
  const crypto::PublicKey& public_key = key.public_key();
  if (responder.public_key().spki() != public_key.spki())
    refuse_to_answer("the key that would sign is not the responder's");
  const Bytes data = response_data(order, public_key);
  const Bytes basic =
      der::sequence(data, signature_identifier_of(public_key), bit_string(sign_message(data, key)),
                    der::wrap(der::context(0), der::sequence(responder.der())));
  Bytes response = der::sequence(
      encode_enumerated(0),
      der::wrap(der::context(0),
                der::sequence(der::oid("1.3.6.1.5.5.7.48.1.1"), der::octet_string(basic))));
  if (!OcspResponse::from_der(response).is_signed_by(public_key))
    throw Error(Fault::hsm_unavailable, "the OCSP answer's signature does not verify", {},
                "the answer was thrown away");
  return response;
}

Bytes ocsp_error_response(int status) {
  if (status < 1 || status > 6 || status == 4)
    throw Error(Fault::failed, "no such OCSP response status");
  return der::sequence(encode_enumerated(status));
}

}  // namespace tsp::x509
