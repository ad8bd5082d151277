// ops::Backend behind a socket: the documents stay here, manifests and sealed factors cross.
#pragma once

#include <atomic>
#include <future>

#include "ops/backend.h"
#include "serve/client.h"
#include "serve/sealed.h"

namespace tsp::serve {

class RemoteBackend final : public ops::Backend {
 public:
  // Factors and secrets are sealed to whatever module the server names, or, with roots, to one that
  // is certified under one of them (sealed.h: check_statement()). The clock must outlive it.
  RemoteBackend(ClientOptions options, ops::LocalBackend::Mode mode, const Clock& clock,
                std::vector<x509::Certificate> roots);
  ~RemoteBackend() override;
  // Asks for the module's transport key and judges it beside whatever comes next: factors will be
  // sealed to it.
  void get_ready() override;
  // Whether a server answers there.
  bool answers() { return client_.answers(); }

  ops::Credential credential(const std::string& user, const std::string& key,
                             const Secret* pin) override;
  ops::Credential one_shot(const std::string& user, int scal, const Secret* pin) override;
  void check(const ops::Credential& credential, const sam::Manifest& manifest) override;
  Error refused(const ops::Credential& credential, const Error& error) override;
  sam::Asked ask(const ops::Credential& credential, const sam::Manifest* manifest,
                 sam::AnswerKey answer_key) override;
  std::optional<Bytes> answer_to(const Bytes& request) override;
  sam::Approval authorize(const ops::Credential& credential, const sam::Manifest& manifest,
                          const sam::Presented& factors) override;
  std::string service_id() override;
  Bytes assertion(const ops::Credential& credential, const sam::Manifest& manifest,
                  const sam::Presented& factors, const std::string& audience) override;
  sam::Approval authorize_by(const ops::Credential& credential, const sam::Manifest& manifest,
                             ByteView assertion) override;
  std::vector<sam::Signature> sign(const sam::Approval& approval, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>& progress) override;
  ops::OneShotSigned sign_one_shot(const sam::Approval& approval, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>& progress) override;
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) override;
  ops::OwnEvidence evidence(ByteView ocsp_request, ops::Crls crls) override;
  Json call(const ops::Call& call) override;

 private:
  Json with_mode(Json body) const;
  Json with_pin(Json body, const Secret* pin, std::string_view verb);
  Bytes seal(ByteView plain, std::string_view purpose, ByteView manifest_sha256);
  TransportStatement trusted_module(Client& client) const;
  const TransportStatement& module_of_now();
  const ClientOptions options_;
  Client client_;
  ops::LocalBackend::Mode mode_;
  const Clock& clock_;
  std::vector<x509::Certificate> roots_;
  std::optional<TransportStatement> module_;  // judged
  std::atomic<bool> leaving_ = false;
  std::future<TransportStatement> asking_;
};

}  // namespace tsp::serve
