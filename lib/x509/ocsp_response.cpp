// Reading OCSP answers, RFC 6960 section 4.2.
#include <openssl/ocsp.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/ocsp_id.h"
#include "x509/reason.h"
#include "x509/revocation.h"
#include "x509/subject.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Release<&OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Release<&OCSP_BASICRESP_free>>;

constexpr std::size_t kLargestResponse = 4 << 20;  // octets

[[noreturn]] void refuse_response(std::string why) {
  throw Error(Fault::bad_input, "not a usable OCSP answer", std::move(why));
}

Time required(const ASN1_GENERALIZEDTIME* time) {
  const auto value = time_of(time);
  if (!value) refuse_response("a date is no time");
  return *value;
}

bool is_known(const X509_EXTENSION* extension) {
  const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
  return nid == NID_id_pkix_OCSP_Nonce || nid == NID_id_pkix_OCSP_archiveCutoff ||
         nid == NID_id_pkix_OCSP_extendedStatus || nid == NID_crl_reason;
}

bool is_critical_unknown(const X509_EXTENSION* extension) {
  return X509_EXTENSION_get_critical(extension) == 1 && !is_known(extension);
}

bool has_unknown_critical(OCSP_BASICRESP* basic) {
  for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic); ++i)
    if (is_critical_unknown(OCSP_BASICRESP_get_ext(basic, i))) return true;
  return false;
}

bool has_unknown_critical(OCSP_SINGLERESP* single) {
  for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); ++i)
    if (is_critical_unknown(OCSP_SINGLERESP_get_ext(single, i))) return true;
  return false;
}

std::optional<Time> archive_cutoff_of(OCSP_SINGLERESP* single) {
  const crypto::QuietErrors quiet;
  const GeneralizedPtr time(static_cast<ASN1_GENERALIZEDTIME*>(
      OCSP_SINGLERESP_get1_ext_d2i(single, NID_id_pkix_OCSP_archiveCutoff, nullptr, nullptr)));
  if (!time) return std::nullopt;
  return time_of(time.get());
}

OcspSingle read_single(OCSP_SINGLERESP* response) {
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *this_update = nullptr, *next_update = nullptr;
  const int status =
      OCSP_single_get0_status(response, &reason, &revoked, &this_update, &next_update);
  OcspSingle single;
  single.cert_id =
      encode_with(i2d_OCSP_CERTID, const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(response)));
  single.this_update = required(this_update);
  if (next_update) single.next_update = required(next_update);
  if (status == V_OCSP_CERTSTATUS_GOOD) single.status = CertStatus::good;
  if (status == V_OCSP_CERTSTATUS_REVOKED) {
    single.status = CertStatus::revoked;
    single.revoked_at = required(revoked);
    if (reason >= 0) single.reason = reason_name(reason);
  }
  single.archive_cutoff = archive_cutoff_of(response);
  single.unknown_critical = has_unknown_critical(response);
  return single;
}

// Of two answers for one certificate the later counts, of two at one time the worse.
bool outweighs(const OcspSingle& a, const OcspSingle& b) {
  if (a.this_update != b.this_update) return a.this_update > b.this_update;
  return a.status == CertStatus::revoked && b.status != CertStatus::revoked;
}

std::vector<Certificate> certificates_in(const OCSP_BASICRESP* basic) {
  std::vector<Certificate> all;
  const STACK_OF(X509)* certificates = OCSP_resp_get0_certs(basic);
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    try {
      all.push_back(Certificate::of(sk_X509_value(certificates, i)));
    } catch (const Error&) {
      continue;  // no certificate by our reading: it answers for nothing
    }
  }
  return all;
}

}  // namespace

struct OcspResponse::State {
  BasicPtr basic;
  std::vector<std::string> serials;  // of the answers: most responses are about others
  bool unknown_critical = false;     // in the whole response
  std::vector<Certificate> certificates;
  std::mutex guard;
  std::map<Bytes, bool> signed_by;  // by SubjectPublicKeyInfo
};

OcspResponse OcspResponse::from_der(ByteView der) {
  if (der.size() > kLargestResponse) refuse_response("larger than 4 MiB");
  const crypto::QuietErrors quiet;
  const std::uint8_t* at = der.data();
  const ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response) refuse_response("damaged or not DER");
  if (at != der.data() + der.size()) refuse_response("something follows it");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    refuse_response(std::string("the responder says ") + OCSP_response_status_str(status));
  auto state = std::make_shared<State>();
  state->basic.reset(OCSP_response_get1_basic(response.get()));
  if (!state->basic) refuse_response("no basic response is inside");
  state->unknown_critical = has_unknown_critical(state->basic.get());
  state->certificates = certificates_in(state->basic.get());
  OcspResponse parsed(std::move(state), to_bytes(der));
  (void)parsed.produced_at();
  (void)parsed.answers();
  for (int i = 0; i < OCSP_resp_count(parsed.state_->basic.get()); ++i)
    parsed.state_->serials.push_back(
        read_cert_id(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(parsed.state_->basic.get(), i)))
            .serial);
  return parsed;
}

