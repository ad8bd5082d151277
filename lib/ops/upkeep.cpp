#include "ops/upkeep.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "ops/audit_log.h"
#include "ops/certificates.h"
#include "ops/crls.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kFirstPause = 1min, kLongestPause = 1h;
constexpr std::chrono::hours kBeforeRootEnds{24 * 15};  // verbs call it overdue a day later

Time crl_due_at(Provider& provider, const std::string& ca) {
  const auto current = store::current_crl_head(provider.database(), ca);
  if (!current) return Time{};
  if (ca == "root") return current->next_update - kBeforeRootEnds;
  return current->this_update + provider.config().duration("crl.interval") * 9 / 10;
}

// When the certificate of a role is to be renewed.
Time renewal_at(Provider& provider, const x509::Certificate& certificate) {
  const Time end = std::min(certificate.not_after(),
                            certificate.private_key_usage_end().value_or(certificate.not_after()));
  const auto quarter = (end - certificate.not_before()) / 4;
  return end - std::min<std::chrono::milliseconds>(provider.config().duration("pki.renew_before"),
                                                   quarter);
}

}  // namespace

Upkeep::Upkeep(Provider& provider)
    : provider_(provider),
      tasks_{{{"crl", 30s, [this] { return issue_crl_ahead(); }},
              {"certificate", 10min, [this] { return renew_ahead(); }},
              {"checkpoint", 10s, [this] { return make_checkpoint_due(); }},
              {"expiry", 10min, [this] { return warn_of_expiry(provider_); }},
              {"refusals", 10s, [this] { return flush_counts(); }}}} {}

std::optional<UpkeepStep> Upkeep::step() {
  const Time now = provider_.now();
  provider_.act_for("system", Roles::all());
  for (Task& task : tasks_) {
    // A clock that was put back must not keep anything waiting.
    if (task.next > now + kLongestPause) task.next = now;
    if (task.next > now) continue;
    if (auto done = run(task, now)) return done;
  }
  return std::nullopt;
}

std::optional<UpkeepStep> Upkeep::run(Task& task, Time now) {
  try {
    auto what = task.run();
    task.pause = 0s;
    // What was done may not have been all: the next call looks again.
    task.next = what ? now : now + task.every;
    if (!what) return std::nullopt;
    return UpkeepStep{std::string(task.name), std::move(*what)};
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    task.pause = std::clamp(2 * task.pause, kFirstPause, kLongestPause);
    task.next = now + task.pause;
    return UpkeepStep{std::string(task.name), error.message, error};
  }
}

std::optional<std::string> Upkeep::issue_crl_ahead() {
  const Time now = provider_.now();
  if (crl_due_at(provider_, "issuing") <= now)
    return fmt::format("CRL {} of issuing", issue_crl(provider_, "issuing").number);
  if (crl_due_at(provider_, "root") > now) return std::nullopt;
  if (!exists(provider_.home().pin("root")))
    throw Error(Fault::input_needed, "the CRL of the root is due",
                "the PIN of its token is not kept here",
                "tsp crl issue --ca root with --hsm-pin-from");
  return fmt::format("CRL {} of root", issue_crl(provider_, "root").number);
}

std::optional<std::string> Upkeep::renew_ahead() {
  for (const char* role : {"ocsp", "tsa", "sam"}) {
    const x509::Certificate certificate = provider_.certificate_of_role(role);
    if (provider_.now() < renewal_at(provider_, certificate)) continue;
    const CertificateInfo renewed = renew_certificate(provider_, role, false);
    return fmt::format("certificate {} of {}", renewed.row.serial, role);
  }
  return std::nullopt;
}

std::optional<std::string> Upkeep::make_checkpoint_due() {
  const auto last = store::last_checkpoint(provider_.database());
  const std::int64_t size = audit::size(provider_.database());
  if (size == 0 || (last && last->size == size)) return std::nullopt;
  if (last &&
      provider_.now() - last->created_at < provider_.config().duration("audit.checkpoint_interval"))
    return std::nullopt;
  make_checkpoint(provider_);
  return fmt::format("checkpoint over {} records", size);
}

std::optional<std::string> Upkeep::flush_counts() {
  flush_refusals(provider_);
  return std::nullopt;
}

}  // namespace tsp::ops
