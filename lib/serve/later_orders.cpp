#include "serve/later_orders.h"

#include "serve/log.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kMostLater = 1024;
constexpr std::chrono::seconds kTimeForLater{5};  // for a group, once it is begun

}  // namespace

Answer LaterOrders::put_off(SignOrder order) {
  if (orders_.size() >= kMostLater)
    throw Error(Fault::busy, "too much is to be signed later", "", "nothing was signed");
  auto promised = responses_.promise(order.csc->user, *order.csc->later);
  Answer answer = json_answer({{"responseID", promised.name}});
  answer.id = order.id;
  orders_.push_back({std::move(promised.id), provider_.now() + kBeginWithin, std::move(order)});
  return answer;
}

void LaterOrders::sign_group(GroupSigner& signer) {
  if (empty()) return;
  std::vector<Bytes> ids;
  const auto orders = next_group(ids);
  bool hsm_gone = false;
  const auto answers = signer.sign(orders);
  for (std::size_t at = 0; at < answers.size(); ++at) {
    keep(ids[at], answers[at]);
    hsm_gone = hsm_gone || answers[at].fault == Fault::hsm_unavailable;
  }
  if (hsm_gone) throw Error(Fault::hsm_unavailable, "the HSM does not answer");
}

std::vector<SignOrder> LaterOrders::next_group(std::vector<Bytes>& ids) {
  std::vector<SignOrder> group;
  for (; !orders_.empty() && has_room(group, orders_.front().order); orders_.pop_front()) {
    Later& next = orders_.front();
    if (next.begin_by <= provider_.now()) continue;  // its caller is told that it is lost
    next.order.deadline = std::chrono::steady_clock::now() + kTimeForLater;
    group.push_back(std::move(next.order));
    ids.push_back(std::move(next.id));
  }
  return group;
}

void LaterOrders::keep(const Bytes& id, const Answer& answer) {
  try {
    responses_.complete(id, csc::error_of(answer, "/csc/v2/", false));
  } catch (const Error& error) {
    log_line(Level::error, {{"event", "response"}, {"why", error.message}});
  }
}

}  // namespace tsp::serve
