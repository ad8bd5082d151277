// What a signer's device asks and brings. Whoever has the device's card sees what waits for it:
// the card is no secret, but nobody is told of a signer by his name alone.
#include <algorithm>

#include "base/error.h"
#include "ops/devices.h"
#include "ops/operations.h"

namespace tsp::ops {
namespace {

// The name that a device is introduced to.
Json tell_name(Provider& provider, const Call&) {
  return {{"provider", provider.name()}};
}

std::vector<WaitingQuestion> waiting_for(Provider& provider, const Call& call) {
  const std::string user = required_text(call, "user");
  required_text(call, "card");
  return questions_for(provider, user, sam::decode_card(octets_of(call, "card")));
}

Json state_of(const WaitingQuestion& waiting) {
  return {{"request", to_hex(waiting.question.request.id)},
          {"answered", waiting.answered},
          {"by_file", waiting.by_file}};
}

// {user, card}, the card in base64: the ids of what waits, soonest end first.
Json list_questions(Provider& provider, const Call& call) {
  Json requests = Json::array();
  for (const auto& each : waiting_for(provider, call)) requests.push_back(state_of(each));
  return {{"requests", std::move(requests)}};
}

// {user, card, request}: `question` is the whole of it in base64 (sam/request.h).
Json show_question(Provider& provider, const Call& call) {
  const Bytes id = hex_of(call, "request");
  const auto waiting = waiting_for(provider, call);
  const auto found = std::ranges::find_if(
      waiting, [&](const WaitingQuestion& each) { return equal(each.question.request.id, id); });
  if (found == waiting.end())
    throw Error(Fault::not_found, "no such request waits for this device",
                "it is answered, used, expired or was never made", "tsp device list");
  Json json = state_of(*found);
  json["question"] = to_base64(sam::encode(found->question));
  return json;
}

// {request, answer}, hex and base64. Whether it is right finds out who waits for it.
Json take_answer(Provider& provider, const Call& call) {
  deliver_answer(provider, hex_of(call, "request"), octets_of(call, "answer"));
  return {{"request", required_text(call, "request")}};
}

}  // namespace

std::vector<Operation> device_operations() {
  return {
      {"device init name", kSigner, Worker::pki, false, {}, {}, &tell_name},
      {"device list", kSigner, Worker::pki, false, {"user", "card"}, {}, &list_questions},
      {"device list question",
       kSigner,
       Worker::pki,
       false,
       {"user", "card", "request"},
       {},
       &show_question},
      {"device approve", kSigner, Worker::signers, true, {"request", "answer"}, {}, &take_answer},
  };
}

}  // namespace tsp::ops
