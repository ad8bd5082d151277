#include "serve/pki_backend.h"

#include <stdexcept>

#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "ops/json_members.h"

namespace tsp::serve {
namespace {

[[noreturn]] void not_here() {
  throw std::logic_error("the authority's worker signs for nobody");
}

}  // namespace

Json PkiBackend::ask_worker(const char* verb, const Json& body) {
  if (std::chrono::steady_clock::now() >= deadline_)
    throw Error(Fault::busy, "it takes too long", "time-stamps or evidence are not there in time",
                "what was signed is in the audit log");
  Request request;
  request.deadline = deadline_;
  request.asker = asker_;
  request.verb = verb;
  request.body = to_bytes(as_bytes(dump(body)));
  const Answer answer = channel_.ask(request);
  Json json = parse_json(answer.body, "the authority's answer");
  if (const Json* error = ops::find_member(json, "error")) throw ops::error_from_json(*error);
  return json;
}

Bytes PkiBackend::timestamp(crypto::HashAlgorithm hash, ByteView imprint) {
  return ops::octets_at(ask_worker("timestamp", {{"hash_algorithm", crypto::name_of(hash)},
                                                 {"imprint", to_base64(imprint)}}),
                        "token");
}

ops::OwnEvidence PkiBackend::evidence(ByteView ocsp_request, ops::Crls crls) {
  Json body = {{"crls", crls == ops::Crls::give}};
  if (!ocsp_request.empty()) body["ocsp_request"] = to_base64(ocsp_request);
  return ops::evidence_from_json(ask_worker("evidence", body));
}

ops::Credential PkiBackend::credential(const std::string&, const std::string&, const Secret*) {
  not_here();
}
ops::Credential PkiBackend::one_shot(const std::string&, int, const Secret*) {
  not_here();
}
void PkiBackend::check(const ops::Credential&, const sam::Manifest&) {
  not_here();
}
Error PkiBackend::refused(const ops::Credential&, const Error&) {
  not_here();
}
sam::Asked PkiBackend::ask(const ops::Credential&, const sam::Manifest*, sam::AnswerKey) {
  not_here();
}
std::optional<Bytes> PkiBackend::answer_to(const Bytes&) {
  not_here();
}
sam::Approval PkiBackend::authorize(const ops::Credential&, const sam::Manifest&,
                                    const sam::Presented&) {
  not_here();
}
std::string PkiBackend::service_id() {
  not_here();
}
Bytes PkiBackend::assertion(const ops::Credential&, const sam::Manifest&, const sam::Presented&,
                            const std::string&) {
  not_here();
}
sam::Approval PkiBackend::authorize_by(const ops::Credential&, const sam::Manifest&, ByteView) {
  not_here();
}
std::vector<sam::Signature> PkiBackend::sign(const sam::Approval&, const sam::Manifest&,
                                             const std::function<void(std::size_t)>&) {
  not_here();
}
ops::OneShotSigned PkiBackend::sign_one_shot(const sam::Approval&, const sam::Manifest&,
                                             const std::function<void(std::size_t)>&) {
  not_here();
}
Json PkiBackend::call(const ops::Call&) {
  not_here();
}

}  // namespace tsp::serve
