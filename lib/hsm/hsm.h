// An HSM seen through PKCS#11 v2.40: Module > Session > keys. One login a process; member order is
// shutdown order. Every CKR_ code is turned into Error{hsm_unavailable} (or a better fault) that
// names function and code; none is swallowed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/secret.h"
#include "crypto/signer.h"

namespace tsp::hsm {

struct TokenInfo {
  std::string label, manufacturer, model, serial, firmware;
  bool initialised = false;
};

// How long a login waits for those of other processes, in milliseconds.
inline constexpr int kLoginPatienceMs = 15'000;

// A loaded PKCS#11 module, C_Initialize done. Thread-safe. Load it after every fork: a child that
// inherited one must not use it (its destruction there does nothing). One Module for a path in a
// process; a second one shares the first's C_Initialize and must not outlive it.
class Module {
 public:
  // Error{hsm_unavailable} where `path` is no PKCS#11 module. `lock_path` (the one of
  // Session::login, and for nothing else) keeps other processes from logging in while tokens are
  // read here: SoftHSM rewrites a token at each login and would be seen doing it. Without it
  // tokens() may miss one.
  static std::shared_ptr<Module> load(const std::string& path, const std::string& lock_path = {});
  ~Module();  // C_Finalize, once sessions and keys are gone, too

  // Tokens that have a label. `initialised` says whether they have a user PIN, too: without one,
  // setting them up was interrupted.
  std::vector<TokenInfo> tokens() const;
  std::optional<TokenInfo> find_token(const std::string& label) const;
  // Initialises a free slot as a token; never one that has a label. Error{already_exists} when the
  // label is taken. Two processes must not do this at once: the caller holds the lock on its home.
  void initialise_token(const std::string& label, const Secret& so_pin, const Secret& pin);
  bool is_softhsm() const;

  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  explicit Module(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// A signer's private key as it lies in the store: wrapped under a named wrapping key of the token.
// The blob binds nothing but the key itself; who owns it is bound by the caller (link MAC).
struct WrappedKey {
  Bytes spki;  // SubjectPublicKeyInfo DER
  Bytes blob;
  std::string mechanism;     // "aes-key-wrap-pad"
  std::string wrapping_key;  // label, versioned: "master-1"
};

// A logged-in session with one token. Keys opened from it keep it alive.
class Session {
 public:
  // Logs in; the login is serialised by a lock on `lock_path` (SoftHSM rewrites its token file at
  // login). "Token not found" is retried for a second and never leads to making one. A refused PIN
  // is Error{hsm_unavailable} after one try. A second session with a token shares the process's
  // login; its PIN is compared with the first one's. The Session is thread-safe: calls wait for
  // each other.
  static std::shared_ptr<Session> login(std::shared_ptr<Module> module, const std::string& token,
                                        const Secret& pin, const std::string& lock_path);

  // Token objects, found by label, private, sensitive, non-extractable. generate_ calls throw
  // Error{already_exists} when the label is taken.
  std::unique_ptr<crypto::Signer> generate_signer(const std::string& label, crypto::KeyAlgorithm);
  // Checks CKA_LOCAL, CKA_SENSITIVE and CKA_NEVER_EXTRACTABLE (Error{policy_refused}). Does NOT
  // check that the private half fits the public one. Error{not_found}.
  std::unique_ptr<crypto::Signer> open_signer(const std::string& label);
  bool has_key(const std::string& label);
  void destroy_key(const std::string& label);  // both halves; not an error when absent
  void generate_wrapping_key(
      const std::string& label);  // AES-256, unwrap template forces non-extractable
  void generate_mac_key(const std::string& label);   // 256-bit, HMAC-SHA-256 only
  void generate_seal_key(const std::string& label);  // AES-256-GCM only

  // Takes in which secret keys the token has, so that their first use need not search for them.
  void look_around();

  // HMAC-SHA-256 inside the HSM.
  Bytes mac(const std::string& key, ByteView data);
  // AES-256-GCM inside the HSM: iv(12) ‖ ciphertext ‖ tag(16).
  Bytes seal(const std::string& key, ByteView plain, ByteView associated);
  // Nothing when key, data and associated data do not belong together.
  std::optional<Secret> open(const std::string& key, ByteView sealed, ByteView associated);

  // Generates a session key pair, wraps it and destroys it. Error{policy_refused} for ed25519.
  WrappedKey generate_wrapped(crypto::KeyAlgorithm algorithm, const std::string& wrapping_key);
  // The key as a session object, destroyed with the Signer. Checks that the module kept it
  // sensitive and non-extractable, and that it fits `key.spki`: type, curve, RSA modulus
  // (Error{tampered}). Private EC objects do not show their point: whether it is this curve's right
  // key only a signature verified in software tells, which callers do.
  std::unique_ptr<crypto::Signer> unwrap(const WrappedKey& key);
  // The same where `key.spki` was decoded before.
  std::unique_ptr<crypto::Signer> unwrap(const WrappedKey& key, crypto::PublicKey public_key);
  // A session key pair never wrapped nor stored, destroyed with the Signer.
  std::unique_ptr<crypto::Signer> generate_one_time(crypto::KeyAlgorithm algorithm);

  TokenInfo token() const;  // as it was at login

  struct State;
  explicit Session(std::shared_ptr<State> state);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace tsp::hsm
