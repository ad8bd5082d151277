// A signer leaves for good.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

struct UserRemoved {
  std::string user;
  std::vector<std::string> destroyed_keys, revoked_certificates;
  std::string remains;  // which backups may still hold keys, for people; empty without keys
  bool changed = true;  // false: he was removed already
  std::int64_t audit_seq = 0;
};
// In one transaction: keys destroyed, certificates revoked (cessationOfOperation), factors,
// approvals and requests deleted, the state "removed"; then a CRL. Never undone, and the name is
// never free again: what was signed must stay tied to one person. The row with the identity and the
// log's records stay, which a trust service provider has to keep (Regulation (EU) 910/2014 article
// 24(2)(h); EN 319 411-1 clause 6.4.6: seven years after the last certificate ended).
// Error{not_found}.
UserRemoved remove_user(Provider& provider, const std::string& name, bool dry_run);

Json to_json(const UserRemoved& receipt);

}  // namespace tsp::ops
