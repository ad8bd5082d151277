// The signature activation module (EN 419 241-2): the only door to a signer's key. It keeps promise
// 3: in one transaction signer, certificate, suspension and approval are checked again, the hash is
// marked consumed and the intent recorded; durable; then the HSM; then verified in software; then
// the result recorded; durable; then the answer.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/log.h"
#include "base/error.h"
#include "crypto/symmetric.h"
#include "hsm/hsm.h"
#include "sam/assertion.h"
#include "sam/device.h"
#include "sam/manifest.h"
#include "sam/request.h"
#include "store/rows.h"

namespace tsp::sam {

// Who asks, as the audit log names him ("uid:1000") and whether he may know who exists.
struct Caller {
  std::string name;
  bool staff = false;
  // Whether `name` was proven. Tries of others are refused unevaluated and never count against a
  // signer: a name alone locks nobody.
  bool authenticated = true;
};

// A use of a key: what its signer is told.
struct KeyUse {
  std::string signer, key;
  Manifest signed_documents;  // those entries for which there is a signature
};

// Bounds of this TSP. A signer's group may be stricter, never laxer.
struct Policy {
  int wrong_tries = 5;  // locks at this one
  std::chrono::seconds approval_lifetime{300};
  std::size_t most_documents = 1000;
  bool bare_hashes = true;
  crypto::Argon2 pin_cost{};  // what a try costs for a name that nobody has
  // Called where signatures were made, in the transaction that records them: what it writes is
  // there when they are. What it throws is a record that could not be written.
  std::function<void(store::Transaction&, const KeyUse&)> tell{};
  // A signing service that leaves factors of SCAL 1 to authentication services: authorize() then
  // refuses them, and authorize_by() takes an assertion in their place.
  std::shared_ptr<const AcceptedAssertions> accepted{};
  // An authentication service: the keys that are approved may be elsewhere.
  bool keys_elsewhere = false;
  bool whole_documents = false;  // whether SigningOrder::content is heeded
};
inline constexpr std::chrono::seconds kLongestApproval{30 * 60};  // SCAL 2 (TS 119 431-1 SIG-A.5)

// How factors crossed to the module, where they were sealed (docs/formats/sealed-factors.md).
struct Sealing {
  Bytes nonce;
  Time until;  // from then on it is not opened anyway
};

// What the signer presents: what the group's policy asks for (requirement.h).
struct Presented {
  std::optional<Secret> pin;
  std::optional<Secret> otp;  // a code of any kind: TOTP, HOTP, OCRA, sent out of band
  Bytes request;              // id of the activation request that code or device answers; or empty
  Bytes answer;               // the device's (device.h), or empty
  std::optional<Secret> share;      // from an activation file (seal.h)
  std::optional<Secret> machine{};  // instead of all else: a machine's credential (seal_window.h)
  std::shared_ptr<const crypto::ExchangeKey> answer_key{};  // where the caller kept it
  std::optional<Sealing> sealing{};  // good once: a second time is no try and tells nothing
};

// What is to be answered elsewhere, by a device or with a code bound to the documents.
struct Asked {
  ActivationRequest request;
  Bytes manifest;                         // encoded
  std::vector<DeviceQuestion> questions;  // one for each device of the signer; for staff alone
  std::optional<Secret> sent_code;        // to be sent out of band, by the caller, at once
  std::shared_ptr<const crypto::ExchangeKey> answer_key;  // unless it is kept in the store
  std::int64_t audit_seq = 0;
};
enum class AnswerKey {
  with_caller,  // the answer may pass through the store: nobody else can open it
  in_store      // sealed by the HSM; the answer must then never lie in the store
};

// The signature activation data: a 256-bit secret that stands for one approval of one manifest.
struct Approval {
  Secret secret;
  Time expires_at;
  std::int64_t audit_seq;
};

// What is asked of authorize(). What it points to must outlive the call.
struct ApprovalOrder {
  const Caller* caller;
  std::string signer, key;
  const Manifest* manifest;
  const Presented* factors;
  std::size_t further = 0;  // authorize()'s
};
struct ApprovalResult {
  std::optional<Approval> approval;
  std::optional<Error> error;
};

// One signature value, or why there is none.
struct Signature {
  Bytes value;
  Bytes dtbs;
  std::int64_t audit_seq = 0;  // of the result record
  std::optional<Error> error;
};

// As whom an authentication service asserts, to whom, and for how long at most.
struct Asserter {
  std::string issuer, audience;
  bool audience_known = false;  // false: refused, on record
  std::chrono::seconds lifetime{};
  crypto::Signer* key = nullptr;  // kModuleKey's
};
struct Asserted {
  Bytes assertion;
  Time expires_at;
  std::int64_t audit_seq = 0;
};

// What the module refuses: an error that knows under which reason it is on record
// (docs/formats/factors.md).
struct Refused : Error {
  Refused(std::string reason_, Error error) : Error(std::move(error)), reason(std::move(reason_)) {}
  std::string reason;
};

class Activation;  // constructed by the module alone; see sign.cpp

// What is signed of an entry. Of a bare one the module can make signed attributes (EN 319 122-1)
// whose message-digest is the approved digest, for the certificate under which it signs: those of
// PAdES, or those of CAdES, which name the time of signing.
enum class Form { as_approved, pades, cades };

// Entries of an approved manifest (all, or some now and others later) to be signed. What it points
// to must outlive the call.
struct SigningOrder {
  const Caller* caller;
  const Approval* approval;
  const Manifest* manifest;
  // Called after each signature with the number done; what it throws stops the rest of this order.
  std::function<void(std::size_t)> progress{};
  std::vector<Form> forms{};  // one an entry; empty: all as they were approved
  // Where the approved digests are of whole documents: what the signatures cover of each, a
  // revision that the caller made of it, made with the same hash. Nobody but the caller vouches for
  // that: it is for keys of SCAL 1, and where Policy allows it. Empty: the approved digests.
  std::vector<Bytes> content{};
  // Whose approval it must be, where the caller named a key or may only serve one group's signers;
  // empty: whoever holds the approval says. Another's is a wrong use, which voids it.
  std::string key{}, group{};
};
// The signatures, one an entry, or why there are none.
struct SigningResult {
  std::vector<Signature> signatures;
  std::optional<Error> error;
  std::string reason{};                            // of a refusal: its id (docs/formats/factors.md)
  std::optional<x509::Certificate> certificate{};  // under which was signed
  std::vector<Bytes> signed_attributes{};          // made here, one an entry; empty: none was
};

// A key that exists for one approval alone, and for which somebody is to make the certificate: on
// record, in the store, for this very signer and key.
struct OneShotKey {
  std::string id;      // as records and certificate name it; the store has no such key
  std::string signer;  // login name
  const crypto::PublicKey& public_key;
  const OneShot& approved;
};
struct OneShotOrder {
  const Caller* caller;
  const Approval* approval;
  const Manifest* manifest;  // the whole one that was approved
  std::function<x509::Certificate(const OneShotKey&)> certify;
  std::function<void(std::size_t)> progress{};  // as a SigningOrder's
  std::string group{};                          // as a SigningOrder's
};
struct OneShotSigned {
  std::string key;  // id
  x509::Certificate certificate;
  std::vector<Signature> signatures;  // over with_attributes(manifest, certificate)
};

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

