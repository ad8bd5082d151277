#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/codes.h"
#include "sam/context.h"
#include "sam/credential.h"
#include "sam/factors.h"
#include "sam/octets.h"
#include "sam/seal.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kMostWaiting = 16, kSerialSize = 16;
constexpr std::string_view kAnswerKeyContext = "tsp answer key 1",
                           kSentCodeContext = "tsp sent code 1",
                           kNobodyContext = "tsp nobody's certificate 1";

Bytes answer_key_context(ByteView id) {
  Bytes out;
  append_field(out, as_bytes(kAnswerKeyContext));
  append_field(out, id);
  return out;
}

Error not_there() {
  return {Fault::not_found, "there is no such request", "it is used, expired or was never made",
          "nothing was signed"};
}

// A device's question each, with the key's share sealed to it.
std::vector<DeviceQuestion> questions_for(Context& context, const std::string& signer,
                                          const std::string& key, const Asked& asked) {
  std::vector<DeviceQuestion> questions;
  const auto shares = store::shares_of(context.database, key);
  for (const store::FactorRow& factor : store::factors_of(context.database, signer)) {
    if (factor.type != name_of(Factor::device)) continue;
    DeviceQuestion question{asked.request, asked.manifest, {}};
    for (const store::ShareRow& share : shares)
      if (share.factor == factor.id) question.sealed_share = share.sealed;
    questions.push_back(std::move(question));
  }
  return questions;
}

bool has_factor(Context& context, const std::string& signer, Factor wanted) {
  for (const store::FactorRow& factor : store::factors_of(context.database, signer))
    if (factor.type == name_of(wanted)) return true;
  return false;
}

// A caller who is not staff is told the longest that an approval lives here, whatever the signer's
// group says: how long a request lives for him would tell who is in which group.
std::chrono::seconds told_lifetime(Context& context, const Caller& caller,
                                   const SignerView& signer) {
  return caller.staff ? signer.group.lifetime : context.policy.approval_lifetime;
}

ActivationRequest request_for(Context& context, const Caller& caller, const SignerView& signer,
                              const std::string& credential, const Manifest* manifest,
                              const Bytes& answer_point, Time now) {
  ActivationRequest request;
  request.id = random_bytes(kIdSize);
  request.ask = manifest != nullptr ? Ask::sign : Ask::new_pin;
  request.provider = store::setting(context.database, "name").value_or("");
  request.signer = signer.name;
  request.credential = credential;
  request.manifest_sha256 = manifest != nullptr ? manifest_hash(*manifest) : Bytes(32);
  request.count = manifest != nullptr ? static_cast<std::uint32_t>(manifest->entries.size()) : 0;
  request.created_at = now;
  request.expires_at = now + told_lifetime(context, caller, signer);
  request.answer_point = answer_point;
  return request;
}

// The serial number of the certificate that would sign; empty for one that nobody here knows.
std::string fit_to_ask(Context& context, const SignerView& signer, const std::string& key,
                       const Manifest& manifest, Time now) {
  if (!context.policy.keys_elsewhere || store::find_key(context.database, key))
    return fit_to_sign(context, signer, key, manifest, now).certificate;
  check_elsewhere(signer, manifest);
  return "";
}

// The key as prepare() finds it, without a manifest.
void check_sealed_key(Context& context, const SignerView& signer, const std::string& id) {
  check_signer(signer);
  const store::KeyRow key = find_signers_key(context, signer.name, id);
  if (key.scal != 2)
    throw refusal("scal", "the key " + id + " has no seal",
                  "it is of SCAL 1: its signer's PIN has "
                  "a verifier, which tsp user pin changes");
}

}  // namespace

Bytes sent_code_mac(Context& context, const ActivationRequest& request, const Secret& code) {
  Bytes message;
  append_field(message, as_bytes(kSentCodeContext));
  append_field(message, request_hash(request));
  append_field(message, code.view());
  const Secret guarded(std::move(message));
  return context.signers->mac(kPepperKey, guarded.view());
}

