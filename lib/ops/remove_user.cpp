#include "ops/remove_user.h"

#include <algorithm>

#include "ops/accounting.h"
#include "ops/crls.h"
#include "ops/destruction.h"
#include "ops/recording.h"
#include "ops/user_checks.h"

namespace tsp::ops {
namespace {

struct Belongings {
  std::vector<store::KeyRow> keys;                  // not destroyed yet
  std::vector<store::CertificateRow> certificates;  // not revoked yet
};

Belongings belongings_of(Provider& provider, const std::string& name) {
  Belongings all;
  for (auto& key : store::keys_of(provider.database(), name))
    if (key.state == "active") all.keys.push_back(std::move(key));
  for (auto& certificate : store::certificates_of(provider.database(), name))
    if (certificate.state == "valid" || certificate.state == "external")
      all.certificates.push_back(std::move(certificate));
  return all;
}

bool needs_crl(const Belongings& all) {
  return std::any_of(all.certificates.begin(), all.certificates.end(),
                     [](const auto& certificate) { return certificate.state == "valid"; });
}

void describe(const Belongings& all, UserRemoved& receipt) {
  receipt.destroyed_keys.clear();
  receipt.revoked_certificates.clear();
  for (const auto& key : all.keys) receipt.destroyed_keys.push_back(key.id);
  for (const auto& certificate : all.certificates)
    receipt.revoked_certificates.push_back(certificate.serial);
  if (!all.keys.empty()) receipt.remains = remains_since(all.keys.front().created_at);
}

std::int64_t delete_factors(Provider& provider, store::Transaction& transaction,
                            const std::string& name) {
  const auto factors = store::factors_of(provider.database(), name);
  for (const auto& factor : factors) {
    store::delete_shares_of_factor(transaction, factor.id);
    store::delete_factor(transaction, factor.id);
  }
  return static_cast<std::int64_t>(factors.size());
}

std::int64_t remove_in(Provider& provider, store::Transaction& transaction,
                       const store::UserRow& user, const Belongings& all) {
  for (const auto& certificate : all.certificates) revoke_in(provider, transaction, certificate);
  for (const auto& key : all.keys) destroy_in(provider, transaction, key);
  const Json details = {{"from", user.state},
                        {"keys", all.keys.size()},
                        {"certificates", all.certificates.size()},
                        {"factors", delete_factors(provider, transaction, user.name)},
                        {"approvals_voided", store::delete_approvals_of(transaction, user.name)},
                        {"requests_voided", store::delete_requests_of(transaction, user.name)},
                        {"enrolment_voided", store::delete_enrolment(transaction, user.name)}};
  store::clear_attempts(transaction, user.name);
  store::set_user_state(transaction, user.name, "removed");
  return record_call(provider, transaction, user.group,
                     provider.event("user.remove", audit::Outcome::done, user.name, details));
}

}  // namespace

UserRemoved remove_user(Provider& provider, const std::string& name, bool dry_run) {
  const store::UserRow user = must_find_user(provider, name);
  UserRemoved receipt;
  receipt.user = name;
  if (user.state == "removed") {
    receipt.changed = false;
    return receipt;
  }
  Belongings all = belongings_of(provider, name);
  describe(all, receipt);
  if (dry_run) {
    if (needs_crl(all)) check_crl_key(provider, "issuing");
    return receipt;
  }
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    // Read again: a key or certificate may have been made meanwhile.
    all = belongings_of(provider, name);
    describe(all, receipt);
    return remove_in(provider, transaction, user, all);
  });
  if (!all.keys.empty()) overwrite_log(provider, "what " + name + " had");
  if (needs_crl(all))
    issue_crl_after_revoking(provider, "issuing", "what " + name + " had", receipt.audit_seq);
  return receipt;
}

Json to_json(const UserRemoved& receipt) {
  return {{"user", receipt.user},
          {"state", "removed"},
          {"changed", receipt.changed},
          {"destroyed_keys", receipt.destroyed_keys},
          {"revoked_certificates", receipt.revoked_certificates},
          {"remains", receipt.remains},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
