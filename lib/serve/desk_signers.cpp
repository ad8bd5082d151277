// The workers that are logged in to the token `signers`: approvals, and signatures.
#include "crypto/digest.h"
#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "serve/desk_csc.h"
#include "serve/sealed.h"

namespace tsp::serve {
namespace {

constexpr ops::Roles kSigning{ops::Role::application};

bool is_dry_run(const Json& body) {
  const Json* value = ops::find_member(body, "dry_run");
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

const Secret* pin_of(const Secrets& secrets) {
  const auto pin = secrets.find("pin");
  return pin == secrets.end() ? nullptr : &pin->second;
}

class ApprovalDesk final : public VerbDesk {
 public:
  explicit ApprovalDesk(ops::Provider& provider)
      : VerbDesk(provider),
        real_(provider),
        dry_(provider, ops::LocalBackend::Mode::dry_run),
        opener_(provider),
        csc_(provider, real_, dry_) {
    provider.session("signers");
    add_signing("credential", &ApprovalDesk::credential);
    add_signing("one_shot", &ApprovalDesk::one_shot);
    add_signing("check", &ApprovalDesk::check);
    add_signing("refused", &ApprovalDesk::refused);
    add_signing("ask", &ApprovalDesk::ask);
    add_signing("answer", &ApprovalDesk::answer);
    add_signing("authorize", &ApprovalDesk::authorize);
    for (const auto version : {csc::Version::v1, csc::Version::v2}) add_csc(version);
    add("sam", [this](Request&) { return sam_key(); });
    add("call", [this](Request& request) {
      return answer_call(provider_, &opener_, ops::Worker::signers, group(), request);
    });
  }

 private:
  void add_signing(const char* name, Json (ApprovalDesk::*verb)(const Json&)) {
    add(name, [this, name, verb](Request& request) {
      need_role(provider_, kSigning, name);
      Json body = body_of(request);
      keep_in_group(provider_, group(), body);
      return json_answer((this->*verb)(body));
    });
  }

  void add_csc(csc::Version version) {
    const std::string prefix = version == csc::Version::v1 ? "csc/v1/" : "csc/v2/";
    add(prefix + "info", [this, version](Request&) { return csc_.info(version); });
    const auto add_method = [&](const char* name, auto method) {
      add(prefix + name, [this, version, name, method](Request& request) {
        need_role(provider_, kSigning, name);
        return (csc_.*method)(version, body_of(request), group());
      });
    };
    add_method("credentials/list", &CscCredentials::list);
    add_method("credentials/info", &CscCredentials::show);
    add_method("credentials/authorize", &CscCredentials::authorize);
    if (version == csc::Version::v2)
      add(prefix + "credentials/authorizeCheck", [this](Request& request) {
        need_role(provider_, kSigning, "credentials/authorizeCheck");
        return csc_.check(body_of(request));
      });
  }

  ops::LocalBackend& backend(const Json& body) { return is_dry_run(body) ? dry_ : real_; }

  Answer sam_key() { return json_answer({{"point", to_base64(opener_.point())}}); }

  Json credential(const Json& body) {
    const Json* key = ops::find_member(body, "key");
    const Secrets secrets = opener_.open_secrets(body, "credential");
    return ops::to_json(backend(body).credential(
        ops::text_at(body, "user"), key ? ops::text_at(body, "key") : "", pin_of(secrets)));
  }

  Json one_shot(const Json& body) {
    const Secrets secrets = opener_.open_secrets(body, "one_shot");
    return ops::to_json(backend(body).one_shot(ops::text_at(body, "user"),
                                               static_cast<int>(ops::integer_at(body, "scal")),
                                               pin_of(secrets)));
  }

  Json check(const Json& body) {
    backend(body).check(ops::credential_from_brief(body), ops::manifest_from_json(body));
    return Json::object();
  }

  Json refused(const Json& body) {
    const Json* error = ops::find_member(body, "error");
    if (error == nullptr) throw Error(Fault::usage, "the member error is not given");
    const Error whole = ops::error_from_json(*error);
    const Error told = backend(body).refused(
        ops::credential_from_brief(body),
        Error(whole.fault, ops::text_at(body, "failed"), ops::text_at(body, "why"), whole.next));
    return {{"audit_seq", told.audit_seq ? Json(*told.audit_seq) : Json(nullptr)}};
  }

  Json ask(const Json& body) {
    const ops::Credential credential = ops::credential_from_brief(body);
    std::optional<sam::Manifest> manifest;
    if (ops::find_member(body, "manifest") != nullptr) manifest = ops::manifest_from_json(body);
    const sam::Manifest* documents = manifest ? &*manifest : nullptr;
    // Who prepares a session keeps no key: the HSM opens its answer.
    return ops::to_json(
        ops::find_member(body, "answer_point") == nullptr
            ? real_.ask(credential, documents, sam::AnswerKey::in_store)
            : real_.ask_for(credential, documents, ops::octets_at(body, "answer_point")));
  }

  Json answer(const Json& body) {
    const auto answer = real_.answer_to(ops::octets_at(body, "request"));
    return {{"answer", answer ? Json(to_base64(*answer)) : Json(nullptr)}};
  }

  Json authorize(const Json& body) {
    const sam::Manifest manifest = ops::manifest_from_json(body);
    const Secret factors = opener_.open(ops::octets_at(body, "sealed"),
                                        sealing_context("authorize", sam::manifest_hash(manifest)));
    const sam::Approval approval = real_.authorize(ops::credential_from_brief(body), manifest,
                                                   ops::decode_presented(factors.view()));
    return {{"sad", to_base64(approval.secret.view())},
            {"expires_at", to_rfc3339(approval.expires_at, true)},
            {"audit_seq", approval.audit_seq}};
  }

  ops::LocalBackend real_, dry_;
  Opener opener_;
  CscCredentials csc_;
};

// Signs what is queued as one group: all intents in one commit, the HSM, all results in one.
class SignatureDesk final : public VerbDesk {
 public:
  SignatureDesk(ops::Provider& provider, Channel& channel)
      : VerbDesk(provider), backend_(provider), channel_(channel) {
    provider.session("signers");
    add("sign_one_shot", [this](Request& request) { return sign_one_shot(request); });
  }

  std::vector<Answer> serve(std::vector<Request> requests) override {
    std::vector<Answer> answers;
    std::vector<Order> orders;
    orders.reserve(requests.size());
    for (Request& request : requests) {
      if (request.verb == "sign_one_shot") {
        answers.push_back(answering(request.id, [&] { return serve_one(request); }));
        continue;
      }
      try {
        orders.push_back(order_of(request));
      } catch (const Error& error) {
        answers.push_back(failure(request.id, error));
      }
    }
    std::vector<sam::SigningOrder> signing;
    signing.reserve(orders.size());
    for (const Order& order : orders)
      signing.push_back({&order.caller, &order.approval, &order.manifest});
    try {
      const auto results = backend_.activation().sign_all(signing);
      for (std::size_t at = 0; at < orders.size(); ++at)
        answers.push_back(answer_of(orders[at], results[at]));
    } catch (const Error& error) {
      for (const Order& order : orders) answers.push_back(failure(order.id, error));
    }
    return answers;
  }

 private:
  struct Order {
    std::uint64_t id;
    sam::Caller caller;
    sam::Approval approval;
    sam::Manifest manifest;
    bool csc;
  };

  Order order_of(Request& request) {
    act_for(request.asker);
    need_role(provider_, kSigning, "sign");
    const Json body = body_of(request);
    if (const auto verb = csc_verb(request.verb); verb && verb->method == "signatures/signHash") {
      CscSigning signing = csc_signing_of(provider_, verb->version, body, group());
      return {request.id,
              provider_.caller(),
              {std::move(signing.sad), {}, 0},
              std::move(signing.manifest),
              true};
    }
    if (request.verb != "sign")
      throw Error(Fault::not_found, "there is no such resource here", request.verb);
    return {request.id,
            provider_.caller(),
            {Secret(ops::octets_at(body, "sad")), {}, 0},
            ops::manifest_from_json(body),
            false};
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
    auto made = backend_.activation().sign_one_shot({&caller, &approval, &manifest, certify});
    return json_answer(ops::to_json(ops::OneShotSigned{
        std::move(made.key), std::move(made.certificate), std::move(made.signatures)}));
  }

  // All of them, or the first one's error.
  static Answer csc_answer(const sam::SigningResult& result) {
    Json values = Json::array();
    for (const auto& signature : result.signatures) {
      if (signature.error) throw Error(*signature.error);
      values.push_back(to_base64(signature.value));
    }
    return json_answer({{"signatures", std::move(values)}});
  }

  static Answer answer_of(const Order& order, const sam::SigningResult& result) {
    if (result.error) return failure(order.id, *result.error);
    return answering(order.id, [&] {
      if (order.csc) return csc_answer(result);
      Json signatures = Json::array();
      for (const auto& signature : result.signatures) signatures.push_back(ops::to_json(signature));
      return json_answer({{"signatures", std::move(signatures)}});
    });
  }

  ops::LocalBackend backend_;
  Channel& channel_;
};

}  // namespace

std::unique_ptr<Desk> open_approval_desk(ops::Provider& provider) {
  return std::make_unique<ApprovalDesk>(provider);
}

std::unique_ptr<Desk> open_signature_desk(ops::Provider& provider, Channel& channel) {
  return std::make_unique<SignatureDesk>(provider, channel);
}

}  // namespace tsp::serve
