// The authority as a signer's worker has it: time-stamps and evidence, asked of the authority's
// worker by way of the front. For desk_*.cpp alone.
#pragma once

#include "ops/backend.h"
#include "serve/channel.h"

namespace tsp::serve {

// Nothing of signing can be asked of it: that is std::logic_error.
class PkiBackend final : public ops::Backend {
 public:
  // `channel` outlives this. `asker`: for whom it is, and on whose account.
  PkiBackend(Channel& channel, Asker asker, std::chrono::steady_clock::time_point deadline)
      : channel_(channel), asker_(std::move(asker)), deadline_(deadline) {}
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) override;
  ops::OwnEvidence evidence(ByteView ocsp_request, ops::Crls crls) override;

  ops::Credential credential(const std::string&, const std::string&, const Secret*) override;
  ops::Credential one_shot(const std::string&, int, const Secret*) override;
  void check(const ops::Credential&, const sam::Manifest&) override;
  Error refused(const ops::Credential&, const Error&) override;
  sam::Asked ask(const ops::Credential&, const sam::Manifest*, sam::AnswerKey) override;
  std::optional<Bytes> answer_to(const Bytes&) override;
  sam::Approval authorize(const ops::Credential&, const sam::Manifest&,
                          const sam::Presented&) override;
  std::string service_id() override;
  Bytes assertion(const ops::Credential&, const sam::Manifest&, const sam::Presented&,
                  const std::string&) override;
  sam::Approval authorize_by(const ops::Credential&, const sam::Manifest&, ByteView) override;
  std::vector<sam::Signature> sign(const sam::Approval&, const sam::Manifest&,
                                   const std::function<void(std::size_t)>&) override;
  ops::OneShotSigned sign_one_shot(const sam::Approval&, const sam::Manifest&,
                                   const std::function<void(std::size_t)>&) override;
  Json call(const ops::Call&) override;

 private:
  Json ask_worker(const char* verb, const Json& body);
  Channel& channel_;
  Asker asker_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace tsp::serve
