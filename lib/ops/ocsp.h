// The OCSP responder of this TSP (RFC 6960). It speaks for the issuing CA alone, and never calls a
// serial number good that was not issued.
#pragma once

#include <list>
#include <string_view>
#include <unordered_map>

#include "ops/provider.h"
#include "x509/revocation.h"

namespace tsp::ops {

struct OcspAnswer {
  Bytes der;                // OCSPResponse
  bool understood = false;  // the request
  // Where it may be kept by others: when it was made, and when another will be given in its place,
  // at half the time to its nextUpdate.
  std::optional<Time> made{}, replaced{};
};

// Who asks without a nonce about one certificate of ours gets an answer that was made before
// (RFC 5019). It is given again while the store's certificate epoch stays the same, or while the
// certificate's row says what it said; so a revocation is in the next answer, whichever process
// made it. All else is made anew. For one thread.
class OcspResponder {
 public:
  static constexpr std::size_t kMostKept = 16384;  // about 1 KiB each
  explicit OcspResponder(Provider& provider, std::size_t most_kept = kMostKept)
      : provider_(provider), most_kept_(most_kept) {}
  // malformedRequest for what is no request, unauthorized for other CAs' certificates. Throws what
  // HSM and store throw.
  OcspAnswer answer(ByteView request);
  std::size_t kept() const { return kept_.size(); }

 private:
  // What an answer was made from.
  struct Status {
    x509::CertStatus status = x509::CertStatus::unknown;
    Time revoked_at{};
    std::string reason;
    bool operator==(const Status&) const = default;
  };
  struct Kept {
    std::string cert_id;  // DER
    std::string serial;
    OcspAnswer answer;
    Status status;
    std::int64_t epoch;
  };
  struct Authority {
    x509::Certificate issuer, responder;
  };
  void look_at_epoch();
  bool is_ours(const std::string& issuer_serial);
  Status status_of(const std::string& serial);
  const OcspAnswer* find(const x509::OcspRequest::Id& id, Time now);
  OcspAnswer make(const x509::OcspRequest& request, Time now);
  void keep(const x509::OcspRequest::Id& id, const Status& status, const OcspAnswer& answer);

  Provider& provider_;
  std::size_t most_kept_;
  std::int64_t epoch_ = -1;
  std::optional<Authority> authority_;                                     // of this epoch
  std::list<Kept> kept_;                                                   // asked for last first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_id_;  // views into kept_
};

// OCSPResponseStatus, RFC 6960 4.2.1.
inline constexpr int kOcspMalformed = 1, kOcspInternalError = 2, kOcspTryLater = 3,
                     kOcspUnauthorized = 6;

// One answer, made anew.
Bytes answer_ocsp(Provider& provider, ByteView request);

}  // namespace tsp::ops
