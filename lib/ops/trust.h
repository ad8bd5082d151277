// Whom `tsp validate` trusts beside the TSP of HOME: anchors from PEM files, and trusted lists of
// ETSI TS 119 612 (trust/trusted_list.h), which are fetched, verified and kept in HOME. A TSP need
// not stand there; where one does, every change is on record before it is made.
#pragma once

#include "ops/provider.h"
#include "ops/trust_file.h"

namespace tsp::ops {

struct TrustPlace {
  Home home;
  World world;
  Provider* provider = nullptr;  // where a TSP stands
};

// Exactly one of url, file and pem.
struct AddTrust {
  std::string name;  // 1 to 64 of a–z 0–9 . _ -, begins with a letter or digit
  std::string url, file;
  std::vector<std::string> signers;      // PEM files: who may sign the list
  std::vector<std::string> territories;  // of a list of lists: only these
  std::string pem;                       // anchors as they are
  bool dry_run = false;                  // fetches and judges, keeps nothing
};

struct TrustChanged {
  TrustEntry entry;
  // Lists that a list of lists names and that could not be had or are refused: which, and why. What
  // was kept of them before is still kept.
  struct Failed {
    std::string list;
    Error error;
  };
  std::vector<Failed> failed;
  bool changed = true;  // false: update found the same lists
  std::int64_t audit_seq = 0;
};

// Error{already_exists}; {usage}; {evidence_missing} where it cannot be fetched; {policy_refused}
// where the list's signature does not hold, it is out of date or goes back; {bad_input}.
TrustChanged add_trust(const TrustPlace& place, const AddTrust& request);
// Fetches an entry's lists anew. The same errors, {not_found}, and {usage} for anchors. After an
// error what was kept is as before.
TrustChanged update_trust(const TrustPlace& place, const std::string& name, bool dry_run);
std::int64_t remove_trust(const TrustPlace& place, const std::string& name, bool dry_run);
std::vector<TrustEntry> list_trust(const Home& home);

// The anchors that count, for validation; `expired` names the lists that should have been replaced
// by `now`, whose anchors are left out.
struct LoadedTrust {
  trust::TrustStore store;
  std::vector<std::string> expired;
};
LoadedTrust load_trust(const Home& home, Time now);

Json to_json(const TrustEntry& entry);  // without the anchors, which may be thousands: how many
Json to_json(const TrustChanged& receipt);

}  // namespace tsp::ops
