// One order on its way through sign_all(): what is known of it so far. For this room alone.
#pragma once

#include "sam/context.h"

namespace tsp::sam {

struct SigningJob {
  explicit SigningJob(const SigningOrder& signing_order);

  const SigningOrder* order;
  Bytes approval_id;  // SHA-256(s)
  store::ApprovalRow approval;
  Secret seal_key{Bytes()};
  std::optional<Prepared> prepared;            // its DTBS/R are what is signed
  std::optional<store::SealWindowRow> window;  // a machine's, as it was checked
  std::unique_ptr<crypto::Signer> made;        // the key that was made for this order alone
  bool stored = true;                          // whether `approval` is a row of the store
  std::int64_t first_intent = 0;               // audit records, contiguous, one an entry
  // A wrong use, which voids the approval; on record together with the others' intents.
  std::optional<Refusal> refusal;
  SigningResult result;  // error: nothing more is done for it

  std::size_t size() const { return order->manifest->entries.size(); }
  bool alive() const { return !refusal && !result.error; }
};

using Jobs = std::vector<SigningJob>;

// The approval as it stands in the store. Throws Refusal for one that is not there (any more),
// whose time is over, or that was changed behind our back, which only the HSM can tell.
store::ApprovalRow find_approval(Context& context, const Bytes& id, Time now);
void check_approval_mac(Context& context, const store::ApprovalRow& row);
// Throws Refusal for an approval of another key or of another group's signer; empty: not asked.
void check_whose(Context& context, const store::ApprovalRow& row, const std::string& key,
                 const std::string& group);
// Before the transaction: the approval, its MAC, which only the HSM can tell, and everything that
// prepare() checks. Sets refusal or error, throws neither.
void look_at(Context& context, SigningJob& job);
// In the transaction: all checked again, every entry consumed. Sets refusal.
void consume(Context& context, store::Transaction& transaction, SigningJob& job, Time now);
// What lets the key be used no more: the approval is void.
void void_approval(Context& context, store::Transaction& transaction, const SigningJob& job);

// The records: a refusal's, and each entry's intent and result.
audit::Event refusal_of(Context& context, store::Transaction& transaction, const SigningJob& job);
audit::Event intent_of(const SigningJob& job, std::size_t at);
audit::Event result_of(const SigningJob& job, std::size_t at);
// The end of a key that was made for this order alone: "used", or what kept it from being used.
audit::Event destruction_of(const SigningJob& job, std::string_view why);

// --- sign.cpp: promise 3, in steps
// In the transaction that records them: the intents, as those that have no result yet.
void insert_intents(store::Transaction& transaction, const SigningJob& job, Time now);
// Refusals and intents, durable. What cannot be written fails every order.
void begin(Context& context, Jobs& jobs);
// Results, durable; signatures that cannot be recorded are wiped.
void finish(Context& context, Jobs& jobs);

}  // namespace tsp::sam
