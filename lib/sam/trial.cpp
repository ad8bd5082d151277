#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/context.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kLongestSignerName = 64;
constexpr std::int64_t kOwnTries = 3;  // of a caller, before he waits
constexpr std::chrono::seconds kFirstWait{30}, kLongestWait{15 * 60};

Refusal locked(std::string reason) {
  return {std::move(reason),
          Error(Fault::locked_out, "the signer is locked", "too many wrong tries",
                "nothing was done; an officer unlocks him with: tsp user unlock NAME")};
}

// What of an alternative was not presented, for people; empty: nothing lacks.
std::string lacking(const Factors& needed, int scal, const Presented& given) {
  std::string out;
  const auto lacks = [&](bool lacking, std::string_view name) {
    if (lacking) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  bool by_device = false;
  for (const Factor factor : needed) {
    if (factor == Factor::pin) lacks(!given.pin, "the PIN");
    if (factor == Factor::device) lacks(given.answer.empty(), "the device's answer");
    if (is_code(factor)) lacks(!given.otp, fmt::format("a code ({})", name_of(factor)));
    if (binds_documents(factor) && factor != Factor::device)
      lacks(given.request.empty(), "the request that the code answers");
    by_device = by_device || factor == Factor::device;
  }
  lacks(scal == 2 && !by_device && !given.share, "the share");
  return out;
}

std::string own_name(const Caller& caller) {
  return "caller:" + caller.name;  // no signer's name has a colon
}

// Staff may try as often as a signer's counter lets them; it is their office to help.
void heed_throttle(Context& context, const Caller& caller, Time now) {
  if (!caller.authenticated)
    throw refusal("caller-not-authenticated", "the caller is refused", "nobody vouches for him",
                  Fault::not_permitted);
  if (caller.staff) return;
  const auto own = store::find_attempts(context.database, own_name(caller));
  if (!own || own->tries < kOwnTries) return;
  const auto doublings = std::min<std::int64_t>(own->tries - kOwnTries, 10);
  const auto wait = std::min(kFirstWait * (std::int64_t{1} << doublings), kLongestWait);
  if (now < own->last_at + wait)
    throw refusal("caller-throttled", "too many tries of this caller failed",
                  fmt::format("the next is allowed at {}", to_rfc3339(own->last_at + wait)),
                  Fault::busy);
}

void count_against(Context& context, const Caller& caller, Time now) {
  if (caller.staff) return;
  put(context, [&](store::Transaction& transaction) {
    return store::raise_attempts(transaction, own_name(caller), now);
  });
}

}  // namespace

std::string counted_name(const std::string& signer) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '@';
  };
  if (!signer.empty() && signer.size() <= kLongestSignerName &&
      std::all_of(signer.begin(), signer.end(), plain))
    return signer;
  return "sha256:" + to_hex(crypto::sha256(as_bytes(signer)));
}

Refusal wrong(const Context& context, std::int64_t count) {
  const std::int64_t left = context.policy.wrong_tries - count;
  if (left <= 0) return locked("factor-refused");
  return {"factor-refused",
          Error(Fault::factor_refused, "the signer's factors are refused",
                "PIN, code or device is wrong",
                fmt::format("{} {} left; nothing was done", left, left == 1 ? "try" : "tries"))};
}

void add_tries(const Context& context, audit::Event& event, const Refusal& refusal) {
  if (refusal.reason != "factor-refused" && refusal.reason != "locked") return;
  const auto left =
      context.policy.wrong_tries - store::attempts_of(context.database, event.subject);
  event.details["tries_left"] = left > 0 ? left : 0;
}

void clear_tries(store::Transaction& transaction, const Caller& caller, const std::string& signer) {
  store::clear_attempts(transaction, counted_name(signer));
  if (!caller.staff) store::clear_attempts(transaction, own_name(caller));
}

