// The TSA (RFC 3161, EN 319 421/422).
#pragma once

#include <span>

#include "cms/timestamp.h"
#include "ops/provider.h"

namespace tsp::ops {

struct Stamped {
  Bytes token;
  cms::TstInfo info;
  std::int64_t audit_seq = 0;
};
// Stamps an imprint. Refused, on record: clock not sound (busy), TSU key past its own end, no
// certificate, a legacy hash (policy_refused); once a minute for a caller without a role. The
// serial is stored before signing.
Stamped stamp(Provider& provider, const cms::TimestampRequest& request);
// The same for all that is queued, one result an order in their order, each judged and recorded for
// its own caller: every intent becomes durable in one transaction, then the HSM is called, then
// every result. A transaction that cannot be written fails them all. Leaves the provider acting for
// one of the callers.
struct StampOrder {
  cms::TimestampRequest request;
  std::string caller;  // as the audit log names him
  Roles roles;
  bool for_anybody = false;  // a relying party's, whoever he is: refused where space is low
};
struct StampResult {
  std::optional<Stamped> stamped;
  std::optional<Error> error;
};
std::vector<StampResult> stamp_all(Provider& provider, std::span<const StampOrder> orders);
// Refuses what stamp() would refuse, and opens the HSM's key; makes no token, serial or record.
void check_stamp(Provider& provider, const cms::TimestampRequest& request);
struct TimestampAnswer {
  Bytes der;                       // TimeStampResp
  bool understood = false;         // the request; one that is none leaves no record
  std::optional<Error> refused{};  // why there is no token
};
// Whole RFC 3161 exchanges, stamped as one group: what is refused is answered with a
// PKIFailureInfo.
struct TimestampQuery {
  ByteView octets;
  std::string caller;
  Roles roles;
};
std::vector<TimestampAnswer> answer_timestamps(Provider& provider,
                                               const std::vector<TimestampQuery>& queries);
// What is asked of somebody else's TSA.
struct ForeignStamp {
  std::string url;
  crypto::HashAlgorithm hash;
  Bytes imprint;
  std::optional<std::string> policy;  // dotted; nothing: whichever the TSA has
  std::chrono::seconds patience;
  Time now;
};
// The token: hash, imprint, nonce and policy are those asked for, the signature is right, the TSU's
// certificate is for signatures, for time-stamps alone and valid at the time stated, and that time
// lies within an hour of ours (our clock may be wrong; a token of last week is a lie).
// Error{evidence_missing} with the reason. Does NOT judge who the TSA is.
Bytes fetch_timestamp(net::Fetcher& fetcher, const ForeignStamp& order);

Json to_json(const Stamped& receipt);

}  // namespace tsp::ops