crypto::ExchangeKey open_answer_key(Context& context, const store::RequestRow& row) {
  const auto key = row.answer_key.empty() ? std::nullopt
                                          : context.signers->open(kSeedKey, row.answer_key,
                                                                  answer_key_context(row.id));
  if (!key)
    throw Error(Fault::bad_input, "the device's answer cannot be opened",
                "its key is with whoever asked", "ask again; nothing was signed");
  return crypto::ExchangeKey::from_private(*key);
}

namespace {

// What the answer is sealed to: made here, but where the caller gave the point of his own.
struct Recipient {
  std::optional<crypto::ExchangeKey> key;
  Bytes point;
  AnswerKey where;
};

Recipient recipient_of(AnswerKey where, ByteView point) {
  if (!point.empty()) {
    if (where != AnswerKey::with_caller || !crypto::is_point(point))
      throw Error(Fault::bad_input, "the point for the answer is none of P-256", "",
                  "nothing was asked");
    return {std::nullopt, to_bytes(point), where};
  }
  auto key = crypto::ExchangeKey::generate();
  Bytes made = key.point();
  return {std::move(key), std::move(made), where};
}

// The row as it is kept. One that nobody can answer has no key and no documents.
store::RequestRow row_for(Context& context, const Asked& asked, const std::string& key,
                          const Recipient& recipient) {
  const ActivationRequest& request = asked.request;
  store::RequestRow row{request.id,
                        request.signer,
                        key,
                        encode(request),
                        key.empty() ? Bytes() : asked.manifest,
                        {},
                        {},
                        {},
                        request.expires_at};
  if (recipient.where == AnswerKey::in_store)
    row.answer_key = context.signers->seal(kSeedKey, recipient.key->private_octets().view(),
                                           answer_key_context(row.id));
  return row;
}

void describe(audit::Event& event, const ActivationRequest& request) {
  event.details["request"] = to_hex(request.id);
  event.details["manifest_sha256"] = to_hex(request.manifest_sha256);
  event.details["documents"] = request.count;
  event.details["expires_at"] = to_rfc3339(request.expires_at, true);
}

void insert(Context& context, store::Transaction& transaction, const store::RequestRow& row,
            Time now) {
  store::delete_expired_requests(transaction, now);
  // Those that nobody can answer have their own limit: by a name alone nobody keeps a signer from
  // being asked.
  const auto waiting = store::requests_of(context.database, row.user);
  const auto is_alike = [&](const store::RequestRow& each) {
    return each.key.empty() == row.key.empty();
  };
  if (static_cast<std::size_t>(std::ranges::count_if(waiting, is_alike)) >= kMostWaiting)
    throw refusal("too-many-requests", "no more can be asked of the signer",
                  fmt::format("{} requests wait for an answer", kMostWaiting), Fault::busy);
  store::insert_request(transaction, row);
}

// What a caller who is not staff gets for a signer who is not there or may not sign: a request like
// any other, kept like any other, that nothing answers. The same work in the HSM, for each document
// and in the store, so that the time it takes says nothing either. On record as what it is.
void ask_nobody(Context& context, Asked& asked, const Manifest* manifest,
                const Recipient& recipient, const GroupPolicy& group, audit::Event event,
                Time now) {
  ActivationRequest& request = asked.request;
  Bytes name;
  append_field(name, as_bytes(kNobodyContext));
  append_field(name, as_bytes(request.signer));
  append_field(name, as_bytes(request.credential));
  const Bytes number = context.signers->mac(kPepperKey, name);  // the same each time
  if (manifest != nullptr) {
    // Of a certificate that is still to be made nobody knows the number.
    if (!manifest->one_shot)
      request.certificate_serial = to_hex(ByteView(number).first(kSerialSize));
    for (const ManifestEntry& entry : manifest->entries)
      if (!entry.signed_attributes.empty()) refers_to(entry.signed_attributes, number);
  }
  // A name or a key that nobody can have is no secret, and cannot stand in a request.
  const bool plausible = counted_name(request.signer) == request.signer &&
                         counted_name(request.credential) == request.credential;
  describe(event, request);
  event.outcome = audit::Outcome::refused;
  const auto row = plausible ? std::optional(row_for(context, asked, "", recipient)) : std::nullopt;
  asked.audit_seq = put(context, [&](store::Transaction& transaction) {
    if (row) insert(context, transaction, *row, now);
    account(context, transaction, group, event.event, "refused");
    return audit::append(transaction, now, event);
  });
}

}  // namespace

