#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/activation.h"
#include "sam/sad.h"

namespace tsp::sam {
namespace {

// A clock that stands further behind the approval than this has stepped back, and with it the
// approval's end.
constexpr std::chrono::seconds kClockSlack{10};

struct Batch {
  const Caller& caller;
  const Manifest& manifest;
  const Secret& secret;  // s
  Bytes id;              // of the approval
  store::ApprovalRow approval;
  std::vector<std::int64_t> intents;  // audit records, one an entry
};

audit::Event event_of(const Batch& batch, audit::Outcome outcome) {
  audit::Event event;
  event.event = "sign";
  event.outcome = outcome;
  event.actor = batch.caller.name;
  event.role = "signer";
  event.subject = batch.approval.user;
  if (!batch.approval.key.empty()) event.details["key"] = batch.approval.key;
  event.details["approval"] = to_hex(batch.id);
  return event;
}

// What the records of one entry, intent and result, have in common.
audit::Event entry_event(const Batch& batch, const Prepared& prepared, std::size_t at,
                         audit::Outcome outcome) {
  const ManifestEntry& entry = batch.manifest.entries[at];
  audit::Event event = event_of(batch, outcome);
  event.details["certificate"] = prepared.row.serial;
  if (!entry.name.empty()) event.details["document"] = entry.name;
  if (!entry.file_sha256.empty()) event.details["file_sha256"] = to_hex(entry.file_sha256);
  if (const auto digest = dtbs_sha256(batch.manifest, at))
    event.details["dtbs_sha256"] = to_hex(*digest);
  event.details["hash"] = crypto::name_of(batch.manifest.hash);
  event.details["dtbs"] = to_hex(prepared.dtbs[at]);
  if (entry.signed_attributes.empty()) event.details["content"] = "unknown";
  return event;
}

// Throws Refusal for an approval that is not there (any more) or whose time is over.
void check_approval(const Context& context, Batch& batch, Time now) {
  constexpr const char* kWhat = "the approval is refused";
  auto row = store::find_approval(context.database, batch.id);
  if (!row)
    throw refusal("approval-unknown", kWhat, "it is used up, expired, void or was never given");
  batch.approval = std::move(*row);
  if (now >= batch.approval.expires_at)
    throw refusal("approval-expired", kWhat,
                  "it expired at " + to_rfc3339(batch.approval.expires_at));
  if (batch.approval.expires_at - now > context.policy.approval_lifetime + kClockSlack)
    throw refusal("clock-stepped-back", kWhat, "the clock stands before the approval was given");
}

// The row's MAC, which only the HSM can tell: once, before the transaction, in which the row must
// still be the same.
void check_mac(Context& context, const store::ApprovalRow& row) {
  try {
    check_sad(*context.signers, row);
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) throw Refusal("approval-forged", error);
    throw;
  }
}

// In one transaction: all checked again, every entry consumed, every intent on record.
void record_intents(Context& context, store::Transaction& transaction, Batch& batch,
                    const Prepared& prepared, Time now) {
  const store::ApprovalRow checked = batch.approval;
  check_approval(context, batch, now);
  if (batch.approval != checked)
    throw refusal("approval-forged", "the approval is refused", "it was changed in this moment");
  check_again(context, batch.approval.user, prepared, now);
  const HashKey key(batch.secret);
  for (std::size_t at = 0; at < batch.manifest.entries.size(); ++at)
    if (!store::consume_hash(transaction, batch.id, key.of(entry_hash(batch.manifest, at))))
      throw refusal("hash-not-approved", "the approval is refused and void from now on",
                    fmt::format("entry {} is not in it, or was signed before", at + 1));
  batch.intents.clear();
  for (std::size_t at = 0; at < batch.manifest.entries.size(); ++at) {
    const audit::Event event = entry_event(batch, prepared, at, audit::Outcome::intent);
    batch.intents.push_back(audit::append(transaction, now, event));
    store::insert_intent(transaction,
                         {batch.intents.back(), prepared.key.id, prepared.dtbs[at], now});
  }
}

KeyUse use_of(const Batch& batch, const std::vector<Signature>& signatures) {
  KeyUse use{batch.approval.user, batch.approval.key, {batch.manifest.hash, {}}};
  for (std::size_t at = 0; at < signatures.size(); ++at)
    if (!signatures[at].error) use.signed_documents.entries.push_back(batch.manifest.entries[at]);
  return use;
}

// In one transaction: every result on record, every intent closed, a used-up approval gone, and
// what the signer is to be told.
void record_results(Context& context, const Batch& batch, const Prepared& prepared,
                    std::vector<Signature>& signatures) {
  store::Transaction transaction(context.database);
  const Time now = context.clock.now();
  for (std::size_t at = 0; at < signatures.size(); ++at) {
    Signature& signature = signatures[at];
    const bool done = !signature.error;
    audit::Event event =
        entry_event(batch, prepared, at, done ? audit::Outcome::done : audit::Outcome::failed);
    event.details["intent"] = batch.intents[at];
    if (done) {
      event.details["signature_sha256"] = to_hex(crypto::sha256(signature.value));
    } else {
      event.details["reason"] = fault_row(signature.error->fault).name;
    }
    signature.audit_seq = audit::append(transaction, now, event);
    if (!done) signature.error->audit_seq = static_cast<std::uint64_t>(signature.audit_seq);
    store::close_intent(transaction, batch.intents[at]);
  }
  const auto done = std::count_if(signatures.begin(), signatures.end(),
                                  [](const Signature& signature) { return !signature.error; });
  if (done > 0) account(context, transaction, batch.approval.user, "sign", "done", done);
  if (const auto failed = std::ssize(signatures) - done; failed > 0)
    account(context, transaction, batch.approval.user, "sign", "failed", failed);
  if (done > 0 && context.policy.tell) context.policy.tell(transaction, use_of(batch, signatures));
  if (store::unconsumed(context.database, batch.id) == 0)
    store::delete_approval(transaction, batch.id);
  transaction.commit();
}

[[noreturn]] void wipe_and_throw(const Batch& batch, std::vector<Signature>& signatures,
                                 const std::string& why) {
  for (Signature& signature : signatures) wipe(signature.value);
  throw Error(
      Fault::audit_after_signing, "the HSM was called, but the result could not be recorded", why,
      fmt::format("the signatures were wiped; {} intents stay open, from audit record {} on",
                  batch.intents.size(), batch.intents.front()),
      static_cast<std::uint64_t>(batch.intents.front()));
}

}  // namespace

