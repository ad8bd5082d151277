// What stands before a time-stamp can be made: clock, certificates, policy, hash, space.
#include <algorithm>

#include "crypto/digest.h"
#include "crypto/suite.h"
#include "ops/space.h"
#include "ops/stamping.h"

namespace tsp::ops {
namespace {

[[noreturn]] void refuse_stamp(Provider& provider, Keep keep, Fault fault,
                               const std::string& reason, const std::string& why) {
  refuse(provider, {"timestamp", "tsa", reason, {{"detail", why}}},
         Error(fault, "no time-stamp was made", why, "nothing was signed"), keep);
}

x509::Certificate usable_tsu(Provider& provider, Time now, Keep keep) {
  const auto row = store::current_certificate(provider.database(), "tsa");
  if (!row)
    refuse_stamp(provider, keep, Fault::policy_refused, "no-certificate",
                 "the TSA has no valid certificate");
  auto certificate = provider.decoded(*row);
  if (now < certificate.not_before())
    refuse_stamp(provider, keep, Fault::policy_refused, "clock-before-certificate",
                 "the clock stands before the TSA's certificate begins, " +
                     to_rfc3339(certificate.not_before()));
  const Time end = std::min(certificate.not_after(),
                            certificate.private_key_usage_end().value_or(certificate.not_after()));
  if (now > end)
    refuse_stamp(provider, keep, Fault::policy_refused, "key-expired",
                 "the TSA's key may be used until " + to_rfc3339(end) +
                     "; renew it with tsp cert renew tsa");
  return certificate;
}

// The TSA's certificate ends no later than its issuer's, so that what is missing was revoked.
x509::Certificate issuer_of_tsu(Provider& provider, Keep keep) {
  const auto row = store::current_certificate(provider.database(), "issuing");
  if (!row)
    refuse_stamp(provider, keep, Fault::policy_refused, "no-certificate",
                 "the authority that issued the TSA's certificate has no valid certificate");
  return provider.decoded(*row);
}

}  // namespace

StampReadiness get_stamp_readiness(Provider& provider, Keep keep) {
  ClockVerdict clock = judge_clock(provider);
  if (!clock.ok) refuse_stamp(provider, keep, Fault::busy, "clock-not-sound", clock.detail);
  const Time now = provider.now();
  return {provider.test_policy(),
          std::move(clock),
          now,
          usable_tsu(provider, now, keep),
          {issuer_of_tsu(provider, keep)}};
}

void check_policy_and_hash(Provider& provider, const cms::TimestampRequest& request,
                           const std::string& policy, Keep keep) {
  if (request.policy && *request.policy != policy)
    refuse_stamp(provider, keep, Fault::policy_refused, "policy-unknown",
                 "the policy " + *request.policy + " is not ours");
  if (request.imprint.size() != crypto::size_of(request.hash))
    refuse_stamp(provider, keep, Fault::bad_input, "imprint-length",
                 "the imprint is not as long as its hash algorithm's");
  if (const auto why = crypto::objection(request.hash, provider.now()))
    refuse_stamp(provider, keep, Fault::policy_refused, "hash-not-acceptable", *why);
}

// Nobody vouches for relying parties: what space is left is for our own signers.
void refuse_where_space_is_low(Provider& provider, const StampOrder& order) {
  if (!order.for_anybody) return;
  const Space space = look_at_space(provider.home(), provider.config());
  if (space.low())
    refuse(provider, {"timestamp", "tsa", "space-low"}, space_is_low(space, "the time-stamp"),
           Keep::one_a_minute);
}

void check_stamp(Provider& provider, const cms::TimestampRequest& request) {
  check_policy_and_hash(provider, request, get_stamp_readiness(provider, Keep::nothing).policy,
                        Keep::nothing);
  provider.session("pki")->open_signer(kTsaKey);
}

}  // namespace tsp::ops
