// The workers that are logged in to the token `signers` and sign what was approved.
#include <deque>

#include "crypto/digest.h"
#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "ops/json_members.h"
#include "pdf/parsers.h"
#include "serve/desk_csc.h"
#include "serve/log.h"
#include "serve/pki_backend.h"
#include "serve/sealed.h"
#include "serve/worker.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kMostSignatures = 128;  // in a group

// Signs what is queued as one group: all intents in one commit, the HSM, all results in one.
class SignatureDesk final : public VerbDesk {
 public:
  SignatureDesk(ops::Provider& provider, Channel& channel)
      : VerbDesk(provider), backend_(provider), channel_(channel), responses_(provider) {
    // Before the login, whose process parses nothing itself.
    if (provider.config().boolean("csc.documents")) jail_ = pdf::start_jail();
    provider.session("signers");
    add(kSignOneShot, [this](Request& request) { return sign_one_shot(request); });
    add(kPoll, [this](Request& request) {
      need_role(provider_, kSigning, "signatures/signPolling");
      return csc_answering(csc::Version::v2, "signatures/signPolling",
                           [&] { return csc_poll(responses_, body_of(request)); });
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
        Order order = order_of(request);
        if (order.csc && order.csc->later)
          answers.push_back(put_off(std::move(order)));
        else
          waiting_.push_back(std::move(order));
      } catch (const Error& error) {
        answers.push_back(failure_of(request.id, request.verb, error));
      }
    }
    const auto group = next_group(answers);
    for (Answer& answer : sign_group(group)) answers.push_back(std::move(answer));
    return answers;
  }
  bool owes() const override { return !waiting_.empty(); }
  std::vector<Answer> give_up(const Error& error) override {
    std::vector<Answer> answers;
    for (const Order& order : waiting_) answers.push_back(failure_of(order, error));
    waiting_.clear();
    return answers;
  }
  bool postpones() const override { return !later_.empty(); }

  // What is fetched later is signed once nobody waits, a group at a time, so that nobody would.
  void idle() override {
    if (later_.empty()) return;
    std::vector<Bytes> names;
    const auto orders = next_of_later(names);
    bool hsm_gone = false;
    const auto answers = sign_group(orders);
    for (std::size_t at = 0; at < answers.size(); ++at) {
      keep(names[at], answers[at]);
      hsm_gone = hsm_gone || answers[at].fault == Fault::hsm_unavailable;
    }
    if (hsm_gone)  // another worker loads the module anew
      throw Error(Fault::hsm_unavailable, "the HSM does not answer");
  }

 private:
  static constexpr const char *kSignOneShot = "sign_one_shot",
                              *kPoll = "csc/v2/signatures/signPolling";
  static constexpr std::size_t kMostLater = 1024;
  static constexpr std::chrono::seconds kPatience{5};

  struct Order {
    std::uint64_t id;
    std::chrono::steady_clock::time_point deadline;
    sam::Caller caller;
    ops::Roles roles;
    std::string group;  // of the API key that was shown; empty: none
    sam::Approval approval;
    sam::Manifest manifest;
    std::optional<CscSigning> csc{};

    bool is_whole() const { return csc && csc->whole; }
    std::size_t size() const { return manifest.entries.size(); }
  };
  struct Later {
    Bytes id;
    Time begin_by;
    Order order;
  };

  // One answer an order, in their order.
  std::vector<Answer> sign_group(const std::vector<Order>& orders) {
    std::vector<Answer> answers;
    std::vector<sam::SigningOrder> signing;
    signing.reserve(orders.size());
    for (const Order& order : orders)
      if (!order.is_whole())
        signing.push_back({.caller = &order.caller,
                           .approval = &order.approval,
                           .manifest = &order.manifest,
                           .forms = order.csc ? order.csc->forms() : std::vector<sam::Form>(),
                           .key = order.csc ? order.csc->key : "",
                           .group = order.group});
    try {
      const auto results = backend_.activation().sign_all(signing);
      auto result = results.begin();
      for (const Order& order : orders)
        answers.push_back(order.is_whole() ? whole_answer(order) : answer_of(order, *result++));
    } catch (const Error& error) {
      answers.clear();
      for (const Order& order : orders) answers.push_back(failure(order.id, error));
    }
    return answers;
  }

  Order order_of(Request& request) {
    act_for(request.asker);
    need_role(provider_, kSigning, "sign");
    const Json body = body_of(request);
    const auto verb = csc_verb(request.verb);
    if (!verb && request.verb != "sign")
      throw Error(Fault::not_found, "there is no such resource here", request.verb);
    Order order{request.id,
                request.deadline,
                provider_.caller(),
                provider_.roles(),
                group(),
                {Secret(Bytes()), {}, 0},
                {}};
    if (verb) {
      CscSigning signing = csc_signing_of(provider_, verb->version, verb->method, body, group());
      order.approval.secret = std::move(signing.sad);
      order.manifest = std::move(signing.manifest);
      order.csc = std::move(signing);
    } else {
      order.approval.secret = Secret(ops::octets_at(body, "sad"));
      order.manifest = ops::manifest_from_json(body);
    }
    return order;
  }

