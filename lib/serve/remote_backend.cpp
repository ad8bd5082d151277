#include "serve/remote_backend.h"

#include <system_error>

#include "base/signals.h"
#include "ops/backend_json.h"
#include "ops/error_json.h"
#include "ops/factor_octets.h"
#include "ops/json_members.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::milliseconds kBetweenStops{200};  // between two looks at options.stop

// Each secret as two fields: name, value.
Secret encode_secrets(const std::map<std::string, Secret, std::less<>>& secrets) {
  std::size_t size = 0;
  for (const auto& [name, secret] : secrets) size += name.size() + secret.size() + 8;
  Bytes out;
  out.reserve(size);
  for (const auto& [name, secret] : secrets) {
    append_field(out, as_bytes(name));
    append_field(out, secret.view());
  }
  return Secret(std::move(out));
}

const Json& member(const Json& answer, const char* name) {
  const Json* found = ops::find_member(answer, name);
  if (found == nullptr)
    throw Error(Fault::failed, std::string("the server's answer has no ") + name, "",
                "program and server may be of different versions");
  return *found;
}

sam::Approval approval_of(const Json& answer) {
  const auto until = from_rfc3339(ops::text_at(answer, "expires_at"));
  return {Secret(ops::octets_at(answer, "sad")), until.value_or(Time{}),
          ops::integer_at(answer, "audit_seq")};
}

}  // namespace

RemoteBackend::RemoteBackend(ClientOptions options, ops::LocalBackend::Mode mode,
                             const Clock& clock, std::vector<x509::Certificate> roots)
    : options_(std::move(options)),
      client_(options_),
      mode_(mode),
      clock_(clock),
      roots_(std::move(roots)) {}

RemoteBackend::~RemoteBackend() {
  leaving_ = true;
}

Json RemoteBackend::with_mode(Json body) const {
  if (mode_ == ops::LocalBackend::Mode::dry_run) body["dry_run"] = true;
  return body;
}

TransportStatement RemoteBackend::trusted_module(Client& client) const {
  TransportStatement module = statement_from_json(client.get("/tsp/v1/sam"));
  if (!roots_.empty()) check_statement(module, roots_, clock_.now());
  return module;
}

void RemoteBackend::get_ready() {
  if (module_ || asking_.valid()) return;
  const SignalsBlocked for_the_thread;
  try {
    asking_ = std::async(std::launch::async, [this] {
      ClientOptions options = options_;
      options.stop = [this] {
        if (leaving_) throw Error(Fault::interrupted, "the server is not waited for");
      };
      Client client(std::move(options));
      return trusted_module(client);
    });
  } catch (const std::system_error&) {
    // No thread to be had: module_of_now() asks alone.
  }
}

const TransportStatement& RemoteBackend::module_of_now() {
  if (asking_.valid()) {
    while (asking_.wait_for(kBetweenStops) != std::future_status::ready)
      if (options_.stop) options_.stop();
    module_ = asking_.get();  // throws what the thread met
  }
  if (!module_ || !is_of(*module_, clock_.now())) module_ = trusted_module(client_);
  return *module_;
}

// To the activation module of today: the front between sees ciphertext.
Bytes RemoteBackend::seal(ByteView plain, std::string_view purpose, ByteView manifest_sha256) {
  return seal_factors(module_of_now().point, plain, purpose, manifest_sha256, clock_.now());
}

// The signer's PIN goes along sealed, for `verb` alone.
Json RemoteBackend::with_pin(Json body, const Secret* pin, std::string_view verb) {
  if (pin != nullptr) {
    std::map<std::string, Secret, std::less<>> secrets;
    secrets.emplace("pin", pin->clone());
    body["sealed"] = to_base64(seal(encode_secrets(secrets).view(), verb, {}));
  }
  return with_mode(std::move(body));
}

ops::Credential RemoteBackend::credential(const std::string& user, const std::string& key,
                                          const Secret* pin) {
  Json body = {{"user", user}};
  if (!key.empty()) body["key"] = key;
  return ops::credential_from_json(
      client_.post("/tsp/v1/credential", with_pin(std::move(body), pin, "credential")));
}

ops::Credential RemoteBackend::one_shot(const std::string& user, int scal, const Secret* pin) {
  return ops::credential_from_json(client_.post(
      "/tsp/v1/one_shot", with_pin({{"user", user}, {"scal", scal}}, pin, "one_shot")));
}

void RemoteBackend::check(const ops::Credential& credential, const sam::Manifest& manifest) {
  Json body = ops::brief_json(credential);
  body["manifest"] = ops::manifest_json(manifest);
  client_.post("/tsp/v1/check", with_mode(std::move(body)));
}

Error RemoteBackend::refused(const ops::Credential& credential, const Error& error) {
  Json body = ops::brief_json(credential);
  body["error"] = ops::error_json(error);
  body["failed"] = error.failed;
  body["why"] = error.why;
  const Json answer = client_.post("/tsp/v1/refused", with_mode(std::move(body)));
  std::optional<std::uint64_t> seq = error.audit_seq;
  if (const Json* told = ops::find_member(answer, "audit_seq"); told && told->is_number_unsigned())
    seq = told->get<std::uint64_t>();
  return Error(error.fault, error.failed, error.why, error.next, seq);
}

