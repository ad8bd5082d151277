// Two services behind one seam: factors of SCAL 1 go to the one that authenticates, everything else
// to the one that signs. What binds the two is an assertion, which passes through here unread.
#pragma once

#include <set>

#include "ops/backend.h"

namespace tsp::ops {

class TwoServices final : public Backend {
 public:
  TwoServices(std::unique_ptr<Backend> authentication, std::unique_ptr<Backend> signing);

  void get_ready() override;
  void rest() override { signing_->rest(); }
  Credential credential(const std::string& user, const std::string& key,
                        const Secret* pin) override;
  Credential one_shot(const std::string& user, int scal, const Secret* pin) override;
  void check(const Credential& credential, const sam::Manifest& manifest) override;
  Error refused(const Credential& credential, const Error& error) override;
  // Whoever checks the answer asks.
  sam::Asked ask(const Credential& credential, const sam::Manifest* manifest,
                 sam::AnswerKey answer_key) override;
  std::optional<Bytes> answer_to(const Bytes& request) override;
  // An assertion of the one, given to the other. A machine's credential (sam::Presented) and
  // factors of SCAL 2 go to the signing service itself.
  sam::Approval authorize(const Credential& credential, const sam::Manifest& manifest,
                          const sam::Presented& factors) override;
  std::string service_id() override;
  Bytes assertion(const Credential& credential, const sam::Manifest& manifest,
                  const sam::Presented& factors, const std::string& audience) override;
  sam::Approval authorize_by(const Credential& credential, const sam::Manifest& manifest,
                             ByteView assertion) override;
  std::vector<sam::Signature> sign(const sam::Approval& approval, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>& progress) override;
  OneShotSigned sign_one_shot(const sam::Approval& approval, const sam::Manifest& manifest,
                              const std::function<void(std::size_t)>& progress) override;
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) override;
  OwnEvidence evidence(ByteView ocsp_request, Crls crls) override;
  Json call(const Call& call) override;

 private:
  std::unique_ptr<Backend> authentication_, signing_;
  std::set<Bytes> asked_signing_;  // requests of this process that the signing service waits for
};

}  // namespace tsp::ops
