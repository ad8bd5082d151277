#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "sam/context.h"
#include "sam/factors.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kSealedSeed = 12 + 20 + 16;  // octets: nonce, seed, tag

Refusal locked(std::string reason) {
  return {std::move(reason),
          Error(Fault::locked_out, "the signer is locked", "too many wrong tries",
                "nothing was signed; an operator unlocks with: tsp user unlock")};
}

Refusal wrong(const Context& context, std::int64_t count) {
  const std::int64_t left = context.policy.wrong_tries - count;
  if (left <= 0) return locked("factor-refused");
  return {"factor-refused",
          Error(Fault::factor_refused, "the signer's factors are refused",
                "PIN or one-time code is wrong",
                fmt::format("{} {} left; nothing was signed", left, left == 1 ? "try" : "tries"))};
}

bool pin_is_right(Context& context, const std::string& signer,
                  const std::vector<store::FactorRow>& rows, const Secret& pin) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [](const auto& r) { return r.type == "pin"; });
  if (row != rows.end()) return check_pin(*context.signers, signer, pin, row->data);
  check_pin(*context.signers, signer, pin, decoy_verifier(context.policy.pin_cost));
  return false;
}

// The TOTP factor whose code this is. Without one the same work is done for nothing.
std::optional<std::pair<std::int64_t, std::int64_t>> match(
    Context& context, const std::string& signer, const std::vector<store::FactorRow>& rows,
    std::string_view code, Time now) {
  std::optional<std::pair<std::int64_t, std::int64_t>> found;
  bool any = false;
  for (const store::FactorRow& row : rows) {
    if (row.type != "totp") continue;
    any = true;
    const Secret seed = open_seed(*context.signers, signer, row.data);
    if (const auto step = match_totp(seed.view(), code, now, row.last_step))
      found.emplace(row.id, *step);
  }
  if (!any) {
    context.signers->open(kSeedKey, random_bytes(kSealedSeed), as_bytes(signer));
    match_totp(random_bytes(20), code, now, 0);
  }
  return found;
}

}  // namespace

std::string counted_name(const std::string& signer) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '@';
  };
  if (!signer.empty() && signer.size() <= kLongestName &&
      std::all_of(signer.begin(), signer.end(), plain))
    return signer;
  return "sha256:" + to_hex(crypto::sha256(as_bytes(signer)));
}

Trial try_factors(Context& context, const std::string& signer, const Presented& factors,
                  bool otp_needed, Time now) {
  if (!factors.pin || (otp_needed && !factors.otp))
    throw refusal("factor-missing", "the signer's factors are missing",
                  otp_needed ? "PIN and one-time code are both needed" : "the PIN is needed",
                  Fault::input_needed);
  const std::string name = counted_name(signer);
  const std::int64_t most = context.policy.wrong_tries;
  Trial trial{};
  // Looked at and raised in one transaction: however many come at once, no try above the limit is
  // evaluated, and a locked signer's count stays as it is.
  trial.count = put(context, [&](store::Transaction& transaction) {
    if (store::attempts_of(context.database, name) >= most) throw locked("locked");
    return store::raise_attempts(transaction, name, now);
  });
  try {
    const auto rows = store::factors_of(context.database, signer);
    const bool pin = pin_is_right(context, signer, rows, *factors.pin);
    bool otp = !otp_needed;
    if (otp_needed) {
      if (const auto found = match(context, signer, rows, factors.otp->text(), now)) {
        otp = true;
        trial.factor = found->first;
        trial.step = found->second;
      }
    }
    if (pin && otp) return trial;
  } catch (const Error&) {
    // No verdict was given (the HSM is gone): no try was spent.
    put(context, [&](store::Transaction& transaction) {
      store::lower_attempts(transaction, name);
      return 0;
    });
    throw;
  }
  throw wrong(context, trial.count);
}

void accept(Context& context, store::Transaction& transaction, const std::string& signer,
            const Trial& trial) {
  if (trial.factor && !store::advance_factor(transaction, *trial.factor, trial.step))
    throw wrong(context, trial.count);
  store::clear_attempts(transaction, counted_name(signer));
}

}  // namespace tsp::sam
