// The TSA (RFC 3161, EN 319 421/422).
#pragma once

#include "cms/timestamp.h"
#include "ops/provider.h"

namespace tsp::ops {

// The clock's verdict, kept in each token's record.
struct ClockVerdict {
  std::string mode;  // synchronised, trusted
  bool ok = false;
  std::string detail;
};
ClockVerdict judge_clock(Provider& provider);

struct Stamped {
  Bytes token;
  cms::TstInfo info;
  std::int64_t audit_seq = 0;
};
// Stamps an imprint. Refused, on record: clock not sound (busy), TSU key past its own end, no
// certificate, a legacy hash (policy_refused). The serial is stored before signing.
Stamped stamp(Provider& provider, const cms::TimestampRequest& request);
// Refuses what stamp() would refuse, and opens the HSM's key; makes no token, serial or record.
void check_stamp(Provider& provider, const cms::TimestampRequest& request);
// A whole RFC 3161 exchange: never throws for a bad request, answers with a PKIFailureInfo.
Bytes answer_timestamp(Provider& provider, ByteView request);
// From a foreign TSA by URL, nonce checked; Error{evidence_missing}.
Bytes fetch_timestamp(net::Fetcher& fetcher, const std::string& url, crypto::HashAlgorithm hash,
                      ByteView imprint, std::chrono::seconds patience);

Json to_json(const Stamped& receipt);

}  // namespace tsp::ops
