// The signature activation module (EN 419 241-2): the only door to a signer's key. It keeps promise
// 3: in one transaction signer, certificate, suspension and approval are checked again, the hash is
// marked consumed and the intent recorded; durable; then the HSM; then verified in software; then
// the result recorded; durable; then the answer.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/log.h"
#include "base/error.h"
#include "crypto/symmetric.h"
#include "hsm/hsm.h"
#include "sam/manifest.h"
#include "store/rows.h"

namespace tsp::sam {

// Who asks, as the audit log names him ("uid:1000") and whether he may know who exists.
struct Caller {
  std::string name;
  bool staff = false;
};

struct Policy {
  int wrong_tries = 5;  // locks at this one
  std::chrono::seconds approval_lifetime{300};
  std::size_t most_documents = 1000;
  bool bare_hashes = true;
  crypto::Argon2 pin_cost{};  // what a try costs for a name that nobody has
};

// What the signer presents. SCAL 1: PIN and one-time code, both.
struct Presented {
  std::optional<Secret> pin;
  std::optional<Secret> otp;
};

// The signature activation data: a 256-bit secret that stands for one approval of one manifest.
struct Approval {
  Secret secret;
  Time expires_at;
  std::int64_t audit_seq;
};

// One signature value, or why there is none.
struct Signature {
  Bytes value;
  Bytes dtbs;
  std::int64_t audit_seq = 0;  // of the result record
  std::optional<Error> error;
};

class Activation;  // constructed by the module alone; see sam.cpp

class SignatureActivationModule {
 public:
  SignatureActivationModule(store::Database& database, const Clock& clock,
                            std::shared_ptr<hsm::Session> signers, const Policy& policy);
  ~SignatureActivationModule();

  // Checks everything but factors: signer active, key his and active, a valid certificate now,
  // suite, manifest. Consumes nothing, records nothing; what --dry-run calls, and authorize()
  // first. Errors: {not_found} (staff only; others get factor_refused later), {policy_refused},
  // {tampered}.
  void check(const std::string& signer, const std::string& key,
             const x509::Certificate& certificate, const Manifest& manifest);

  // Checks the factors: the counter is raised and durable before the check; the wrong-tries-th
  // wrong try locks (Error{locked_out}); a refused factor is Error{factor_refused} with the tries
  // left in its hint and never says which one was wrong, in words or by the time it takes. Every
  // refusal is on record ("sign.authorize", details.reason). A code is good once. For staff
  // everything check() checks comes first; others learn of it only once their factors are right,
  // and an unknown name behaves like a wrong PIN. Error{input_needed} counts as no try;
  // {audit_before_signing} where the store cannot be written.
  Approval authorize(const Caller& caller, const std::string& signer, const std::string& key,
                     const Manifest& manifest, const Presented& factors);

  // Factors alone, without a manifest: for changing the PIN. Same counters, and on record as
  // "user.authenticate", also when right.
  void check_factors(const Caller& caller, const std::string& signer, const Presented& factors,
                     bool otp_needed);

  // Signs entries of the approved manifest (all, or some now and others later), each once under any
  // concurrency; where the HSM fails, each fails or succeeds for itself. The approval is void at
  // the first wrong use: an entry that is not in it or was consumed before, a signer, key or
  // certificate that may not sign any more (Error{policy_refused}, nothing signed). `progress` is
  // called after each with the number done; what it throws stops the rest of the batch. Errors:
  // {audit_before_signing}: the HSM was not called; {audit_after_signing}: signatures were made and
  // wiped, their intents stay open.
  std::vector<Signature> sign(const Caller& caller, const Approval& approval,
                              const Manifest& manifest,
                              const std::function<void(std::size_t)>& progress = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tsp::sam
