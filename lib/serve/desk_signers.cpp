// The workers that are logged in to the token `signers`: approvals, and signatures.
#include <deque>

#include "crypto/digest.h"
#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "ops/factor_octets.h"
#include "ops/json_members.h"
#include "pdf/parsers.h"
#include "serve/desk_csc.h"
#include "serve/log.h"
#include "serve/pki_backend.h"
#include "serve/sealed.h"

namespace tsp::serve {
namespace {

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
  ApprovalDesk(ops::Provider& provider, Service service)
      : VerbDesk(provider),
        service_(service),
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
    for (const auto version : {csc::Version::v1, csc::Version::v2}) add_csc(version);
    add("service", [this](Request&) { return tell_service(); });
    add("sam", [this](Request&) { return sam_key(); });
    add("call", [this](Request& request) {
      return answer_call(provider_, &opener_, ops::Worker::signers, group(), request);
    });
  }

  // Approvals that are queued are given as one group: all tries in one commit, all approvals in
  // another.
  std::vector<Answer> serve(std::vector<Request> requests) override {
    std::vector<Request> others;
    std::vector<Answer> answers;
    std::deque<Wanted> wanted;
    for (Request& request : requests) {
      if (request.verb != "authorize") {
        others.push_back(std::move(request));
        continue;
      }
      try {
        const Json body = authorize_body(request);
        if (is_between_services(body))
          answers.push_back(
              answering(request.id, [&] { return authorize_between_services(body); }));
        else
          wanted.push_back(wanted_of(request.id, body));
      } catch (const Error& error) {
        answers.push_back(failure(request.id, error));
      }
    }
    for (Answer& answer : VerbDesk::serve(std::move(others))) answers.push_back(std::move(answer));
    give_approvals(wanted, answers);
    return answers;
  }

 private:
  struct Wanted {
    std::uint64_t id;
    sam::Caller caller;
    ops::Credential credential;
    sam::Manifest manifest;
    sam::Presented factors;
  };

  Json authorize_body(Request& request) {
    act_for(request.asker);
    need_role(provider_, kSigning, "authorize");
    Json body = body_of(request);
    keep_in_group(provider_, group(), body);
    return body;
  }

  sam::Presented factors_of(const Json& body, const sam::Manifest& manifest) {
    auto opened =
        opener_.open(ops::octets_at(body, "sealed"), "authorize", sam::manifest_hash(manifest));
    sam::Presented factors = ops::decode_presented(opened.plain.view());
    factors.sealing = std::move(opened.sealing);
    return factors;
  }

  Wanted wanted_of(std::uint64_t id, const Json& body) {
    sam::Manifest manifest = ops::manifest_from_json(body);
    sam::Presented factors = factors_of(body, manifest);
    return {id, provider_.caller(), ops::credential_from_brief(body), std::move(manifest),
            std::move(factors)};
  }

  static Answer approved(const sam::Approval& approval) {
    return json_answer({{"sad", to_base64(approval.secret.view())},
                        {"expires_at", to_rfc3339(approval.expires_at, true)},
                        {"audit_seq", approval.audit_seq}});
  }
  static Answer approved(std::uint64_t id, const sam::ApprovalResult& result) {
    return answering(id, [&] {
      if (result.error) throw Error(*result.error);
      return approved(*result.approval);
    });
  }

  void give_approvals(const std::deque<Wanted>& wanted, std::vector<Answer>& answers) {
    std::vector<sam::ApprovalOrder> orders;
    std::vector<std::uint64_t> ids;
    for (const Wanted& each : wanted) {
      if (each.factors.machine) {
        answers.push_back(answering(each.id, [&] { return approve_machine(each); }));
        continue;
      }
      orders.push_back(
          {&each.caller, each.credential.user, each.credential.key, &each.manifest, &each.factors});
      ids.push_back(each.id);
    }
    if (orders.empty()) return;
    try {
      const auto results = real_.activation().authorize_all(orders);
      for (std::size_t at = 0; at < ids.size(); ++at)
        answers.push_back(approved(ids[at], results[at]));
    } catch (const Error& error) {
      for (const std::uint64_t id : ids) answers.push_back(failure(id, error));
    }
  }

  Answer approve_machine(const Wanted& wanted) {
    sam::ApprovalResult result;
    result.approval = real_.activation().authorize_machine(
        wanted.caller, wanted.credential.user, wanted.credential.key, wanted.manifest,
        *wanted.factors.machine, wanted.factors.sealing);
    return approved(wanted.id, result);
  }

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
        return csc_answering(version, name,
                             [&] { return (csc_.*method)(version, body_of(request), group()); });
      });
    };
    add_method("credentials/list", &CscCredentials::list);
    add_method("credentials/info", &CscCredentials::show);
    add_method("credentials/authorize", &CscCredentials::authorize);
    add_method("credentials/extendTransaction", &CscCredentials::extend);
    if (version == csc::Version::v1) return;
    add_method("credentials/authorizeCheck", &CscCredentials::check);
    add_method("credentials/getChallenge", &CscCredentials::challenge);
  }

  ops::LocalBackend& backend(const Json& body) { return is_dry_run(body) ? dry_ : real_; }

  // As what others name this service in assertions.
  Answer tell_service() {
    return json_answer({{"id", real_.service_id()}, {"role", name_of(service_)}});
  }

  Answer sam_key() { return json_answer(statement_json(opener_.statement())); }

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
    const Error told =
        backend(body).refused(vouched_for(ops::credential_from_brief(body)),
                              Error(whole.fault, clipped(ops::text_at(body, "failed")),
                                    clipped(ops::text_at(body, "why")), whole.next));
    return {{"audit_seq", told.audit_seq ? Json(*told.audit_seq) : Json(nullptr)}};
  }

  // A caller who is no staff says something about a signer on record only where he names the whole
  // number of a key of his.
  ops::Credential vouched_for(ops::Credential credential) {
    if (provider_.roles().any_of(ops::Roles::staff())) return credential;
    const auto key = store::find_key(provider_.database(), credential.key);
    if (!key || key->owner != credential.user) credential.user = credential.key = "";
    return credential;
  }

  // What a caller says in his own words goes on record, and not at any length.
  static std::string clipped(std::string text) {
    constexpr std::size_t kLongestWords = 512;
    if (text.size() <= kLongestWords) return text;
    std::size_t end = kLongestWords;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
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

  // Factors for an assertion, with the service that it is for; or an assertion for an approval.
  static bool is_between_services(const Json& body) {
    return ops::find_member(body, "assertion") != nullptr ||
           ops::find_member(body, "audience") != nullptr;
  }
  Answer authorize_between_services(const Json& body) {
    const sam::Manifest manifest = ops::manifest_from_json(body);
    const ops::Credential credential = ops::credential_from_brief(body);
    if (ops::find_member(body, "assertion") != nullptr)
      return approved(real_.authorize_by(credential, manifest, ops::octets_at(body, "assertion")));
    return json_answer(
        {{"assertion", to_base64(real_.assertion(credential, manifest, factors_of(body, manifest),
                                                 ops::text_at(body, "audience")))}});
  }

  Service service_;
  ops::LocalBackend real_, dry_;
  Opener opener_;
  CscCredentials csc_;
};

}  // namespace

std::unique_ptr<Desk> open_approval_desk(ops::Provider& provider, Service service) {
  return std::make_unique<ApprovalDesk>(provider, service);
}

}  // namespace tsp::serve
