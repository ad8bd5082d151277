// What relying parties ask of the PKI worker: certificate status, time-stamps, CRLs, certificates,
// checkpoints. Nobody vouches for who asks, so refusals are counted here and go on record together.
#pragma once

#include <map>
#include <string>

#include "ops/ocsp.h"
#include "ops/timestamp.h"
#include "serve/message.h"
#include "store/crls.h"

namespace tsp::serve {

class PublicDesk {
 public:
  explicit PublicDesk(ops::Provider& provider) : provider_(provider), responder_(provider) {}

  // RFC 6960 A.1; what is no request, and what the HSM does not sign, is answered with an
  // OCSPResponseStatus and status 200, as clients expect it.
  Answer ocsp(ByteView request);
  // The same of what follows in the path: base64, percent-encoded.
  Answer ocsp_in_path(std::string_view argument);
  // RFC 3161 3.4; likewise. One answer a request, stamped as one group.
  std::vector<Answer> tsa(const std::vector<ops::TimestampQuery>& queries);
  Answer crl(std::string_view name);                // "issuing.crl". Error{not_found}
  Answer certificate(std::string_view name) const;  // "issuing.cer". Error{not_found}
  Answer checkpoint() const;                        // the newest; Error{not_found} before the first

  // Puts the refusals of past minutes on record. Where that fails they are kept.
  void flush_refusals();

 private:
  void count_refusal(const std::string& reason);
  ops::Provider& provider_;
  ops::OcspResponder responder_;
  // The newest CRLs, each in memory that the front shares.
  struct KeptCrl {
    std::int64_t number = 0;
    std::shared_ptr<const SharedBody> body;
    std::string tag;
  };
  const KeptCrl& kept_crl(const store::CrlRow& head);
  std::map<std::string, KeptCrl> crls_;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> refused_;  // by minute and reason
};

// The octets that a path holds in percent-encoding; nothing where it is not well formed.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace tsp::serve
