// The worker that has the authority's tokens: certificates, revocation status, time-stamps, the
// audit log's keys.
#include "ops/backend_json.h"
#include "ops/crls.h"
#include "ops/one_shot.h"
#include "ops/timestamp.h"
#include "ops/upkeep.h"
#include "serve/desk.h"
#include "serve/desk_public.h"
#include "serve/log.h"
#include "serve/notice_sender.h"
#include "serve/pki_metrics.h"

namespace tsp::serve {
namespace {

constexpr ops::Roles kAnyone{ops::Role::administrator, ops::Role::officer, ops::Role::operator_,
                             ops::Role::auditor, ops::Role::application};

constexpr std::size_t kLongestNonce = 32;  // octets

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
    add("timestamp", [this](Request& request) { return timestamp(body_of(request)); });
    for (const char* version : {"v1", "v2"})
      add(std::string("csc/") + version + "/signatures/timestamp",
          [this](Request& request) { return csc_timestamp(body_of(request)); });
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
    add("tsa", [this](Request& request) { return public_.tsa(request.body); });
    add("crl", [this](Request& request) { return public_.crl(as_text(request.body)); });
    add("ca", [this](Request& request) { return public_.certificate(as_text(request.body)); });
    add("checkpoint", [this](Request&) { return public_.checkpoint(); });
    add(kMetricsVerb, [this](Request&) {
      Answer answer;
      answer.body = to_bytes(as_bytes(pki_metrics(provider_)));
      return answer;
    });
  }

  // One thing that is due, so that nobody waits long.
  void idle() override {
    flush_refusals();
    const auto step = upkeep_.step();
    if (!step) return;
    log_line(
        step->failed ? Level::error : Level::notice,
        {{"event", "upkeep"}, {"task", step->task}, {step->failed ? "why" : "what", step->what}});
    if (step->failed && step->failed->fault == Fault::hsm_unavailable && !hsm_answers())
      throw Error(*step->failed);  // another worker loads the module anew
  }

 private:
  Answer timestamp(const Json& body) {
    need_role(provider_, kAnyone, "timestamp");
    const auto hash = crypto::parse_hash(ops::text_at(body, "hash_algorithm"));
    if (!hash) throw Error(Fault::usage, "there is no such hash algorithm");
    return json_answer(
        {{"token", to_base64(backend_.timestamp(*hash, ops::octets_at(body, "imprint")))}});
  }

  // CSC: the hash's algorithm by its OID, the nonce in hex.
  Answer csc_timestamp(const Json& body) {
    need_role(provider_, kAnyone, "signatures/timestamp");
    cms::TimestampRequest request;
    const auto hash = crypto::hash_of_oid(ops::text_at(body, "hashAlgo"));
    if (!hash) throw Error(Fault::usage, "Invalid parameter hashAlgo");
    request.hash = *hash;
    request.imprint = ops::octets_at(body, "hash");
    if (request.imprint.size() != crypto::size_of(*hash))
      throw Error(Fault::usage, "Invalid digest value length");
    if (ops::find_member(body, "nonce") != nullptr) {
      const auto nonce = from_hex(ops::text_at(body, "nonce"));
      if (!nonce || nonce->empty() || nonce->size() > kLongestNonce)
        throw Error(Fault::usage, "Invalid parameter nonce");
      request.nonce = *nonce;
    }
    request.certificates = true;
    return json_answer({{"timestamp", to_base64(ops::stamp(provider_, request).token)}});
  }

  void flush_refusals() {
    try {
      public_.flush_refusals();
    } catch (const Error&) {
      // The store cannot be written now; they are kept.
    }
  }

  bool hsm_answers() {
    try {
      return provider_.session("pki")->has_key(ops::kOcspKey);
    } catch (const Error&) {
      return false;
    }
  }

  Answer evidence(const Json& body) {
    need_role(provider_, kAnyone, "evidence");
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
};

}  // namespace

std::unique_ptr<Desk> open_pki_desk(ops::Provider& provider) {
  return std::make_unique<PkiDesk>(provider);
}

}  // namespace tsp::serve
