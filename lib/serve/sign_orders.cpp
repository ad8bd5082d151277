#include "serve/sign_orders.h"

#include "ops/backend_json.h"
#include "ops/json_members.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kMostSignatures = 128;  // in a group

}  // namespace

SignOrder sign_order_of(ops::Provider& provider, const Request& request, const std::string& group) {
  need_role(provider, kSigning, "sign");
  const Json body = body_of(request);
  const auto verb = csc_verb(request.verb);
  if (!verb && request.verb != "sign")
    throw Error(Fault::not_found, "there is no such resource here", request.verb);
  SignOrder order{request.id,
                  request.deadline,
                  provider.caller(),
                  provider.roles(),
                  group,
                  {Secret(Bytes()), {}, 0},
                  {}};
  if (verb) {
    CscSigning signing = csc_signing_of(provider, verb->version, verb->method, body, group);
    order.approval.secret = std::move(signing.sad);
    order.manifest = std::move(signing.manifest);
    order.csc = std::move(signing);
  } else {
    order.approval.secret = Secret(ops::octets_at(body, "sad"));
    order.manifest = ops::manifest_from_json(body);
  }
  return order;
}

Answer failure_of(const SignOrder& order, const Error& error) {
  Answer answer = order.csc ? csc::failure(order.csc->version, order.csc->method, error)
                            : failure(order.id, error);
  answer.id = order.id;
  return answer;
}

// Many documents under one approval must not make all others in the queue late, and whole ones,
// which are made one by one, keep no other's finished signatures back.
bool has_room(const std::vector<SignOrder>& group, const SignOrder& next) {
  if (group.empty()) return true;
  std::size_t signatures = next.size();
  for (const SignOrder& order : group) signatures += order.size();
  return signatures <= kMostSignatures && !next.is_whole() && !group.front().is_whole();
}

}  // namespace tsp::serve