  static Answer failure_of(const Order& order, const Error& error) {
    Answer answer = order.csc ? csc::failure(order.csc->version, order.csc->method, error)
                              : failure(order.id, error);
    answer.id = order.id;
    return answer;
  }
  static Answer failure_of(std::uint64_t id, const std::string& verb, const Error& error) {
    const auto csc = csc_verb(verb);
    Answer answer = csc && error.fault != Fault::not_permitted
                        ? csc::failure(csc->version, csc->method, error)
                        : failure(id, error);
    answer.id = id;
    return answer;
  }

  // Answered at once with the name by which the signatures are fetched.
  Answer put_off(Order order) {
    if (later_.size() >= kMostLater)
      throw Error(Fault::busy, "too much is to be signed later", "", "nothing was signed");
    auto promised = responses_.promise(order.csc->user, *order.csc->later);
    Answer answer = json_answer({{"responseID", promised.name}});
    answer.id = order.id;
    later_.push_back({std::move(promised.id), provider_.now() + kBeginWithin, std::move(order)});
    return answer;
  }

  void keep(const Bytes& id, const Answer& answer) {
    try {
      responses_.complete(id, csc::error_of(answer, "/csc/v2/", false));
    } catch (const Error& error) {
      log_line(Level::error, {{"event", "response"}, {"why", error.message}});
    }
  }

  // Many documents under one approval must not make all others in the queue late, and whole ones,
  // which are made one by one, keep no other's finished signatures back.
  static bool has_room(const std::vector<Order>& group, const Order& next) {
    if (group.empty()) return true;
    std::size_t signatures = next.size();
    for (const Order& order : group) signatures += order.size();
    return signatures <= kMostSignatures && !next.is_whole() && !group.front().is_whole();
  }

  // Of what waits. Whose time is up is answered like any other.
  std::vector<Order> next_group(std::vector<Answer>& answers) {
    const auto now = std::chrono::steady_clock::now();
    std::vector<Order> group;
    for (; !waiting_.empty() && has_room(group, waiting_.front()); waiting_.pop_front())
      if (waiting_.front().deadline > now)
        group.push_back(std::move(waiting_.front()));
      else
        answers.push_back(came_too_late(waiting_.front().id));
    return group;
  }

  std::vector<Order> next_of_later(std::vector<Bytes>& names) {
    std::vector<Order> group;
    for (; !later_.empty() && has_room(group, later_.front().order); later_.pop_front()) {
      Later& next = later_.front();
      if (next.begin_by <= provider_.now()) continue;  // its caller is told that it is lost
      next.order.deadline = std::chrono::steady_clock::now() + kPatience;
      group.push_back(std::move(next.order));
      names.push_back(std::move(next.id));
    }
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

  Answer answer_of(const Order& order, const sam::SigningResult& result) {
    if (order.csc) return csc_answer(order, result);
    if (result.error) return failure(order.id, *result.error);
    return answering(order.id, [&] {
      Json signatures = Json::array();
      for (const auto& signature : result.signatures) signatures.push_back(ops::to_json(signature));
      return json_answer({{"signatures", std::move(signatures)}});
    });
  }

  Answer csc_answer(const Order& order, const sam::SigningResult& result) {
    const CscSigning& signing = *order.csc;
    return answering(order.id, [&] {
      return csc_answering(signing.version, signing.method, [&] {
        PkiBackend authority(channel_, {order.caller.name, order.roles, {}}, order.deadline);
        return json_answer(csc_signed(provider_, signing, result, authority));
      });
    });
  }

  sam::SigningResult sign_whole(const Order& order, std::size_t at, const Bytes& content) {
    if (order.deadline <= std::chrono::steady_clock::now())
      throw Error(Fault::busy, "it takes too long", "", "sign fewer documents at a time");
    const sam::Manifest one{order.manifest.hash, {order.manifest.entries.at(at)}};
    return std::move(backend_.activation()
                         .sign_all({{.caller = &order.caller,
                                     .approval = &order.approval,
                                     .manifest = &one,
                                     .forms = {sam::Form::pades},
                                     .content = {content},
                                     .key = order.csc->key,
                                     .group = order.group}})
                         .at(0));
  }

  // One by one: each document is prepared before it is known what is signed.
  Answer whole_answer(const Order& order) {
    const CscSigning& signing = *order.csc;
    return answering(order.id, [&] {
      return csc_answering(signing.version, signing.method, [&] {
        provider_.act_for(order.caller.name, order.roles);
        PkiBackend authority(channel_, {order.caller.name, order.roles, {}}, order.deadline);
        ops::World world = provider_.world();
        world.jail = jail_.get();
        world.fetcher = nullptr;
        const auto credential = backend_.credential(signing.user, signing.key, nullptr);
        const auto sign = [&](std::size_t at, const Bytes& content) {
          return sign_whole(order, at, content);
        };
        return json_answer(csc::documents_with_signature(
            {*signing.whole, credential, sign, authority}, world, provider_.home().run()));
      });
    });
  }

  ops::LocalBackend backend_;
  Channel& channel_;
  std::deque<Order> waiting_;
  std::unique_ptr<jail::Jail> jail_;  // where whole documents are taken
  CscResponses responses_;
  std::deque<Later> later_;
};

}  // namespace

std::unique_ptr<Desk> open_signature_desk(ops::Provider& provider, Channel& channel) {
  return std::make_unique<SignatureDesk>(provider, channel);
}

}  // namespace tsp::serve
