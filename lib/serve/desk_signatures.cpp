// The workers that are logged in to the token `signers` and sign what was approved.
#include <deque>

#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "ops/json_members.h"
#include "serve/group_signer.h"
#include "serve/later_orders.h"
#include "serve/sign_orders.h"
#include "serve/worker.h"

namespace tsp::serve {
namespace {

// Signs what is queued a group at a time, and what is to be fetched later once nobody waits.
class SignatureDesk final : public VerbDesk {
 public:
  SignatureDesk(ops::Provider& provider, Channel& channel)
      : VerbDesk(provider),
        backend_(provider),
        channel_(channel),
        signer_(provider, backend_, channel),
        later_(provider) {
    provider.session("signers");
    add(kSignOneShot, [this](Request& request) { return sign_one_shot(request); });
    add(kPoll, [this](Request& request) {
      need_role(provider_, kSigning, "signatures/signPolling");
      return csc_answering(csc::Version::v2, "signatures/signPolling",
                           [&] { return csc_poll(later_.responses(), body_of(request)); });
    });
  }

  std::vector<Answer> serve(std::vector<Request> requests) override {
    std::vector<Answer> answers;
    for (Request& request : requests) {
      if (request.verb == kSignOneShot || request.verb == kPoll) {
        answers.push_back(answering(request.id, [&] { return serve_one(request); }));
        continue;
      }
      try {
        act_for(request.asker);
        SignOrder order = sign_order_of(provider_, request, group());
        if (order.is_later())
          answers.push_back(later_.put_off(std::move(order)));
        else
          waiting_.push_back(std::move(order));
      } catch (const Error& error) {
        answers.push_back(failure_of(request, error));
      }
    }
    const auto orders = next_group(answers);
    for (Answer& answer : signer_.sign(orders)) answers.push_back(std::move(answer));
    return answers;
  }
  bool owes() const override { return !waiting_.empty(); }
  std::vector<Answer> give_up(const Error& error) override {
    std::vector<Answer> answers;
    for (const SignOrder& order : waiting_) answers.push_back(failure_of(order, error));
    waiting_.clear();
    return answers;
  }
  bool postpones() const override { return !later_.empty(); }

  // A group at a time, so that nobody who comes meanwhile waits for long.
  void idle() override { later_.sign_group(signer_); }

 private:
  static constexpr const char *kSignOneShot = "sign_one_shot",
                              *kPoll = "csc/v2/signatures/signPolling";

  // Of what waits. Whose time is up is answered like any other.
  std::vector<SignOrder> next_group(std::vector<Answer>& answers) {
    const auto now = std::chrono::steady_clock::now();
    std::vector<SignOrder> group;
    for (; !waiting_.empty() && has_room(group, waiting_.front()); waiting_.pop_front())
      if (waiting_.front().deadline > now)
        group.push_back(std::move(waiting_.front()));
      else
        answers.push_back(came_too_late(waiting_.front().id));
    return group;
  }

  Answer sign_one_shot(Request& request) {
    need_role(provider_, kSigning, "sign_one_shot");
    const Json body = body_of(request);
    const sam::Caller caller = provider_.caller();
    const sam::Approval approval{Secret(ops::octets_at(body, "sad")), {}, 0};
    const sam::Manifest manifest = ops::manifest_from_json(body);
    const auto certify = [&](const sam::OneShotKey& key) {
      Request wanted;
      wanted.id = request.id;
      wanted.deadline = request.deadline;
      wanted.asker = {caller.name, provider_.roles(), {}};
      wanted.verb = kCertifyOneShot;
      wanted.body = to_bytes(as_bytes(dump(ops::to_json(key))));
      const Answer answer = channel_.ask(wanted);
      const Json json = parse_json(answer.body, "the authority's answer");
      if (const Json* error = ops::find_member(json, "error")) throw ops::error_from_json(*error);
      return x509::Certificate::from_der(ops::octets_at(json, "certificate"));
    };
    auto made = backend_.activation().sign_one_shot({.caller = &caller,
                                                     .approval = &approval,
                                                     .manifest = &manifest,
                                                     .certify = certify,
                                                     .group = group()});
    return json_answer(ops::to_json(ops::OneShotSigned{
        std::move(made.key), std::move(made.certificate), std::move(made.signatures)}));
  }

  ops::LocalBackend backend_;
  Channel& channel_;
  GroupSigner signer_;  // may start a jail: before the login
  std::deque<SignOrder> waiting_;
  LaterOrders later_;
};

}  // namespace

std::unique_ptr<Desk> open_signature_desk(ops::Provider& provider, Channel& channel) {
  return std::make_unique<SignatureDesk>(provider, channel);
}

}  // namespace tsp::serve