Asked SignatureActivationModule::ask(const Caller& caller, const std::string& signer,
                                     const std::string& key, const Manifest* manifest,
                                     AnswerKey where, ByteView answer_point) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("sign.request", caller, signer);
  event.details = {{"key", counted_name(key)}};
  Asked asked;
  Recipient recipient = recipient_of(where, answer_point);
  try {
    const SignerView view = view_of(context, signer);
    std::string serial, reason;  // a reason: it may not be, and nobody is told
    try {
      if (manifest != nullptr)
        serial = fit_to_ask(context, view, key, *manifest, now);
      else
        check_sealed_key(context, view, key);
    } catch (const Refusal& refusal) {
      if (caller.staff) throw;
      reason = refusal.reason;
    }
    asked.request = request_for(context, caller, view, key, manifest, recipient.point, now);
    asked.request.certificate_serial = serial;
    if (manifest != nullptr) asked.manifest = encode(*manifest);
    if (reason.empty()) {
      // How many devices a signer has would tell that he is there: a device fetches its own.
      if (caller.staff) asked.questions = questions_for(context, signer, key, asked);
      store::RequestRow stored = row_for(context, asked, key, recipient);
      stored.expires_at = std::min(stored.expires_at, now + view.group.lifetime);
      if (has_factor(context, signer, Factor::oob)) {
        asked.sent_code = make_sent_code();
        stored.code_mac = sent_code_mac(context, asked.request, *asked.sent_code);
      }
      describe(event, asked.request);
      event.details["expires_at"] = to_rfc3339(stored.expires_at, true);
      asked.audit_seq = put(context, [&](store::Transaction& transaction) {
        insert(context, transaction, stored, now);
        account(context, transaction, view.group, event.event, "done");
        return audit::append(transaction, now, event);
      });
    } else {
      event.details["reason"] = reason;
      ask_nobody(context, asked, manifest, recipient, view.group, event, now);
    }
  } catch (const Refusal& refusal) {
    refuse(context, event, refusal);
  }
  if (where == AnswerKey::with_caller && recipient.key)
    asked.answer_key = std::make_shared<const crypto::ExchangeKey>(std::move(*recipient.key));
  return asked;
}

void SignatureActivationModule::deliver(const Bytes& request, ByteView answer) {
  Context& context = *state_;
  const auto row = store::find_request(context.database, request);
  if (!row || context.clock.now() >= row->expires_at) throw not_there();
  if (!row->answer_key.empty())
    throw refusal("answer-not-here", "the answer is not kept",
                  "its key lies in the store, so it goes by the session's file");
  decode_answer(answer);
  put(context, [&](store::Transaction& transaction) {
    if (!store::answer_request(transaction, request, answer))
      throw Refusal("request-answered",
                    Error(Fault::already_exists, "the request is answered already", "",
                          "nothing was changed"));
    return 0;
  });
}

std::optional<Bytes> SignatureActivationModule::answer_to(const Bytes& request) {
  auto row = store::find_request(state_->database, request);
  if (!row || state_->clock.now() >= row->expires_at) throw not_there();
  if (row->answer.empty()) return std::nullopt;
  return std::move(row->answer);
}

}  // namespace tsp::sam
