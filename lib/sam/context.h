// What the parts of the signature activation module share. For this room alone.
#pragma once

#include <array>
#include <map>
#include <set>

#include "sam/requirement.h"
#include "sam/sam.h"

namespace tsp::sam {

// A clock that stands further than this behind what was recorded last has stepped back, and with it
// the end of approvals and windows.
inline constexpr std::chrono::seconds kClockSlack{10};

struct Context {
  store::Database& database;
  const Clock& clock;
  std::shared_ptr<hsm::Session> signers;
  Policy policy;
  // Certificates already parsed, by their DER: one signature looks at the signer's seven times.
  std::map<Bytes, x509::Certificate> parsed{};
  // Rows of keys whose link MAC the HSM found right, by the SHA-256 of content and MAC.
  std::set<Bytes> linked{};
};

struct SignatureActivationModule::State : Context {};

// A refusal with the id under which it goes on record (details.reason). Ids are never renamed:
// docs/formats/factors.md lists them.
struct Refusal : Error {
  Refusal(std::string reason_, Error error) : Error(std::move(error)), reason(std::move(reason_)) {}
  std::string reason;
};
// Policy says no: nothing was signed.
Refusal refusal(std::string reason, std::string what, std::string why,
                Fault fault = Fault::policy_refused);

// --- signer_view.cpp: a signer and what his group asks for and allows, within the TSP's bounds.
// Read once a call, and again in the transaction that records what is done.
struct GroupPolicy {
  std::string name;  // empty for a signer that nobody knows: he gets the group `default`
  bool active = true;
  std::array<std::string, 2> factors;  // SCAL 1, SCAL 2: requirement.h
  bool bare_hashes = true;
  std::size_t most_documents = 0;
  std::chrono::seconds lifetime{};
};
struct SignerView {
  std::string name;
  std::optional<std::string> state;  // nothing: nobody has that name
  GroupPolicy group;
};
SignerView view_of(Context& context, const std::string& signer);
// Throws Refusal for a signer who is not there or not active, or whose group is not.
void check_signer(const SignerView& signer);
// So many calls more on a group's account.
void account(Context& context, store::Transaction& transaction, const GroupPolicy& group,
             std::string_view operation, std::string_view outcome, std::int64_t calls = 1);

// --- credential_check.cpp: a key that may sign now, and what it would sign
enum class Kept { in_store, in_hsm };  // in_hsm: made for this session, nothing of it is stored
struct Prepared {
  GroupPolicy group;
  store::KeyRow key;
  store::CertificateRow row;
  x509::Certificate certificate;
  crypto::Scheme scheme;
  std::vector<Bytes> dtbs;  // one an entry
  Kept kept = Kept::in_store;
};
// The signer's own, active, its link MAC right. Throws Refusal.
store::KeyRow find_signers_key(Context& context, const std::string& signer, const std::string& id);
// `certificate` absent: the one that the manifest's attributes name, else the newest that is valid.
// Throws Refusal.
Prepared prepare(Context& context, const SignerView& signer, const std::string& key,
                 const Manifest& manifest, const x509::Certificate* certificate, Time now);
// What an approval needs to know of the credential, which may be one that is made after it.
struct Fit {
  GroupPolicy group;
  int scal = 1;
  std::string certificate;             // serial; empty: not made yet
  std::optional<Prepared> prepared{};  // unless the key is made after it
};
// By prepare(), or of a one-shot manifest check_one_shot_order(). Throws Refusal.
Fit fit_to_sign(Context& context, const SignerView& signer, const std::string& key,
                const Manifest& manifest, Time now);
// How many documents, and of which kind. Throws Refusal.
void check_group(const GroupPolicy& group, const Manifest& manifest);
// The short second look, inside the transaction that records the intents. Throws Refusal.
void check_again(Context& context, const std::string& signer, const Prepared& prepared, Time now);

// --- records.cpp
// A signer's act.
audit::Event event_of(std::string name, const Caller& caller, const std::string& signer);
// The same of documents that this key is to sign.
audit::Event event_of(std::string name, const Caller& caller, const std::string& signer,
                      const std::string& key, const Manifest& manifest);
// Runs `write` in a transaction of its own. What fails is Error{audit_before_signing}, but busy
// stays busy and a Refusal itself.
std::int64_t put(Context& context, const std::function<std::int64_t(store::Transaction&)>& write);
// Makes the event a refusal's and puts its call on the account of its subject's group. The caller
// appends it.
void account_refusal(Context& context, store::Transaction& transaction, audit::Event& event,
                     const Refusal& refusal);
// Puts the refusal on record and throws it as an Error that names the record. `also` runs in the
// same transaction.
[[noreturn]] void refuse(Context& context, audit::Event event, const Refusal& refusal,
                         const std::function<void(store::Transaction&)>& also = {});

// --- approval_job.cpp, sam.cpp
// What of `factors` is tried where they are not enough. Throws Refusal for none at all.
Factors hopeless(const Presented& factors);
// How long an approval lives.
std::chrono::seconds lifetime_of(const GroupPolicy& group, int scal);
// Whether signatures of what is still to come can be approved. Throws Refusal.
void check_further(const Fit& fit, const Manifest& manifest, const Factors& factors,
                   std::size_t further);
// An approval with its hashes, and what the event that tells of it has to say: signatures that it
// allows beyond the manifest's entries are of digests that are still to come.
struct Sad;
audit::Event insert_approval(Context& context, store::Transaction& transaction, audit::Event event,
                             const Sad& sad, const Fit& fit, const Manifest& manifest);
// The same, on record in the transaction that stores it. Expired ones go.
std::int64_t store_approval(Context& context, store::Transaction& transaction, audit::Event event,
                            const Sad& sad, const Fit& fit, const Manifest& manifest, Time now);

// --- one_shot.cpp: a key and a certificate for one approval alone
// Whether this signer may have one for this manifest now: all that can be told before there is a
// certificate. Throws Refusal.
void check_one_shot_order(const SignerView& signer, const std::string& key,
                          const Manifest& manifest, Time now);

// --- attest.cpp: what an authentication service can tell of an order: the signer, and how many
// documents of which kind. Throws Refusal.
void check_elsewhere(const SignerView& signer, const Manifest& manifest);

// --- trial.cpp: factors, counted
// The name under which tries are counted and put on record: itself for every name that a signer
// can have, a digest for others, so that nobody writes what he likes into the log.
std::string counted_name(const std::string& signer);
// What the factors are presented for.
struct Task {
  const Caller& caller;
  const std::string& signer;
  std::optional<store::KeyRow> key;  // of this signer; SCAL 2: its seal is the PIN's judge
  Ask ask = Ask::sign;
  Bytes manifest_sha256;  // 32 zero octets where there is none
  std::size_t count = 0;  // signatures
  Factors needed;
  bool enough = true;        // false: whatever is right, it is a wrong try
  std::string credential{};  // the key's id, or kOneShotKey; empty: none
};
struct Trial {
  std::int64_t count;                  // tries since the last right one, this one included
  std::optional<std::int64_t> factor;  // TOTP, HOTP: its row,
  std::int64_t step = 0;               // and the step or counter whose code was given
  Bytes request;                       // answered; empty: none
  Secret seal_key{Bytes()};            // SCAL 2: what PIN and share gave,
  Secret share{Bytes()};               // and the share
};
// The first alternative for which everything was presented. Throws Refusal{input_needed} naming
// what the first one lacks.
Factors choose_factors(const Requirement& requirement, int scal, const Presented& factors);
// Raises the counter, durably, then checks all factors whatever the first one gives. Throws Refusal
// for wrong ones, for a locked signer, a throttled caller, and for a device that refused.
Trial try_factors(Context& context, const Task& task, const Presented& factors, Time now);
// The two halves of it, for several at once. In a transaction: throttle and lock are heeded, the
// counter is raised; answers the count of tries. Throws Refusal.
std::int64_t count_try(Context& context, store::Transaction& transaction, const Caller& caller,
                       const std::string& signer, Time now);
// Then, once that is durable: the factors, for a trial that has its count. Throws Refusal as
// try_factors() does; a caller who is throttled meanwhile gets the try back.
void evaluate(Context& context, const Task& task, const Presented& factors,
              const std::optional<store::RequestRow>& request, Time now, Trial& trial);
// The same for any factor: `check` says whether it was right. Answers the count of tries. `first`
// runs in the transaction that counts the try, before it.
std::int64_t try_counted(Context& context, const Caller& caller, const std::string& signer,
                         Time now, const std::function<bool()>& check,
                         const std::function<void(store::Transaction&)>& first = {});
// Takes a sealing for good. Throws Refusal where it was taken before: somebody on the way repeats
// what he cannot read.
void use_sealing(Context& context, store::Transaction& transaction,
                 const std::optional<Sealing>& sealing);
// What the count of tries makes of a wrong one.
Refusal wrong(const Context& context, std::int64_t count);
// What a refusal's record says beside its reason: never which factor was wrong.
void add_tries(const Context& context, audit::Event& event, const Refusal& refusal);
// Nobody has tries against him any more.
void clear_tries(store::Transaction& transaction, const Caller& caller, const std::string& signer);
// Gives the try back where `act` fails for a reason that is not the signer's: the HSM is gone.
template <class Act>
auto without_cost(Context& context, const std::string& signer, Act act) {
  try {
    return act();
  } catch (const Refusal&) {
    throw;
  } catch (const Error&) {
    put(context, [&](store::Transaction& transaction) {
      store::lower_attempts(transaction, counted_name(signer));
      return 0;
    });
    throw;
  }
}
// Consumes code and request and clears the counters. Throws Refusal where another took them first.
void accept(Context& context, store::Transaction& transaction, const Task& task,
            const Trial& trial);

// --- factor_checks.cpp: verdicts on what was presented; nothing is counted or consumed
struct Verdict {
  bool right = false;
  std::optional<std::int64_t> factor;
  std::int64_t step = 0;
  Bytes request;
  Secret seal_key{Bytes()}, share{Bytes()};
};
// The request that was answered, if it is there, this signer's and for this task. Throws Refusal
// for staff, who may know why not.
std::optional<store::RequestRow> answered_request(Context& context, const Task& task,
                                                  const Presented& factors, Time now);
// What goes with a refusal's record: a request that a device refused is gone.
std::function<void(store::Transaction&)> void_refused(const Refusal& refusal,
                                                      const Presented& factors);
// Throws Refusal when a device of the signer refused the request.
void heed_refusal(Context& context, const Task& task, const store::RequestRow& row,
                  const Presented& factors);
// Checks every needed factor; takes as long whatever is wrong, as far as it is in our hands.
Verdict check_all(Context& context, const Task& task, const Presented& factors,
                  const std::optional<store::RequestRow>& request, Time now);

// --- asking.cpp
Bytes sent_code_mac(Context& context, const ActivationRequest& request, const Secret& code);
crypto::ExchangeKey open_answer_key(Context& context, const store::RequestRow& row);

}  // namespace tsp::sam
