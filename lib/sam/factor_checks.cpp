#include <algorithm>

#include "base/error.h"
#include "sam/codes.h"
#include "sam/context.h"
#include "sam/factors.h"
#include "sam/seal.h"

namespace tsp::sam {
namespace {

constexpr const char* kDeviceRefused = "device-refused";
constexpr std::size_t kSealedSeed = 12 + 20 + 16;  // octets: nonce, seed, tag

using Rows = std::vector<store::FactorRow>;

struct Match {
  std::int64_t factor, step;
};

// Runs `check` on every factor of the kind; where there is none, on one that no code fits, so that
// it takes as long.
template <class Check>
bool any_of_kind(Context& context, const Task& task, const Rows& rows, Factor kind, Check check) {
  bool right = false, any = false;
  for (const store::FactorRow& row : rows) {
    if (row.type != name_of(kind)) continue;
    any = true;
    const Secret seed = open_seed(*context.signers, task.signer, row.data, row.type);
    if (check(seed, row)) right = true;
  }
  if (any) return right;
  context.signers->open(kSeedKey, random_bytes(kSealedSeed), as_bytes(task.signer));
  check(Secret::random(20), store::FactorRow());
  return false;
}

bool code_is_right(Context& context, const Task& task, const Rows& rows, Factor kind,
                   const Secret& code, const std::optional<store::RequestRow>& request, Time now,
                   Verdict& verdict) {
  const auto keep = [&](std::optional<std::int64_t> step, const store::FactorRow& row) {
    if (!step) return false;
    verdict.factor = row.id;
    verdict.step = *step;
    return true;
  };
  switch (kind) {
    case Factor::totp:
      return any_of_kind(
          context, task, rows, kind, [&](const Secret& seed, const store::FactorRow& row) {
            return keep(match_totp(seed.view(), code.text(), now, row.last_step), row);
          });
    case Factor::hotp:  // last_step is the last counter that was used, from 1 on
      return any_of_kind(context, task, rows, kind,
                         [&](const Secret& seed, const store::FactorRow& row) {
                           const auto counter = match_hotp(seed.view(), code.text(), row.last_step);
                           return keep(counter ? std::optional(*counter + 1) : std::nullopt, row);
                         });
    case Factor::ocra: {
      const Bytes hash = request ? request_hash(decode_request(request->request)) : Bytes(32);
      const bool right =
          any_of_kind(context, task, rows, kind, [&](const Secret& seed, const store::FactorRow&) {
            return is_ocra_code(seed.view(), hash, code.text());
          });
      return right && request;
    }
    case Factor::oob: {
      ActivationRequest nothing;
      const ActivationRequest asked = request ? decode_request(request->request) : nothing;
      const Bytes mac = sent_code_mac(context, asked, normalised_code(code));
      return request && !request->code_mac.empty() &&
             equal_in_constant_time(mac, request->code_mac);
    }
    case Factor::pin:
    case Factor::device:
      break;
  }
  return false;
}

const store::FactorRow* answering_device(const Rows& rows, const ActivationRequest& request,
                                         const DeviceAnswer& answer) {
  const store::FactorRow* found = nullptr;
  for (const store::FactorRow& row : rows)
    if (row.type == name_of(Factor::device) && is_answer(decode_card(row.data), request, answer))
      found = &row;
  return found;
}

struct Answered {
  bool right = false;
  std::optional<Secret> share;
};

Answered read_answer(Context& context, const Rows& rows, const store::RequestRow& row,
                     const Presented& factors) {
  Answered out;
  try {
    const ActivationRequest request = decode_request(row.request);
    const DeviceAnswer answer = decode_answer(factors.answer);
    if (answering_device(rows, request, answer) == nullptr || !answer.approved) return out;
    out.right = true;
    if (answer.sealed_share.empty()) return out;
    out.share = factors.answer_key != nullptr
                    ? open_share(*factors.answer_key, request, answer)
                    : open_share(open_answer_key(context, row), request, answer);
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
  }
  return out;
}

// The PIN of a SCAL 2 key is right when its seal opens; of others, when their verifier says so.
bool pin_is_right(Context& context, const Task& task, const Rows& rows, const Secret& pin,
                  const std::optional<Secret>& share, Verdict& verdict) {
  if (task.key && task.key->scal == 2) {
    static const Secret kNoShare{Bytes(kShareSize)};
    verdict.seal_key =
        seal_key(*context.signers, task.key->id, pin, share ? *share : kNoShare, task.key->blob);
    auto blob = open_seal(verdict.seal_key, task.key->id, task.key->blob);
    return blob && share;
  }
  const auto row =
      std::find_if(rows.begin(), rows.end(), [](const auto& r) { return r.type == "pin"; });
  if (row != rows.end()) return check_pin(*context.signers, task.signer, pin, row->data);
  check_pin(*context.signers, task.signer, pin, decoy_verifier(context.policy.pin_cost));
  return false;
}

}  // namespace

std::optional<store::RequestRow> answered_request(Context& context, const Task& task,
                                                  const Presented& factors, Time now) {
  if (std::none_of(task.needed.begin(), task.needed.end(), &binds_documents)) return std::nullopt;
  constexpr const char* kWhat = "the answer is refused";
  const auto refuse = [&](std::string reason, std::string why) -> std::optional<store::RequestRow> {
    if (task.caller.staff) throw refusal(std::move(reason), kWhat, std::move(why));
    return std::nullopt;
  };
  auto row = store::find_request(context.database, factors.request);
  if (!row || row->key.empty())
    return refuse("request-unknown", "its request is used, expired or was never made");
  const ActivationRequest request = decode_request(row->request);
  if (const Time end = std::min(request.expires_at, row->expires_at); now >= end)
    return refuse("request-expired", "its request expired at " + to_rfc3339(end));
  if (now + std::chrono::seconds(10) < request.created_at)
    return refuse("clock-stepped-back", "the clock stands before its request was made");
  if (row->user != task.signer || request.signer != task.signer || task.credential.empty() ||
      request.credential != task.credential || request.ask != task.ask ||
      request.count != task.count || !equal(request.manifest_sha256, task.manifest_sha256))
    return refuse("request-of-another", "its request was made for something else");
  return row;
}

std::function<void(store::Transaction&)> void_refused(const Refusal& refusal,
                                                      const Presented& factors) {
  if (refusal.reason != kDeviceRefused) return {};
  return [&factors](store::Transaction& transaction) {
    store::delete_request(transaction, factors.request);
  };
}

void heed_refusal(Context& context, const Task& task, const store::RequestRow& row,
                  const Presented& factors) {
  if (factors.answer.empty()) return;
  try {
    const DeviceAnswer answer = decode_answer(factors.answer);
    const Rows rows = store::factors_of(context.database, task.signer);
    if (answer.approved || answering_device(rows, decode_request(row.request), answer) == nullptr)
      return;
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
    return;  // a wrong answer, which is counted
  }
  throw refusal(kDeviceRefused, "the signer's device refused", "it was asked and said no");
}

Verdict check_all(Context& context, const Task& task, const Presented& factors,
                  const std::optional<store::RequestRow>& request, Time now) {
  const Rows rows = store::factors_of(context.database, task.signer);
  Verdict verdict;
  bool right = true;
  std::optional<Secret> share;
  if (factors.share) share = factors.share->clone();
  if (task.needed.count(Factor::device) != 0) {
    Answered answered;
    if (request) answered = read_answer(context, rows, *request, factors);
    right = answered.right;
    if (answered.share) share = std::move(answered.share);
  }
  for (const Factor factor : task.needed)
    if (is_code(factor))
      right =
          code_is_right(context, task, rows, factor, *factors.otp, request, now, verdict) && right;
  if (task.needed.count(Factor::pin) != 0)
    right = pin_is_right(context, task, rows, *factors.pin, share, verdict) && right;
  if (request) verdict.request = request->id;
  if (share) verdict.share = std::move(*share);
  verdict.right = right;
  return verdict;
}

}  // namespace tsp::sam
