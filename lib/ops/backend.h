// Where signing happens: in this process, or behind a socket. One signing path for both.
#pragma once

#include "base/error.h"
#include "ops/call.h"
#include "ops/provider.h"
#include "ops/refusals.h"
#include "ops/timestamp.h"

namespace tsp::ops {

// What a document needs to know of the credential before it can be prepared.
struct Credential {
  std::string user, key, algorithm, certificate_serial;
  int scal = 1;
  std::string factors;      // what its use asks for (sam/requirement.h)
  std::string common_name;  // of the signer
  // Nothing: key and certificate are made once the signer has approved `one_shot`, and until then
  // `key` is sam::kOneShotKey.
  std::optional<x509::Certificate> certificate;
  std::vector<x509::Certificate> chain;  // issuer first, without the trust anchor
  std::optional<sam::OneShot> one_shot{};
};

// What became of a one-shot credential: the key, which is destroyed, and its certificate.
struct OneShotSigned {
  std::string key;
  x509::Certificate certificate;
  std::vector<sam::Signature> signatures;  // over sam::with_attributes()
};

// What this TSP says of certificates that it issued, as its responder and its lists say it to
// anybody.
struct OwnEvidence {
  std::vector<x509::Certificate> authorities;  // issuing, root
  Bytes ocsp_response;                         // empty: none was asked for
  std::vector<Bytes> crls;                     // DER, the newest of each CA; empty: not asked for
};
enum class Crls { leave, give };

class Backend {
 public:
  virtual ~Backend() = default;
  // Begins to open what signing needs, beside the caller's own work, as soon as a signer is known:
  // best called before credential(). What fails is told by check().
  virtual void get_ready() {}
  // The caller goes on without it: its store and its HSM are closed meanwhile. Any later call ends
  // that, and opens what it needs anew. No other backend may be at work on the same store in this
  // process.
  virtual void rest() {}
  // The credential that would sign; refuses what policy refuses before any factor is asked. Who is
  // not staff is told nothing of anybody by a name alone: he names the key by its whole number,
  // which the TSP and the signer alone tell, or shows the signer's PIN, a try like any other.
  // Error{input_needed} where he does neither, whatever the name; without the PIN every refusal, of
  // a name that nobody has or of a signer who cannot sign, is that of a wrong factor (sam:
  // refuse_outsider()). `pin` may be nullptr and is not looked at for staff.
  virtual Credential credential(const std::string& user, const std::string& key,
                                const Secret* pin) = 0;
  // The same of a key and certificate that are made for one approval alone; who is not staff shows
  // the PIN. A manifest for it says so (Manifest::one_shot).
  virtual Credential one_shot(const std::string& user, int scal, const Secret* pin) = 0;
  // Everything short of factors; for staff. Others are told once their factors were right.
  virtual void check(const Credential& credential, const sam::Manifest& manifest) = 0;
  // For a document that may not be signed: the error, with the number of its record.
  virtual Error refused(const Credential& credential, const Error& error) = 0;
  // The request that is answered by a device, an OCRA code or a code that is sent out of band,
  // which happens here. `manifest` nullptr: to change the PIN.
  virtual sam::Asked ask(const Credential& credential, const sam::Manifest* manifest,
                         sam::AnswerKey answer_key) = 0;
  // A device's answer to it, or nothing yet. Error{not_found} once it is gone.
  virtual std::optional<Bytes> answer_to(const Bytes& request) = 0;
  virtual sam::Approval authorize(const Credential& credential, const sam::Manifest& manifest,
                                  const sam::Presented& factors) = 0;
  // Two services (ops/services.h). As what a signing service is named in assertions; the
  // authentication service's assertion of factors, to `audience`; the approval that the signing
  // service gives for it.
  virtual std::string service_id() = 0;
  virtual Bytes assertion(const Credential& credential, const sam::Manifest& manifest,
                          const sam::Presented& factors, const std::string& audience) = 0;
  virtual sam::Approval authorize_by(const Credential& credential, const sam::Manifest& manifest,
                                     ByteView assertion) = 0;
  virtual std::vector<sam::Signature> sign(const sam::Approval& approval,
                                           const sam::Manifest& manifest,
                                           const std::function<void(std::size_t)>& progress) = 0;
  // authorize() and sign(), for whoever needs no approval in between; not of a one-shot credential.
  virtual std::vector<sam::Signature> approve_and_sign(
      const Credential& credential, const sam::Manifest& manifest, const sam::Presented& factors,
      const std::function<void(std::size_t)>& progress) {
    return sign(authorize(credential, manifest, factors), manifest, progress);
  }
  // The whole manifest, with a key and a certificate of its own.
  virtual OneShotSigned sign_one_shot(const sam::Approval& approval, const sam::Manifest& manifest,
                                      const std::function<void(std::size_t)>& progress) = 0;
  virtual Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) = 0;  // token
  // The answer to an OCSP request (DER; empty: none), and the CRLs; overdue ones are issued first.
  virtual OwnEvidence evidence(ByteView ocsp_request, Crls crls) = 0;
  // Everything that is not signing (ops/call.h): the receipt, as --json prints it.
  virtual Json call(const Call& call) = 0;
};