Factors choose_factors(const Requirement& requirement, int scal, const Presented& factors) {
  for (const Factors& alternative : requirement.alternatives())
    if (lacking(alternative, scal, factors).empty()) return alternative;
  const Factors& first = requirement.alternatives().front();
  throw refusal("factor-missing", "the signer's factors are missing",
                fmt::format("the policy asks for {}; missing: {}", requirement.text(),
                            lacking(first, scal, factors)),
                Fault::input_needed);
}

// Looked at and raised in one transaction: however many come at once, no try above the limit is
// evaluated, and a locked signer's count stays as it is.
std::int64_t count_try(Context& context, store::Transaction& transaction, const Caller& caller,
                       const std::string& signer, Time now) {
  const std::string name = counted_name(signer);
  heed_throttle(context, caller, now);
  if (store::attempts_of(context.database, name) >= context.policy.wrong_tries)
    throw locked("locked");
  return store::raise_attempts(transaction, name, now);
}

std::int64_t try_counted(Context& context, const Caller& caller, const std::string& signer,
                         Time now, const std::function<bool()>& check,
                         const std::function<void(store::Transaction&)>& first) {
  const std::int64_t count = put(context, [&](store::Transaction& transaction) {
    if (first) first(transaction);
    return count_try(context, transaction, caller, signer, now);
  });
  if (without_cost(context, signer, check)) return count;
  count_against(context, caller, now);
  throw wrong(context, count);
}

namespace {

void take_verdict(Trial& trial, Verdict verdict) {
  trial.factor = verdict.factor;
  trial.step = verdict.step;
  trial.request = std::move(verdict.request);
  trial.seal_key = std::move(verdict.seal_key);
  trial.share = std::move(verdict.share);
}

}  // namespace

void use_sealing(Context& context, store::Transaction& transaction,
                 const std::optional<Sealing>& sealing) {
  if (!sealing) return;
  store::delete_expired_uses(transaction, context.clock.now());
  if (!store::use_once(transaction, "sealed", sealing->nonce, sealing->until))
    throw refusal("sealed-again", "the factors are refused",
                  "they were given before, sealed as now", Fault::already_exists);
}

Trial try_factors(Context& context, const Task& task, const Presented& factors, Time now) {
  const auto request = answered_request(context, task, factors, now);
  if (request) heed_refusal(context, task, *request, factors);
  Verdict verdict;
  Trial trial{};
  trial.count = try_counted(
      context, task.caller, task.signer, now,
      [&] {
        verdict = check_all(context, task, factors, request, now);
        return verdict.right && task.enough;
      },
      [&](store::Transaction& transaction) { use_sealing(context, transaction, factors.sealing); });
  take_verdict(trial, std::move(verdict));
  return trial;
}

void evaluate(Context& context, const Task& task, const Presented& factors,
              const std::optional<store::RequestRow>& request, Time now, Trial& trial) {
  const auto give_back = [&] {
    put(context, [&](store::Transaction& transaction) {
      store::lower_attempts(transaction, counted_name(task.signer));
      return 0;
    });
  };
  try {
    heed_throttle(context, task.caller, now);  // others of his may have been wrong meanwhile
  } catch (const Refusal&) {
    give_back();
    throw;
  }
  Verdict verdict = without_cost(context, task.signer,
                                 [&] { return check_all(context, task, factors, request, now); });
  if (!verdict.right || !task.enough) {
    count_against(context, task.caller, now);
    throw wrong(context, trial.count);
  }
  take_verdict(trial, std::move(verdict));
}

void accept(Context& context, store::Transaction& transaction, const Task& task,
            const Trial& trial) {
  if (trial.factor && !store::advance_factor(transaction, *trial.factor, trial.step))
    throw wrong(context, trial.count);
  if (!trial.request.empty() && !store::delete_request(transaction, trial.request))
    throw wrong(context, trial.count);
  clear_tries(transaction, task.caller, task.signer);
}

}  // namespace tsp::sam
