// Orders whose signatures are fetched later (csc_responses.h): they wait in the worker's memory,
// and are signed when nobody else waits. For desk_signatures.cpp alone.
#pragma once

#include <deque>
#include <vector>

#include "serve/csc_responses.h"
#include "serve/group_signer.h"

namespace tsp::serve {

class LaterOrders {
 public:
  explicit LaterOrders(ops::Provider& provider) : provider_(provider), responses_(provider) {}

  bool empty() const { return orders_.empty(); }
  CscResponses& responses() { return responses_; }

  // Answered at once with the name by which the signatures are fetched. Error{busy} where too many
  // wait. `order.is_later()`.
  Answer put_off(SignOrder order);

  // Signs one group of them and keeps its answers. Error{hsm_unavailable} once they are kept, where
  // the HSM is gone: another worker loads the module anew.
  void sign_group(GroupSigner& signer);

 private:
  struct Later {
    Bytes id;  // of the response
    Time begin_by;
    SignOrder order;
  };
  std::vector<SignOrder> next_group(std::vector<Bytes>& ids);
  void keep(const Bytes& id, const Answer& answer);

  ops::Provider& provider_;
  CscResponses responses_;
  std::deque<Later> orders_;
};

}  // namespace tsp::serve
