// What falls due while nobody asks for it: `tsp serve` looks here once a second (docs/serve.md).
#pragma once

#include <array>
#include <functional>

#include "ops/provider.h"

namespace tsp::ops {

// One thing that was done, or that failed.
struct UpkeepStep {
  std::string task;               // crl, certificate, checkpoint, expiry, refusals: never renamed
  std::string what;               // for the log of the server
  std::optional<Error> failed{};  // it is tried again after a minute, then ever later up to an hour
};

// Does what is due, one step at a call, each on record under the caller `system`:
// - crl: a CRL of the issuing CA at nine tenths of crl.interval, of the root 15 days before its end
//   where its PIN is kept here;
// - certificate: of OCSP and TSA, pki.renew_before before their end, or in the last quarter of
//   their time (of the TSA's, of its key's);
// - checkpoint: when the log grew and the last one is audit.checkpoint_interval old;
// - expiry: a record `cert.expiring` for each certificate of a signer or CA notices.expiry before
//   its end, and a notice to the signer; once each, and none where its key has a later certificate
//   or is destroyed, or the certificate never lived longer than that;
// - refusals: the counts of past minutes.
// For one thread, at most one in a process.
class Upkeep {
 public:
  explicit Upkeep(Provider& provider);
  // Nothing: nothing is due. Throws nothing that a task throws but Error{interrupted}.
  std::optional<UpkeepStep> step();

 private:
  struct Task {
    std::string_view name;
    std::chrono::seconds every;  // between looks that find nothing
    std::function<std::optional<std::string>()> run;
    Time next{};
    std::chrono::seconds pause{0};  // after failures
  };
  std::optional<std::string> issue_crl_ahead();
  std::optional<std::string> renew_ahead();
  std::optional<std::string> make_checkpoint_due();
  std::optional<std::string> flush_counts();
  std::optional<UpkeepStep> run(Task& task, Time now);

  Provider& provider_;
  std::array<Task, 5> tasks_;
};

// The task `expiry`; for upkeep.cpp.
std::optional<std::string> warn_of_expiry(Provider& provider);

}  // namespace tsp::ops
