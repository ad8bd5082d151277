// Whole RFC 3161 exchanges: requests in, TimeStampResp out.
#include "ops/timestamp.h"

namespace tsp::ops {
namespace {

TimestampAnswer rejected(Provider& provider, const cms::TimestampRequest& request,
                         const Error& error) {
  using cms::FailureInfo;
  const bool foreign = request.policy && *request.policy != provider.test_policy();
  const auto info = error.fault == Fault::busy             ? FailureInfo::time_not_available
                    : error.fault != Fault::policy_refused ? FailureInfo::system_failure
                    : foreign                              ? FailureInfo::unaccepted_policy
                                                           : FailureInfo::bad_alg;
  return {cms::rejected(info, error.failed), true, error};
}

}  // namespace

std::vector<TimestampAnswer> answer_timestamps(Provider& provider,
                                               const std::vector<TimestampQuery>& queries) {
  std::vector<TimestampAnswer> answers(queries.size());
  std::vector<StampOrder> orders;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < queries.size(); ++at) {
    try {
      orders.push_back(
          {cms::parse_request(queries[at].octets), queries[at].caller, queries[at].roles, true});
      places.push_back(at);
    } catch (const cms::RequestRefused& error) {
      answers[at] = {cms::rejected(error.info, error.message), false, error};
    }
  }
  const auto results = stamp_all(provider, orders);
  for (std::size_t at = 0; at < results.size(); ++at)
    answers[places[at]] = results[at].error
                              ? rejected(provider, orders[at].request, *results[at].error)
                              : TimestampAnswer{cms::granted(results[at].stamped->token), true, {}};
  return answers;
}

}  // namespace tsp::ops