  // The same of a one-shot manifest, as far as it can be told before there is a certificate.
  void check_one_shot(const std::string& signer, const Manifest& manifest);

  // Makes the request that a device answers, an OCRA code is computed over, or a sent code is good
  // for; it can be used once, within the lifetime of an approval. Checks everything check() checks
  // first. Whatever is refused gives a caller who is not staff a request like any other that
  // nothing answers; it is on record as refused. At most 16 requests of one signer wait at a time,
  // and as many that nothing answers (Error{busy}). On record as "sign.request". `manifest`
  // nullptr: to change the PIN under which the key is sealed. `answer_point`: of the key that the
  // caller made himself, with_caller; empty: it is made here. Error{bad_input} for a point that is
  // none.
  Asked ask(const Caller& caller, const std::string& signer, const std::string& key,
            const Manifest* manifest, AnswerKey answer_key, ByteView answer_point = {});
  // The device's answer, kept for whoever waits. Error{not_found}: no such request (any more);
  // {already_exists}: answered; {policy_refused}: its key lies in the store. Not believed yet.
  void deliver(const Bytes& request, ByteView answer);
  // The answer that came, or nothing yet. Error{not_found} once the request is gone.
  std::optional<Bytes> answer_to(const Bytes& request);

  // Checks the factors: the counter is raised and durable before the check; the wrong-tries-th
  // wrong try locks (Error{locked_out}); a refused factor is Error{factor_refused} with the tries
  // left in its hint and never says which one was wrong, in words or by the time it takes. Every
  // refusal is on record ("sign.authorize", details.reason). A code is good once. For staff
  // everything check() checks comes first; others learn of it only once their factors are right,
  // and an unknown name behaves like a wrong PIN. Error{input_needed}, for staff with
  // what the policy asks for, for others where nothing at all was given, counts as no try;
  // {audit_before_signing} where the store cannot be written; a device's refusal is
  // {policy_refused} and no try; {busy} for a caller, not staff, whose own tries failed too often.
  // `further`: so many signatures more, of bare digests that nobody knows yet and extend() brings
  // (CSC 11.11, a PDF that is signed several times). Error{policy_refused} for a key of SCAL 2, for
  // factors that are bound to documents, and where any entry is more than a digest.
  Approval authorize(const Caller& caller, const std::string& signer, const std::string& key,
                     const Manifest& manifest, const Presented& factors, std::size_t further = 0);
  // The same for all that is queued, one result an order: every try is counted in one commit, then
  // the factors are checked, then every approval is stored in another. Orders are judged each for
  // itself, those of one signer one behind the other; a transaction that cannot be written fails
  // them all.
  std::vector<ApprovalResult> authorize_all(const std::vector<ApprovalOrder>& orders);

