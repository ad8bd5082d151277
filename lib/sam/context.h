// What the parts of the signature activation module share. For this room alone.
#pragma once

#include <map>

#include "sam/sam.h"

namespace tsp::sam {

struct Context {
  store::Database& database;
  const Clock& clock;
  std::shared_ptr<hsm::Session> signers;
  Policy policy;
  // Certificates already parsed, by their DER: one signature looks at the signer's seven times.
  std::map<Bytes, x509::Certificate> parsed{};
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

// --- credential_check.cpp: a key that may sign now, and what it would sign
struct Prepared {
  store::KeyRow key;
  store::CertificateRow row;
  x509::Certificate certificate;
  crypto::Scheme scheme;
  std::vector<Bytes> dtbs;  // one an entry
};
// Throws Refusal for a signer who is not there or not active.
void check_signer(Context& context, const std::string& signer);
// `certificate` absent: the one that the manifest's attributes name, else the newest that is valid.
// Throws Refusal.
Prepared prepare(Context& context, const std::string& signer, const std::string& key,
                 const Manifest& manifest, const x509::Certificate* certificate, Time now);
// The short second look, inside the transaction that records the intents. Throws Refusal.
void check_again(Context& context, const std::string& signer, const Prepared& prepared, Time now);

// --- trial.cpp: factors, counted
struct Trial {
  std::int64_t count;                  // tries since the last right one, this one included
  std::optional<std::int64_t> factor;  // TOTP: its row,
  std::int64_t step = 0;               // and the step whose code was given
};
// Raises the counter, durably, then checks both factors whatever the first one gives. Throws
// Refusal for wrong ones and for a locked signer.
Trial try_factors(Context& context, const std::string& signer, const Presented& factors,
                  bool otp_needed, Time now);
// Consumes the code and clears the counter. Throws Refusal where another took the code first.
void accept(Context& context, store::Transaction& transaction, const std::string& signer,
            const Trial& trial);
// The name under which tries are counted and put on record: itself for every name that a signer
// can have, a digest for others, so that nobody writes what he likes into the log.
std::string counted_name(const std::string& signer);

// --- records.cpp
// Runs `write` in a transaction of its own. What fails is Error{audit_before_signing}, but busy
// stays busy and a Refusal itself.
std::int64_t put(Context& context, const std::function<std::int64_t(store::Transaction&)>& write);
// Puts the refusal on record and throws it as an Error that names the record. `also` runs in the
// same transaction.
[[noreturn]] void refuse(Context& context, audit::Event event, const Refusal& refusal,
                         const std::function<void(store::Transaction&)>& also = {});

}  // namespace tsp::sam