Time OcspResponse::produced_at() const {
  return required(OCSP_resp_get0_produced_at(state_->basic.get()));
}

std::optional<Bytes> OcspResponse::nonce() const {
  OCSP_BASICRESP* basic = state_->basic.get();
  const int index = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
  if (index < 0) return std::nullopt;
  const Bytes value = octets_of(X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, index)));
  const auto nonce = crypto::der::first(value);
  if (!nonce || nonce->tag != crypto::der::kOctetString || nonce->whole.size() != value.size())
    return std::nullopt;
  return to_bytes(nonce->content);
}

std::vector<OcspSingle> OcspResponse::answers() const {
  std::vector<OcspSingle> all;
  for (int i = 0; i < OCSP_resp_count(state_->basic.get()); ++i) {
    all.push_back(read_single(OCSP_resp_get0(state_->basic.get(), i)));
    all.back().unknown_critical = all.back().unknown_critical || state_->unknown_critical;
  }
  return all;
}

std::vector<std::string> OcspResponse::serials() const {
  std::vector<std::string> all;
  for (int i = 0; i < OCSP_resp_count(state_->basic.get()); ++i) {
    const OCSP_SINGLERESP* response = OCSP_resp_get0(state_->basic.get(), i);
    all.push_back(read_cert_id(OCSP_SINGLERESP_get0_id(response)).serial);
  }
  return all;
}

std::optional<OcspSingle> OcspResponse::find(const Certificate& certificate,
                                             const Certificate& issuer) const {
  const std::string serial = certificate.serial();
  if (std::ranges::find(state_->serials, serial) == state_->serials.end()) return std::nullopt;
  std::optional<OcspSingle> found;
  for (int i = 0; i < OCSP_resp_count(state_->basic.get()); ++i) {
    OCSP_SINGLERESP* response = OCSP_resp_get0(state_->basic.get(), i);
    const OcspRequest::Id id = read_cert_id(OCSP_SINGLERESP_get0_id(response));
    if (id.serial != serial || !id_is_of(id, issuer)) continue;
    OcspSingle single = read_single(response);
    single.unknown_critical = single.unknown_critical || state_->unknown_critical;
    if (!found || outweighs(single, *found)) found = std::move(single);
  }
  return found;
}

std::vector<Certificate> OcspResponse::certificates() const {
  return state_->certificates;
}

bool OcspResponse::is_signed_by(const crypto::PublicKey& key) const {
  const std::lock_guard lock(state_->guard);
  const auto [found, is_new] = state_->signed_by.emplace(key.spki(), false);
  if (is_new) {
    const crypto::QuietErrors quiet;
    const OCSP_BASICRESP* basic = state_->basic.get();
    found->second =
        crypto::is_tractable(key.get()) &&
        ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), OCSP_resp_get0_tbs_sigalg(basic),
                         OCSP_resp_get0_signature(basic), OCSP_resp_get0_respdata(basic),
                         key.get()) == 1;
  }
  return found->second;
}

const X509_ALGOR* OcspResponse::signature_algorithm() const {
  return OCSP_resp_get0_tbs_sigalg(state_->basic.get());
}

bool OcspResponse::names_responder(const Certificate& candidate) const {
  const ASN1_OCTET_STRING* by_key = nullptr;
  const X509_NAME* by_name = nullptr;
  if (OCSP_resp_get0_id(state_->basic.get(), &by_key, &by_name) != 1) return false;
  if (by_name) return X509_NAME_cmp(by_name, X509_get_subject_name(candidate.get())) == 0;
  return by_key && octets_of(by_key) == key_id(candidate.public_key());
}

std::optional<Certificate> OcspResponse::authorised_responder(
    const Certificate& issuer, const std::vector<Certificate>& more) const {
  const auto entitled = [&](const Certificate& candidate) {
    if (candidate == issuer) return true;
    return candidate.issuer_der() == issuer.subject_der() &&
           candidate.has_extended_key_usage(kOcspSigning) && candidate.has_key_usage(0) &&
           candidate.is_signed_by(issuer.public_key());
  };
  std::vector<Certificate> candidates = certificates();
  candidates.insert(candidates.end(), more.begin(), more.end());
  candidates.push_back(issuer);
  for (const Certificate& candidate : candidates) {
    try {
      if (names_responder(candidate) && entitled(candidate) && is_signed_by(candidate.public_key()))
        return candidate;
    } catch (const Error&) {
      continue;  // a key that cannot be read makes no signature
    }
  }
  return std::nullopt;
}

}  // namespace tsp::x509
