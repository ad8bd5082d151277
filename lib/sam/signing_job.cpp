#include "sam/signing_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "sam/machine.h"
#include "sam/sad.h"

namespace tsp::sam {
namespace {

constexpr const char* kApprovalRefused = "the approval is refused";

audit::Event event_of(const SigningJob& job, audit::Outcome outcome) {
  audit::Event event;
  event.event = "sign";
  event.outcome = outcome;
  event.actor = job.order->caller->name;
  event.role = "signer";
  event.subject = job.approval.user;
  if (!job.approval.key.empty()) event.details["key"] = job.approval.key;
  event.details["approval"] = to_hex(job.approval_id);
  if (!job.approval.window.empty()) event.details["window"] = to_hex(job.approval.window);
  return event;
}

// What the records of one entry, intent and result, have in common.
audit::Event entry_event(const SigningJob& job, std::size_t at, audit::Outcome outcome) {
  const Manifest& manifest = *job.order->manifest;
  const ManifestEntry& entry = manifest.entries[at];
  audit::Event event = event_of(job, outcome);
  event.details["certificate"] = job.prepared->row.serial;
  if (!entry.name.empty()) event.details["document"] = entry.name;
  if (!entry.file_sha256.empty()) event.details["file_sha256"] = to_hex(entry.file_sha256);
  if (!job.result.signed_attributes.empty()) {
    event.details["dtbs_sha256"] = to_hex(crypto::sha256(job.result.signed_attributes[at]));
    const std::vector<Bytes>& content = job.order->content;
    event.details["content_digest"] = to_hex(content.empty() ? entry.content_digest : content[at]);
    if (!content.empty()) event.details["document_digest"] = to_hex(entry.content_digest);
  } else if (const auto digest = dtbs_sha256(manifest, at)) {
    event.details["dtbs_sha256"] = to_hex(*digest);
  }
  event.details["hash"] = crypto::name_of(manifest.hash);
  event.details["dtbs"] = to_hex(job.prepared->dtbs[at]);
  if (entry.signed_attributes.empty()) event.details["content"] = "unknown";
  return event;
}

void check_time(Context& context, const store::ApprovalRow& row, Time now) {
  if (now >= row.expires_at)
    throw refusal("approval-expired", kApprovalRefused,
                  "it expired at " + to_rfc3339(row.expires_at));
  if (row.expires_at - now > context.policy.approval_lifetime + kClockSlack)
    throw refusal("clock-stepped-back", kApprovalRefused,
                  "the clock stands before the approval was given");
}

void take_hashes(Context& context, store::Transaction& transaction, const SigningJob& job,
                 Time now) {
  if (find_approval(context, job.approval_id, now) != job.approval)
    throw refusal("approval-forged", kApprovalRefused, "it was changed in this moment");
  const HashKey key(job.order->approval->secret);
  for (std::size_t at = 0; at < job.size(); ++at)
    if (!store::consume_hash(transaction, job.approval_id,
                             key.of(entry_hash(*job.order->manifest, at))))
      throw refusal("hash-not-approved", "the approval is refused and void from now on",
                    fmt::format("entry {} is not in it, or was signed before", at + 1));
}

// What was made of an approved document elsewhere.
void check_content(const Context& context, const SigningJob& job) {
  constexpr const char* kRefused = "documents that were prepared elsewhere are refused";
  if (!context.policy.whole_documents)
    throw refusal("documents-not-allowed", kRefused, "the configuration does not allow them");
  if (job.prepared->key.scal != 1)
    throw refusal("scal", kRefused, "a key of SCAL 2 signs what was approved");
  const std::size_t size = crypto::size_of(job.order->manifest->hash);
  const auto& content = job.order->content;
  if (content.size() != job.size() ||
      std::any_of(content.begin(), content.end(),
                  [&](const Bytes& digest) { return digest.size() != size; }))
    throw refusal("manifest", kRefused, "their digests are none", Fault::bad_input);
}

// Signed attributes over bare digests: what is signed are they, of every entry.
void make_attributes(const Context& context, SigningJob& job, Time now) {
  const SigningOrder& order = *job.order;
  const Manifest& manifest = *order.manifest;
  if (!order.content.empty()) check_content(context, job);
  for (std::size_t at = 0; at < job.size(); ++at) {
    const ManifestEntry& entry = manifest.entries[at];
    const Form form = order.forms.size() == job.size() ? order.forms[at] : Form::as_approved;
    if (form == Form::as_approved || !is_bare(manifest, entry))
      throw refusal("manifest", "the manifest is refused",
                    "signed attributes are made over bare digests", Fault::bad_input);
    cms::AttributeOptions options;
    if (form == Form::cades) options.signing_time = whole_seconds(now);
    const Bytes& content = order.content.empty() ? entry.content_digest : order.content[at];
    job.result.signed_attributes.push_back(
        cms::signed_attributes(manifest.hash, content, job.prepared->certificate, options));
    job.prepared->dtbs[at] = crypto::digest(manifest.hash, job.result.signed_attributes.back());
  }
}

}  // namespace

store::ApprovalRow find_approval(Context& context, const Bytes& id, Time now) {
  auto row = store::find_approval(context.database, id);
  if (!row)
    throw refusal("approval-unknown", kApprovalRefused,
                  "it is used up, expired, void or was never given");
  check_time(context, *row, now);
  return std::move(*row);
}

void check_approval_mac(Context& context, const store::ApprovalRow& row) {
  try {
    check_sad(*context.signers, row);
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) throw Refusal("approval-forged", error);
    throw;
  }
}

