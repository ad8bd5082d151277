// An approval in place of another, for a transaction of several signatures (CSC 11.11).
#include <fmt/format.h>

#include "crypto/digest.h"
#include "sam/sad.h"
#include "sam/signing_job.h"

namespace tsp::sam {
namespace {

constexpr const char* kNotExtended = "the approval is not extended";

// Bare digests of one key, under an approval that the signer himself gave.
void check_kind(const store::ApprovalRow& row, const std::string& key, const Manifest& manifest) {
  if (row.key != key)
    throw refusal("approval-of-another", kNotExtended, "it was given for another credential");
  if (!row.window.empty()) throw refusal("machine-not-allowed", kNotExtended, "it is a machine's");
  for (const ManifestEntry& entry : manifest.entries)
    if (!is_bare(manifest, entry))
      throw refusal("manifest", kNotExtended, "documents are approved by what they are");
}

// SCAL 2: what is asked for must have been approved, and is not signed yet.
void take_approved(store::Transaction& transaction, const Bytes& id, const Secret& secret,
                   const Manifest& manifest) {
  const HashKey key(secret);
  for (std::size_t at = 0; at < manifest.entries.size(); ++at)
    if (!store::consume_hash(transaction, id, key.of(entry_hash(manifest, at))))
      throw refusal("hash-not-approved", kNotExtended,
                    fmt::format("entry {} is not in it, or was signed before", at + 1));
}

}  // namespace

Approval SignatureActivationModule::extend(const Caller& caller, const std::string& key,
                                           const Secret& current, const Manifest& manifest) {
  Context& context = *state_;
  const Time now = context.clock.now();
  const Bytes id = crypto::sha256(current.view());
  audit::Event event = event_of("sign.extend", caller, "");
  event.subject.clear();  // not known before the approval is found
  event.details = {{"key", counted_name(key)},
                   {"extends", to_hex(id)},
                   {"documents", manifest.entries.size()},
                   {"hash", crypto::name_of(manifest.hash)},
                   {"manifest_sha256", to_hex(manifest_hash(manifest))}};
  try {
    const store::ApprovalRow before = find_approval(context, id, now);
    event.subject = before.user;
    check_approval_mac(context, before);
    check_kind(before, key, manifest);
    const Prepared prepared =
        prepare(context, view_of(context, before.user), before.key, manifest, nullptr, now);
    const bool bound = prepared.key.scal == 2;
    const std::int64_t left = store::unconsumed(context.database, id);
    if (std::ssize(manifest.entries) > left)
      throw refusal("too-many-signatures", kNotExtended,
                    fmt::format("{} signatures are left of it", left));
    store::ApprovalRow row;
    row.user = before.user;
    row.key = before.key;
    row.manifest_sha256 = manifest_hash(manifest);
    row.count = bound ? std::ssize(manifest.entries) : left;
    row.expires_at = bound ? before.expires_at : now + lifetime_of(prepared.group, 1);
    Sad sad = make_sad(*context.signers, std::move(row), open_sad(current, before));
    const Fit fit{prepared.group, prepared.key.scal, prepared.row.serial};
    const std::int64_t seq = put(context, [&](store::Transaction& transaction) {
      if (find_approval(context, id, now) != before ||
          store::unconsumed(context.database, id) != left)
        throw refusal("approval-in-use", kNotExtended, "it is used in this moment", Fault::busy);
      if (bound) take_approved(transaction, id, current, manifest);
      check_again(context, before.user, prepared, now);
      store::delete_approval(transaction, id);
      return store_approval(context, transaction, event, sad, fit, manifest, now);
    });
    return {std::move(sad.secret), sad.row.expires_at, seq};
  } catch (const Refusal& refusal) {
    const bool wrong_use = refusal.fault != Fault::busy;
    refuse(context, event, refusal, [&](store::Transaction& transaction) {
      if (wrong_use) store::delete_approval(transaction, id);
    });
  }
}

}  // namespace tsp::sam