std::vector<Signature> SignatureActivationModule::sign(
    const Caller& caller, const Approval& approval, const Manifest& manifest,
    const std::function<void(std::size_t)>& progress) {
  Context& context = *state_;
  Batch batch{caller, manifest, approval.secret, crypto::sha256(approval.secret.view()), {}, {}};
  std::optional<Prepared> prepared;
  Secret seal_key{Bytes()};
  try {
    const Time now = context.clock.now();
    check_approval(context, batch, now);
    check_mac(context, batch.approval);
    seal_key = open_sad(approval.secret, batch.approval);
    prepared = prepare(context, batch.approval.user, batch.approval.key, manifest, nullptr, now);
    put(context, [&](store::Transaction& transaction) {
      record_intents(context, transaction, batch, *prepared, context.clock.now());
      return batch.intents.front();
    });
  } catch (const Refusal& refusal) {  // a wrong use: the approval is void
    refuse(context, event_of(batch, audit::Outcome::refused), refusal,
           [&](store::Transaction& transaction) {
             if (store::find_approval(context.database, batch.id))
               store::delete_approval(transaction, batch.id);
           });
  }

  const Activation activation(*prepared, manifest.hash, seal_key);
  std::vector<Signature> signatures = use_key(*context.signers, activation, progress);
  try {
    record_results(context, batch, *prepared, signatures);
  } catch (const std::exception& error) {
    wipe_and_throw(batch, signatures, error.what());
  }
  return signatures;
}

}  // namespace tsp::sam
