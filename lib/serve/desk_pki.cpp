// The worker that has the authority's tokens: certificates, revocation status, time-stamps, the
// audit log's keys.
#include <algorithm>
#include <iterator>

#include "ops/backend_json.h"
#include "ops/counted_refusals.h"
#include "ops/crls.h"
#include "ops/json_members.h"
#include "ops/one_shot.h"
#include "ops/space.h"
#include "ops/timestamp.h"
#include "ops/upkeep.h"
#include "serve/desk.h"
#include "serve/desk_stamps.h"
#include "serve/log.h"
#include "serve/notice_sender.h"
#include "serve/pki_metrics.h"
#include "serve/router.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::minutes kAlarm{1};

class PkiDesk final : public VerbDesk {
 public:
  explicit PkiDesk(ops::Provider& provider)
      : VerbDesk(provider),
        backend_(provider),
        public_(provider),
        upkeep_(provider),
        notices_(provider) {
    provider.session("pki");
    provider.session("audit");
    add("evidence", [this](Request& request) { return evidence(body_of(request)); });
    add(kCertifyOneShot, [this](Request& request) {
      need_role(provider_, {ops::Role::application}, kCertifyOneShot);
      const ops::WantedOneShot wanted = ops::wanted_one_shot_from_json(body_of(request));
      const x509::Certificate made = ops::certify_one_shot(
          provider_, {wanted.id, wanted.signer, wanted.public_key, wanted.approved});
      return json_answer({{"certificate", to_base64(made.der())}});
    });
    add("call", [this](Request& request) {
      return answer_call(provider_, nullptr, ops::Worker::pki, group(), request);
    });
    add("ocsp", [this](Request& request) { return public_.ocsp(request.body); });
    add("ocsp-get",
        [this](Request& request) { return public_.ocsp_in_path(as_text(request.body)); });
    add("crl", [this](Request& request) { return public_.crl(as_text(request.body)); });
    add("ca", [this](Request& request) { return public_.certificate(as_text(request.body)); });
    add("checkpoint", [this](Request&) { return public_.checkpoint(); });
    add(kRefusedCallersVerb,
        [this](Request& request) { return refused_callers(body_of(request)); });
    add(kMetricsVerb, [this](Request&) {
      Answer answer;
      answer.body = to_bytes(as_bytes(pki_metrics(provider_)));
      return answer;
    });
  }

  // What asks for time-stamps is answered as one group, after the rest, which is quick.
  std::vector<Answer> serve(std::vector<Request> requests) override {
    const auto stamps =
        std::stable_partition(requests.begin(), requests.end(),
                              [](const Request& request) { return !asks_for_stamp(request); });
    std::vector<Request> grouped(std::make_move_iterator(stamps),
                                 std::make_move_iterator(requests.end()));
    requests.erase(stamps, requests.end());
    std::vector<Answer> answers = VerbDesk::serve(std::move(requests));
    if (grouped.empty()) return answers;
    for (Answer& answer : answer_stamps(provider_, public_, grouped,
                                        [this](const Request& request) { act_for(request.asker); }))
      answers.push_back(std::move(answer));
    return answers;
  }

  // One thing that is due, so that nobody waits long.
  void idle() override {
    flush_refusals();
    watch_space();
    const auto step = upkeep_.step();
    if (!step) return;
    log_line(
        step->failed ? Level::error : Level::notice,
        {{"event", "upkeep"}, {"task", step->task}, {step->failed ? "why" : "what", step->what}});
    if (step->failed && step->failed->fault == Fault::hsm_unavailable && !hsm_answers())
      throw Error(*step->failed);  // another worker loads the module anew
  }

 private:
  void flush_refusals() {
    try {
      public_.flush_refusals();
    } catch (const Error&) {
      // The store cannot be written now; they are kept.
    }
  }

  // The alarm: when space becomes low, each minute while it is, and when it is there again.
  void watch_space() {
    const ops::Space space = ops::look_at_space(provider_.home(), provider_.config());
    const auto now = std::chrono::steady_clock::now();
    if (space.low() == space_low_ && (!space_low_ || now < next_alarm_)) return;
    space_low_ = space.low();
    next_alarm_ = now + kAlarm;
    log_line(space_low_ ? Level::error : Level::notice,
             {{"event", "space"},
              {"state", space_low_ ? "low" : "enough"},
              {"free", std::to_string(space.free)},
              {"kept_back", std::to_string(space.kept)}});
  }

  bool hsm_answers() {
    try {
      return provider_.session("pki")->has_key(ops::kOcspKey);
    } catch (const Error&) {
      return false;
    }
  }

  // Those whom the front has refused within the last minute.
  Answer refused_callers(const Json& body) {
    for (const Json& each : body)
      ops::record_refusals(provider_,
                           {ops::text_at(each, "caller"), "caller-without-role",
                            to_unix(provider_.now()) / 60, ops::integer_at(each, "count")});
    return json_answer(Json::object());
  }

  Answer evidence(const Json& body) {
    need_role(provider_, ops::Roles::all(), "evidence");
    const Json* crls = ops::find_member(body, "crls");
    const bool give = crls != nullptr && crls->is_boolean() && crls->get<bool>();
    const Bytes ocsp = ops::find_member(body, "ocsp_request") != nullptr
                           ? ops::octets_at(body, "ocsp_request")
                           : Bytes();
    return json_answer(
        ops::to_json(backend_.evidence(ocsp, give ? ops::Crls::give : ops::Crls::leave)));
  }

  ops::LocalBackend backend_;
  PublicDesk public_;
  ops::Upkeep upkeep_;
  NoticeSender notices_;
  bool space_low_ = false;
  std::chrono::steady_clock::time_point next_alarm_{};
};

}  // namespace

std::unique_ptr<Desk> open_pki_desk(ops::Provider& provider) {
  return std::make_unique<PkiDesk>(provider);
}

}  // namespace tsp::serve
