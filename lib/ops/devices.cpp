#include "ops/devices.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ops/activation.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

std::int64_t factor_of(Provider& provider, const std::string& user, const sam::DeviceCard& card) {
  const Bytes data = sam::encode(card);
  for (const auto& row : store::factors_of(provider.database(), user))
    if (row.type == sam::name_of(sam::Factor::device) && equal(row.data, data)) return row.id;
  throw Error(Fault::not_found, "this device is no factor of " + printable(user), "",
              "an officer binds it with tsp user factor add " + printable(user) +
                  " --type device --device-card FILE");
}

}  // namespace

std::vector<WaitingQuestion> questions_for(Provider& provider, const std::string& user,
                                           const sam::DeviceCard& card) {
  const std::int64_t factor = factor_of(provider, user, card);
  std::vector<WaitingQuestion> out;
  for (const auto& row : store::requests_of(provider.database(), user)) {
    if (row.key.empty() || row.expires_at <= provider.now()) continue;
    WaitingQuestion waiting{{sam::decode_request(row.request), row.manifest, {}},
                            !row.answer.empty(),
                            !row.answer_key.empty()};
    for (const auto& share : store::shares_of(provider.database(), row.key))
      if (share.factor == factor) waiting.question.sealed_share = share.sealed;
    out.push_back(std::move(waiting));
  }
  return out;
}

void deliver_answer(Provider& provider, const Bytes& request, ByteView answer) {
  activation_module(provider)->deliver(request, answer);
}

}  // namespace tsp::ops
