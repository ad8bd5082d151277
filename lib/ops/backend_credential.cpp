// Whoever asks for a signer, and the credential that he is told of: the newest that can sign, or
// one that is yet to be made.
#include <algorithm>

#include "base/text.h"
#include "ops/activation.h"
#include "ops/backend.h"
#include "ops/keys.h"
#include "ops/one_shot.h"
#include "ops/refusals.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

constexpr const char* kUnknownUser = "unknown-user";

bool usable(const store::CertificateRow& row, Time now) {
  return (row.state == "valid" || row.state == "external") && row.not_before <= now &&
         now <= row.not_after;
}

const store::CertificateRow* newest_usable(const std::vector<store::CertificateRow>& rows,
                                           Time now) {
  const store::CertificateRow* best = nullptr;
  for (const auto& row : rows)
    if (usable(row, now) && (best == nullptr || row.created_at >= best->created_at)) best = &row;
  return best;
}

// Why none of a key's certificates can be used, for people.
std::string why_unusable(const std::vector<store::CertificateRow>& rows, Time now) {
  if (rows.empty()) return "the key has no certificate";
  const auto& last = *std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.created_at < b.created_at;
  });
  if (last.state == "revoked") return "its certificate is revoked (" + last.reason + ")";
  if (now < last.not_before)
    return "the clock stands before its certificate begins, " + to_rfc3339(last.not_before);
  if (now > last.not_after) return "its certificate expired at " + to_rfc3339(last.not_after);
  return "its certificate is " + last.state;
}

std::string factors_of(Provider& provider, const store::UserRow& signer, int scal) {
  const auto group = store::find_group(provider.database(), signer.group);
  if (!group)
    throw Error(Fault::tampered, "the group " + signer.group + " is not in the store", "",
                "restore the store from a backup");
  return scal == 2 ? group->factors_scal2 : group->factors_scal1;
}

// Its whole number: a beginning of it could be guessed.
bool names_key(const std::string& key) {
  const auto octets = from_hex(key);
  return octets && octets->size() == 16;
}

}  // namespace

LocalBackend::Asker LocalBackend::admit(const std::string& user, const std::string& key,
                                        const Secret* pin) {
  const sam::Caller caller = provider_.caller();
  if (caller.staff) return {user};
  if (names_key(key)) return {user, Asker::Told::nothing};
  if (pin == nullptr)
    throw Error(Fault::input_needed, "the signer's PIN is needed",
                "who is no staff is told of a signer by his PIN, or by the number of his key",
                "nothing was signed; give it with --pin-from, or the whole number with --key");
  sam::Presented presented;
  presented.pin = pin->clone();
  activation().check_factors(caller, user, presented, false);
  return {user};
}

void LocalBackend::refuse(const Asker& asker, const Error& error, const std::string& reason) {
  // A name that nobody has is not written down as it was given.
  const std::string subject = reason == kUnknownUser ? "" : asker.user;
  if (asker.told == Asker::Told::nothing)
    activation().refuse_outsider(provider_.caller(), asker.user, subject, reason);
  ops::refuse(provider_,
              {"sign.authorize",
               subject,
               reason,
               {{"detail", reason == kUnknownUser ? "" : error.message}}},
              error, keep());
}

store::KeyRow LocalBackend::named_key(const Asker& asker, const std::string& key) {
  try {
    return show_key(provider_, key).row;
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    refuse(asker, error, "unknown-key");
  }
}

store::UserRow LocalBackend::active_user(const Asker& asker) {
  const std::string& user = asker.user;
  auto signer = store::find_user(provider_.database(), user);
  if (!signer)
    refuse(asker,
           Error(Fault::not_found, "there is no user " + printable(user), "", "nothing was signed"),
           kUnknownUser);
  if (signer->state != "active")
    refuse(asker,
           Error(Fault::policy_refused, user + " may not sign", "the user is " + signer->state,
                 "nothing was signed"),
           "user-" + signer->state);
  return std::move(*signer);
}

LocalBackend::Usable LocalBackend::newest_credential(const Asker& asker, const std::string& key) {
  const std::string& user = asker.user;
  std::vector<store::KeyRow> keys;
  if (key.empty())
    keys = store::keys_of(provider_.database(), user);
  else
    keys.push_back(named_key(asker, key));
  std::optional<Usable> best;
  std::string why = "the signer has no key";
  for (auto& row : keys) {
    if (row.owner != user)
      refuse(asker,
             Error(Fault::policy_refused, user + " may not use the key " + row.id,
                   "it is another signer's", "nothing was signed"),
             "foreign-key");
    if (row.state != "active") {
      why = "the key is " + row.state;
      continue;
    }
    const auto rows = store::certificates_of_key(provider_.database(), row.id);
    const auto* newest = newest_usable(rows, provider_.now());
    if (newest == nullptr)
      why = why_unusable(rows, provider_.now());
    else if (!best || newest->created_at >= best->certificate.created_at)
      best = Usable{std::move(row), *newest};
  }
  if (best) return std::move(*best);
  const auto is_active = [](const store::KeyRow& row) { return row.state == "active"; };
  refuse(asker,
         Error(keys.empty() ? Fault::not_found : Fault::policy_refused, user + " cannot sign", why,
               std::ranges::none_of(keys, is_active)
                   ? "nothing was signed; generate a key with tsp key generate --user " + user
                   : "nothing was signed; issue a certificate with tsp cert issue --user " + user),
         "no-credential");
}

// Who will sign is logged in while his certificate is decoded.
void LocalBackend::know_signer() {
  knows_signer_ = true;
  if (signs_) get_ready();
}

Credential LocalBackend::credential(const std::string& user, const std::string& key,
                                    const Secret* pin) {
  provider_.load_module_ahead();
  const Asker asker = admit(user, key, pin);
  const store::UserRow signer = active_user(asker);
  const Usable chosen = newest_credential(asker, key);
  know_signer();
  const auto parsed = x509::Certificate::from_der(chosen.certificate.der);
  std::vector<x509::Certificate> chain;
  if (chosen.certificate.state == "valid")
    chain.push_back(provider_.certificate_of_role("issuing"));
  return {user,
          chosen.key.id,
          chosen.key.algorithm,
          chosen.certificate.serial,
          chosen.key.scal,
          factors_of(provider_, signer, chosen.key.scal),
          parsed.common_name(),
          parsed,
          std::move(chain)};
}

Credential LocalBackend::one_shot(const std::string& user, int scal, const Secret* pin) {
  provider_.load_module_ahead();
  const Asker asker = admit(user, "", pin);
  const store::UserRow signer = active_user(asker);
  const std::string policy = factors_of(provider_, signer, scal);
  const auto factors = sam::Requirement::for_one_shot(policy, scal);
  if (!factors)
    refuse(asker,
           Error(Fault::policy_refused, user + " cannot sign with a key of SCAL 2 made for it",
                 "the policy " + policy + " knows no device, which alone binds the signer to it",
                 "nothing was signed; leave --scal 2 out"),
           "no-document-bound-factor");
  know_signer();
  const sam::OneShot approved = plan_one_shot(provider_, signer, scal);
  return {user,
          std::string(sam::kOneShotKey),
          approved.algorithm,
          "",
          scal,
          factors->text(),
          signer.common_name,
          std::nullopt,
          {provider_.certificate_of_role("issuing")},
          approved};
}

}  // namespace tsp::ops
