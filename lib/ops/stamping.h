// One time-stamp on its way, and the steps of that way. For the files of time-stamping alone.
#pragma once

#include <memory>

#include "base/json.h"
#include "ops/refusals.h"
#include "ops/timestamp.h"
#include "ops/tsa_clock.h"

namespace tsp::ops {

// What stands before a token can be made, and holds for all that are made at once.
struct StampReadiness {
  std::string policy;
  ClockVerdict clock;
  Time now;
  x509::Certificate tsu;
  std::vector<x509::Certificate> chain;  // for who asks for certificates
};

// One order on its way.
struct StampJob {
  const StampOrder* order;
  std::shared_ptr<const StampReadiness> ready{};
  Json details = Json::object();
  std::int64_t intent = 0;
  std::optional<Error> failed;  // of the HSM; on record with the results
  StampResult result;           // error: nothing more is done for it

  bool alive() const { return !result.error; }
};
using StampJobs = std::vector<StampJob>;

template <class Act>
void for_alive(StampJobs& jobs, Act act) {
  for (StampJob& job : jobs)
    if (job.alive()) act(job);
}

// --- stamp_readiness.cpp: what is refused is on record, as often as `keep` says.
StampReadiness get_stamp_readiness(Provider& provider, Keep keep);
void check_policy_and_hash(Provider& provider, const cms::TimestampRequest& request,
                           const std::string& policy, Keep keep);
// Nobody vouches for relying parties: what space is left is for our own signers.
void refuse_where_space_is_low(Provider& provider, const StampOrder& order);

// --- stamp_records.cpp: the group's records, each in one transaction of all that are alive.
// Reserves the serial numbers and says what each token will state.
void record_intents(Provider& provider, StampJobs& jobs);
// No time-stamp without its record: one that cannot be written fails them all.
void record_results(Provider& provider, StampJobs& jobs);

}  // namespace tsp::ops