class LocalBackend final : public Backend {
 public:
  // A dry run leaves no record of what it would refuse.
  enum class Mode { real, dry_run };
  // The HSM's module is loaded from credential() on, in a thread; who is no signer costs no login.
  explicit LocalBackend(Provider& provider, Mode mode = Mode::real);
  ~LocalBackend() override;
  // Logs in, in the thread that loads the module.
  void get_ready() override;
  void rest() override;
  Credential credential(const std::string& user, const std::string& key,
                        const Secret* pin) override;
  Credential one_shot(const std::string& user, int scal, const Secret* pin) override;
  void check(const Credential& credential, const sam::Manifest& manifest) override;
  Error refused(const Credential& credential, const Error& error) override;
  sam::Asked ask(const Credential& credential, const sam::Manifest* manifest,
                 sam::AnswerKey answer_key) override;
  // The same for a caller elsewhere, who keeps the key of `answer_point` himself.
  sam::Asked ask_for(const Credential& credential, const sam::Manifest* manifest,
                     ByteView answer_point);
  std::optional<Bytes> answer_to(const Bytes& request) override;
  sam::Approval authorize(const Credential& credential, const sam::Manifest& manifest,
                          const sam::Presented& factors) override;
  std::string service_id() override;
  Bytes assertion(const Credential& credential, const sam::Manifest& manifest,
                  const sam::Presented& factors, const std::string& audience) override;
  sam::Approval authorize_by(const Credential& credential, const sam::Manifest& manifest,
                             ByteView assertion) override;
  std::vector<sam::Signature> sign(const sam::Approval& approval, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>& progress) override;
  std::vector<sam::Signature> approve_and_sign(
      const Credential& credential, const sam::Manifest& manifest, const sam::Presented& factors,
      const std::function<void(std::size_t)>& progress) override;
  OneShotSigned sign_one_shot(const sam::Approval& approval, const sam::Manifest& manifest,
                              const std::function<void(std::size_t)>& progress) override;
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) override;
  OwnEvidence evidence(ByteView ocsp_request, Crls crls) override;
  Json call(const Call& call) override;

  // The module itself, for what serves many callers at once.
  sam::SignatureActivationModule& activation();

 private:
  sam::Asked send(const Credential& credential, const sam::Manifest* manifest, sam::Asked asked);
  Keep keep() const;
  // Whoever asks for `user`, and whether he may be told what stands in the way: staff and the
  // signer may; others are told the same of everybody, as of a name that nobody has.
  struct Asker {
    std::string user;
    enum class Told { everything, nothing } told = Told::everything;
  };
  Asker admit(const std::string& user, const std::string& key, const Secret* pin);
  // No credential: on record once a minute, then thrown.
  [[noreturn]] void refuse(const Asker& asker, const Error& error, const std::string& reason);
  store::UserRow active_user(const Asker& asker);
  store::KeyRow named_key(const Asker& asker, const std::string& key);
  struct Usable {
    store::KeyRow key;
    store::CertificateRow certificate;
  };
  void know_signer();
  Usable newest_credential(const Asker& asker, const std::string& key);  // key: empty for any
  Provider& provider_;
  Mode mode_;
  std::unique_ptr<sam::SignatureActivationModule> activation_;
  bool signs_ = false, knows_signer_ = false;
};

}  // namespace tsp::ops