  // An authentication service's part: the same checks of factors, by the policy of SCAL 1, for a
  // credential that is elsewhere. What comes of it is not an approval but an assertion of them
  // (assertion.h). On record as "assertion.issue", durable before it is given out. Signer and
  // number of documents are checked, first for staff and last for others; key, certificate and what
  // would be signed are not: the signing service does. Errors as authorize()'s.
  Asserted attest(const Caller& caller, const std::string& signer, const std::string& credential,
                  const Manifest& manifest, const Presented& factors, const Asserter& by);

  // A signing service's part: an assertion in place of factors, once (assertion.h). Refusals and
  // their reasons are those of docs/formats/assertion.md and everything check() checks, on record
  // as "sign.authorize". No tries are counted: nobody guesses a signature. Never for SCAL 2.
  Approval authorize_by(const Caller& caller, const std::string& signer, const std::string& key,
                        const Manifest& manifest, ByteView assertion);

  // Another approval in place of one that is not used up, which is gone (CSC 11.11): for the bare
  // digests of `manifest`, and as many signatures as were left. SCAL 1: digests may be new ones,
  // and the approval lives as long again. SCAL 2: the signer approved the digests, so each must be
  // one of those that are left, and the end stays what it was. On record as "sign.extend". A wrong
  // use voids the approval, as sign() does; a machine's approval is not extended.
  Approval extend(const Caller& caller, const std::string& key, const Secret& current,
                  const Manifest& manifest);

  // The same for a machine with the credential of a seal's window (seal_window.h), in place of
  // factors. No tries are counted: nobody guesses 256 bits, and nobody locks a seal by guessing.
  // Error{factor_refused} for a credential that is none of this key; {policy_refused} where its
  // window is not open, or has not so many signatures left. They are taken from it by sign().
  Approval authorize_machine(const Caller& caller, const std::string& signer,
                             const std::string& key, const Manifest& manifest,
                             const Secret& credential, const std::optional<Sealing>& sealing);

