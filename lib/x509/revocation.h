// CRLs (RFC 5280 section 5) and OCSP answers (RFC 6960): made, parsed, judged one by one. Which of
// several is fresh enough for a moment is the room `trust`'s question.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "x509/certificate.h"

namespace tsp::x509 {

// CRLReason names as RFC 5280 spells them: unspecified, keyCompromise, cACompromise,
// affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn. certificateHold and
// removeFromCRL are never issued here.
bool is_reason(std::string_view name);

struct RevokedEntry {
  std::string serial;  // hex
  Time revoked_at;
  std::string reason;  // empty: not stated
};

struct CrlOrder {
  std::uint64_t number;
  Time this_update, next_update;
  std::vector<RevokedEntry> entries;
  bool expired_certs_on_crl = true;  // adds ExpiredCertsOnCRL = the CA's notBefore (EN 319 411-2)
};
// Signed by the CA; verified before it is returned. DER. Error{policy_refused} when the key is not
// the CA's, a serial number stands there twice, a reason is none of those above, or the dates are
// the wrong way round. NOT checked: that the number grows.
Bytes issue_crl(const CrlOrder& order, const Certificate& ca, crypto::Signer& ca_key);

// A parsed CRL; copies share it. Judges nothing: neither critical extensions (a delta CRL, an
// indirect one, one with a narrower scope) nor dates.
class Crl {
 public:
  static Crl from_der(ByteView der);  // Error{bad_input}; nothing may follow; at most 64 MiB
  X509_CRL* get() const { return crl_.get(); }
  const Bytes& der() const { return *der_; }
  std::string issuer() const;
  Bytes issuer_der() const;
  Time this_update() const;
  std::optional<Time> next_update() const;
  std::optional<std::uint64_t> number() const;
  std::optional<Time> expired_certs_since() const;
  // By halves, after sorting once. Nothing for removeFromCRL.
  std::optional<RevokedEntry> find(const std::string& serial) const;
  // The entry of this certificate, in an indirect CRL the one of its issuer.
  std::optional<RevokedEntry> find(const Certificate& certificate) const;
  std::size_t size() const;
  // Signature and issuer name only. Each key is tried once, whoever asks.
  bool is_signed_by(const Certificate& ca) const;
  bool is_delta() const;
  // RFC 5280 5.2 and 5.3: about all certificates of its issuer and nobody else's, for all reasons,
  // without any critical extension, in the list or in an entry.
  bool is_complete() const;
  const X509_ALGOR* signature_algorithm() const;

 private:
  struct Known;  // what was found out about it, shared by copies
  Crl(std::shared_ptr<X509_CRL> crl, Bytes der);
  std::shared_ptr<X509_CRL> crl_;
  std::shared_ptr<const Bytes> der_;
  std::shared_ptr<Known> known_;
};

enum class CertStatus { good, revoked, unknown };

struct OcspRequest {
  struct Id {
    Bytes cert_id;  // DER of CertID, as asked
    Bytes issuer_name_hash, issuer_key_hash;
    std::string hash_oid;
    std::string serial;  // hex
  };
  std::vector<Id> ids;
  std::optional<Bytes> nonce;  // 1 to 128 octets, without its OCTET STRING header
};
OcspRequest parse_ocsp_request(ByteView der);  // Error{bad_input}; at most 64 ids
// `hash` of the CertID; SHA-1 is what all responders understand.
Bytes make_ocsp_request(const Certificate& certificate, const Certificate& issuer,
                        const std::optional<Bytes>& nonce,
                        crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1);
// True when the id names a certificate of this issuer.
bool id_is_of(const OcspRequest::Id& id, const Certificate& issuer);

struct OcspSingle {
  Bytes cert_id;  // DER
  CertStatus status = CertStatus::unknown;
  Time revoked_at{};
  std::string reason;
  Time this_update;
  std::optional<Time> next_update;
  // Of an answer that was read, not of one to be made: ArchiveCutoff (RFC 6960 4.4.4), and whether
  // it, or the whole response, has a critical extension that nobody here knows.
  std::optional<Time> archive_cutoff{};
  bool unknown_critical = false;
};
struct OcspOrder {
  std::vector<OcspSingle> answers;
  std::optional<Bytes> nonce;
  Time produced_at;
  std::optional<Time> archive_cutoff;
};
// A successful OCSPResponse, responder by key hash, with the responder's certificate. DER,
// verified.
Bytes issue_ocsp_response(const OcspOrder& order, const Certificate& responder,
                          crypto::Signer& key);
// malformedRequest, internalError, tryLater, unauthorized.
Bytes ocsp_error_response(int status);

// A parsed OCSPResponse with status successful. Judges nothing.
class OcspResponse {
 public:
  static OcspResponse from_der(ByteView der);  // a whole OCSPResponse; Error{bad_input}
  const Bytes& der() const { return *der_; }   // of the whole OCSPResponse
  Time produced_at() const;
  std::optional<Bytes> nonce() const;
  std::vector<OcspSingle> answers() const;
  std::vector<std::string> serials() const;  // of the certificates it speaks of, hex
  // The answer for this certificate of this issuer, whatever hash its CertID uses.
  std::optional<OcspSingle> find(const Certificate& certificate, const Certificate& issuer) const;
  std::vector<Certificate> certificates() const;
  // The certificate, of those inside, `more` or the issuer, whose key made the signature and that
  // is entitled to: the issuer itself, or issued directly by it with id-kp-OCSPSigning (RFC 6960
  // 4.2.2.2). Checks signatures of the answer and of the responder certificate; NOT dates or
  // revocation.
  std::optional<Certificate> authorised_responder(const Certificate& issuer,
                                                  const std::vector<Certificate>& more = {}) const;

  // The signature alone. Each key is tried once, whoever asks.
  bool is_signed_by(const crypto::PublicKey& key) const;
  const X509_ALGOR* signature_algorithm() const;

 private:
  bool names_responder(const Certificate& candidate) const;  // by responderID

  struct State;  // what was found out about it included, shared by copies
  OcspResponse(std::shared_ptr<State> state, Bytes der)
      : state_(std::move(state)), der_(std::make_shared<const Bytes>(std::move(der))) {}
  std::shared_ptr<State> state_;
  std::shared_ptr<const Bytes> der_;
};

}  // namespace tsp::x509
