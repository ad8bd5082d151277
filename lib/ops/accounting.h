// Accounting: how often a group's callers did what, by day. Operations are named as their audit
// events are, outcomes as theirs. The signature activation module counts approvals and signatures
// itself.
#pragma once

#include <optional>
#include <string>

#include "ops/provider.h"

namespace tsp::ops {

// Counts a call, or several that ended alike, in the transaction of its record. `group` is empty
// where no signer is concerned.
void account(store::Transaction& transaction, Time now, const std::string& group,
             const audit::Event& event, std::int64_t calls = 1);
// Whether an event's subject is a user. Those of others are keys, serial numbers, roles and groups,
// of which some may look like a user's name.
bool is_about_a_user(const std::string& event);

// Puts a call on record and counts it; answers the record's number.
std::int64_t record_call(Provider& provider, store::Transaction& transaction,
                         const std::string& group, const audit::Event& event);
std::string group_of_user(store::Database& database, const std::string& user);  // empty: of none
// The group that an event belongs to: the one its details name, where there is such a group, else
// that of its subject (a signer, the owner of a key or certificate, a group itself); empty for
// none.
std::string group_of(store::Database& database, const audit::Event& event);

struct ReportGroup {
  std::string group;                 // empty: all of them, and what concerns no group
  std::optional<Time> since, until;  // days, both included; absent: from the first, to the last
};
struct GroupReport {
  std::string group;
  std::optional<std::int64_t> since, until;  // days since 1970
  std::vector<store::AccountRow> calls;      // by group, day, operation, outcome
};
// Error{not_found}; {usage} where it ends before it begins.
GroupReport report_group(Provider& provider, const ReportGroup& request);

Json to_json(const GroupReport& report);

}  // namespace tsp::ops