  // Factors alone, without a manifest: for changing the PIN. Same counters, and on record as
  // "user.authenticate", also when right.
  void check_factors(const Caller& caller, const std::string& signer, const Presented& factors,
                     bool otp_needed);

  // What a caller who is not staff is told where a signer is not there, or cannot sign, before any
  // factor was asked for: what a wrong factor is answered with, {factor_refused} and from the fifth
  // on {locked_out}, {busy} after three of his own. The counter is the name's, there or not, and
  // not the one that locks a signer. On record as "sign.authorize" with the true reason; `subject`
  // is empty for a name that nobody has.
  [[noreturn]] void refuse_outsider(const Caller& caller, const std::string& signer,
                                    const std::string& subject, const std::string& reason);

  // Changes the PIN everywhere it is used or nowhere, in one transaction: the SCAL 1 verifier where
  // the signer has one, and the seal of every active SCAL 2 key. `shares` brings each key's share,
  // by its id: the activation file's, or a device's answer to ask() without a manifest; their PIN
  // is `pin`. Without one of them it is Error{input_needed} and no try; else a try like any other,
  // on record as "user.pin". {busy} where the keys were changed meanwhile. The new PIN is NOT
  // judged here.
  std::int64_t change_pin(const Caller& caller, const std::string& signer, const Secret& pin,
                          std::map<std::string, Presented> shares, const Secret& new_pin);

  // The second step of enrolment: a registered signer's code (enrolment.h), a try like any other
  // and good once, makes him active. `prepare` is called once the code was right: what it throws
  // gives the try back and changes nothing. `write` runs in the transaction that uses the code up,
  // and answers the number of the record that it puts there. Refusals are on record as
  // "user.activate". For staff Error{not_found} and {policy_refused} for a signer who is not
  // registered come first; to others that is a wrong code. An expired code is {policy_refused} to
  // whoever has it.
  std::int64_t activate(const Caller& caller, const std::string& signer, const Secret& code,
                        const std::function<void()>& prepare,
                        const std::function<std::int64_t(store::Transaction&)>& write);

  // Signs each entry once under any concurrency; where the HSM fails, each fails or succeeds for
  // itself. The approval is void at the first wrong use: an entry that is not in it or was consumed
  // before, a signer, key or certificate that may not sign any more (Error{policy_refused}, nothing
  // signed). Errors: {audit_before_signing}: the HSM was not called; {audit_after_signing}:
  // signatures were made and wiped, their intents stay open.
  std::vector<Signature> sign(const Caller& caller, const Approval& approval,
                              const Manifest& manifest,
                              const std::function<void(std::size_t)>& progress = {});
  // The same for all that is queued, one result an order: every intent becomes durable in one
  // transaction, then every result. Orders are judged each for itself, but a transaction that
  // cannot be written fails them all.
  std::vector<SigningResult> sign_all(const std::vector<SigningOrder>& orders);

  // authorize() and sign() for whoever has both here and needs no approval in between: none is
  // stored. Used-up factors, approval and intents become durable in one transaction, in which
  // signer, key and certificate are looked at again; what is refused there was approved with right
  // factors, so the code is used and the tries are not. Everything else as those two, records and
  // errors too, but that "sign.authorize" has details.at_once. Not for `further`, one-shot
  // manifests and machines.
  std::vector<Signature> approve_and_sign(const ApprovalOrder& order,
                                          const std::function<void(std::size_t)>& progress = {});

  // With a key that is made for this and destroyed after it, whatever happens (TS 119 431-1
  // GEN-6.2.1-09, DEL-6.3.2-05). The key is generated as an object of the HSM's session, never
  // wrapped, never stored; then the approval is taken, whole and for good, in the transaction that
  // records the key; `certify` makes the certificate, which must be the one that was approved; the
  // signed attributes are made here; the rest is promise 3 as in sign(). The key's end is on record
  // with the results, or by itself. Errors as those of sign(), and what `certify` throws:
  // nothing was signed then, and the approval is used up.
  OneShotSigned sign_one_shot(const OneShotOrder& order);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tsp::sam