sam::Asked RemoteBackend::ask(const ops::Credential& credential, const sam::Manifest* manifest,
                              sam::AnswerKey answer_key) {
  Json body = ops::brief_json(credential);
  if (manifest != nullptr) body["manifest"] = ops::manifest_json(*manifest);
  std::shared_ptr<const crypto::ExchangeKey> key;
  if (answer_key == sam::AnswerKey::with_caller) {
    key = std::make_shared<const crypto::ExchangeKey>(crypto::ExchangeKey::generate());
    body["answer_point"] = to_base64(key->point());
  }
  sam::Asked asked = ops::asked_from_json(client_.post("/tsp/v1/ask", body));
  if (manifest != nullptr) asked.manifest = sam::encode(*manifest);
  asked.answer_key = std::move(key);
  return asked;
}

std::optional<Bytes> RemoteBackend::answer_to(const Bytes& request) {
  const Json answer = client_.post("/tsp/v1/answer", {{"request", to_base64(request)}});
  if (ops::find_member(answer, "answer") == nullptr) return std::nullopt;
  return ops::octets_at(answer, "answer");
}

sam::Approval RemoteBackend::authorize(const ops::Credential& credential,
                                       const sam::Manifest& manifest,
                                       const sam::Presented& factors) {
  Json body = ops::brief_json(credential);
  body["manifest"] = ops::manifest_json(manifest);
  body["sealed"] =
      to_base64(seal(ops::encode(factors).view(), "authorize", sam::manifest_hash(manifest)));
  return approval_of(client_.post("/tsp/v1/authorize", body));
}

std::string RemoteBackend::service_id() {
  return ops::text_at(client_.get("/tsp/v1/service"), "id");
}

Bytes RemoteBackend::assertion(const ops::Credential& credential, const sam::Manifest& manifest,
                               const sam::Presented& factors, const std::string& audience) {
  Json body = ops::brief_json(credential);
  body["manifest"] = ops::manifest_json(manifest);
  body["audience"] = audience;
  body["sealed"] =
      to_base64(seal(ops::encode(factors).view(), "authorize", sam::manifest_hash(manifest)));
  return ops::octets_at(client_.post("/tsp/v1/authorize", body), "assertion");
}

sam::Approval RemoteBackend::authorize_by(const ops::Credential& credential,
                                          const sam::Manifest& manifest, ByteView assertion) {
  Json body = ops::brief_json(credential);
  body["manifest"] = ops::manifest_json(manifest);
  body["assertion"] = to_base64(assertion);
  return approval_of(client_.post("/tsp/v1/authorize", body));
}

std::vector<sam::Signature> RemoteBackend::sign(const sam::Approval& approval,
                                                const sam::Manifest& manifest,
                                                const std::function<void(std::size_t)>& progress) {
  const Json answer = client_.post("/tsp/v1/sign", {{"sad", to_base64(approval.secret.view())},
                                                    {"manifest", ops::manifest_json(manifest)}});
  std::vector<sam::Signature> signatures;
  for (const Json& each : member(answer, "signatures"))
    signatures.push_back(ops::signature_from_json(each));
  if (signatures.size() != manifest.entries.size())
    throw Error(Fault::failed, "the server's answer has another number of signatures");
  if (progress) progress(signatures.size());
  return signatures;
}

ops::OneShotSigned RemoteBackend::sign_one_shot(const sam::Approval& approval,
                                                const sam::Manifest& manifest,
                                                const std::function<void(std::size_t)>& progress) {
  auto made = ops::one_shot_signed_from_json(client_.post(
      "/tsp/v1/sign_one_shot",
      {{"sad", to_base64(approval.secret.view())}, {"manifest", ops::manifest_json(manifest)}}));
  if (made.signatures.size() != manifest.entries.size())
    throw Error(Fault::failed, "the server's answer has another number of signatures");
  if (progress) progress(made.signatures.size());
  return made;
}

Bytes RemoteBackend::timestamp(crypto::HashAlgorithm hash, ByteView imprint) {
  return ops::octets_at(
      client_.post("/tsp/v1/timestamp",
                   {{"hash_algorithm", crypto::name_of(hash)}, {"imprint", to_base64(imprint)}}),
      "token");
}

ops::OwnEvidence RemoteBackend::evidence(ByteView ocsp_request, ops::Crls crls) {
  Json body = {{"crls", crls == ops::Crls::give}};
  if (!ocsp_request.empty()) body["ocsp_request"] = to_base64(ocsp_request);
  return ops::evidence_from_json(client_.post("/tsp/v1/evidence", body));
}

Json RemoteBackend::call(const ops::Call& call) {
  Json body = {{"operation", call.operation}, {"request", call.request}};
  if (!call.secrets.empty())
    body["sealed"] = to_base64(seal(encode_secrets(call.secrets).view(), call.operation, {}));
  const auto key = crypto::ExchangeKey::generate();
  if (call.hand_out) body["answer_point"] = to_base64(key.point());
  Json answer = client_.post("/tsp/v1/call", body);
  for (const auto& [name, sealed] : member(answer, "shown").items()) {
    const auto octets = sealed.is_string() ? from_base64(sealed.get<std::string>()) : std::nullopt;
    const auto opened = octets ? key.open(*octets, shown_context(call.operation)) : std::nullopt;
    if (!opened)
      throw Error(Fault::failed, "what is shown once does not open", name,
                  "the operation is done; have another made");
    if (call.hand_out) call.hand_out(name, *opened);
  }
  return member(answer, "receipt");
}

}  // namespace tsp::serve
