// Signs a group of orders: all intents in one commit, the HSM, all results in one; whole documents
// one by one. For desk_signatures.cpp alone.
#pragma once

#include <memory>
#include <vector>

#include "pdf/parsers.h"
#include "serve/channel.h"
#include "serve/sign_orders.h"

namespace tsp::serve {

class GroupSigner {
 public:
  // All outlive it. Starts the jail for whole documents where they are taken, so it comes before
  // the login, whose process parses nothing itself.
  GroupSigner(ops::Provider& provider, ops::LocalBackend& backend, Channel& channel);

  // One answer an order, in their order.
  std::vector<Answer> sign(const std::vector<SignOrder>& orders);

 private:
  Answer answer_of(const SignOrder& order, const sam::SigningResult& result);
  Answer csc_answer(const SignOrder& order, const sam::SigningResult& result);
  Answer whole_answer(const SignOrder& order);
  sam::SigningResult sign_whole(const SignOrder& order, std::size_t at, const Bytes& content);

  ops::Provider& provider_;
  ops::LocalBackend& backend_;
  Channel& channel_;  // to the authority, for time-stamps and evidence
  std::unique_ptr<jail::Jail> jail_;
};

}  // namespace tsp::serve