void check_whose(Context& context, const store::ApprovalRow& row, const std::string& key,
                 const std::string& group) {
  if (!key.empty() && key != row.key)
    throw refusal("approval-of-another", kApprovalRefused, "it was given for another credential");
  if (group.empty()) return;
  const auto user = store::find_user(context.database, row.user);
  if (!user || user->group != group)
    throw refusal("approval-of-another", kApprovalRefused, "its signer is of another group");
}

SigningJob::SigningJob(const SigningOrder& signing_order)
    : order(&signing_order), approval_id(crypto::sha256(signing_order.approval->secret.view())) {}

void look_at(Context& context, SigningJob& job) {
  const SigningOrder& order = *job.order;
  try {
    const Time now = context.clock.now();
    job.approval = find_approval(context, job.approval_id, now);
    check_approval_mac(context, job.approval);
    check_whose(context, job.approval, order.key, order.group);
    job.window = window_of(context, job.approval);
    job.seal_key = open_sad(order.approval->secret, job.approval);
    job.prepared = prepare(context, view_of(context, job.approval.user), job.approval.key,
                           *order.manifest, nullptr, now);
    job.result.certificate = job.prepared->certificate;
    if (!order.forms.empty()) make_attributes(context, job, now);
  } catch (const Refusal& refusal) {
    job.refusal = refusal;
  } catch (const Error& error) {
    job.result.error = error;
  }
}

void consume(Context& context, store::Transaction& transaction, SigningJob& job, Time now) {
  try {
    // The approval of a key that was made for it was taken when that key was made.
    if (job.prepared->kept == Kept::in_hsm)
      check_time(context, job.approval, now);
    else
      take_hashes(context, transaction, job, now);
    check_again(context, job.approval.user, *job.prepared, now);
    // Last: what a refused order took would be lost.
    if (job.window) use_window(context, transaction, *job.window, job.size(), now);
  } catch (const Refusal& refusal) {
    job.refusal = refusal;
  }
}

void void_approval(Context& context, store::Transaction& transaction, const SigningJob& job) {
  if (store::find_approval(context.database, job.approval_id))
    store::delete_approval(transaction, job.approval_id);
}

audit::Event refusal_of(Context& context, store::Transaction& transaction, const SigningJob& job) {
  audit::Event event = event_of(job, audit::Outcome::refused);
  account_refusal(context, transaction, event, *job.refusal);
  return event;
}

audit::Event intent_of(const SigningJob& job, std::size_t at) {
  return entry_event(job, at, audit::Outcome::intent);
}

audit::Event result_of(const SigningJob& job, std::size_t at) {
  const Signature& signature = job.result.signatures[at];
  const bool done = !signature.error;
  audit::Event event = entry_event(job, at, done ? audit::Outcome::done : audit::Outcome::failed);
  event.details["intent"] = job.first_intent + static_cast<std::int64_t>(at);
  if (done)
    event.details["signature_sha256"] = to_hex(crypto::sha256(signature.value));
  else
    event.details["reason"] = fault_row(signature.error->fault).name;
  return event;
}

audit::Event destruction_of(const SigningJob& job, std::string_view why) {
  audit::Event event = sam::event_of("key.destroy", *job.order->caller, job.approval.key);
  event.details = {{"user", job.approval.user}, {"one_shot", true}, {"reason", why}};
  if (job.prepared) event.details["certificate"] = job.prepared->row.serial;
  return event;
}

}  // namespace tsp::sam
