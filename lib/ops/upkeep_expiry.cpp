#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ops/notices.h"
#include "ops/recording.h"
#include "ops/upkeep.h"
#include "store/certificate_status.h"

namespace tsp::ops {
namespace {

constexpr std::int64_t kMost = 50;  // in one step
// Up to which certificate, by its end, everybody has been told: "MILLISECONDS SERIAL".
constexpr const char* kTold = "expiry-told";

store::ByEnd told_so_far(Provider& provider, Time now) {
  const std::string text = store::setting(provider.database(), kTold).value_or("");
  std::int64_t milliseconds = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, milliseconds);
  store::ByEnd now_at{now, ""};
  if (error != std::errc() || rest == end || from_unix_ms(milliseconds) < now) return now_at;
  return {from_unix_ms(milliseconds), std::string(rest + 1, end)};
}

// Whoever has a later certificate for the key, or no key any more, need not be told.
bool needs_warning(Provider& provider, const store::CertificateRow& row) {
  if (row.role != "signer" && row.role != "issuing" && row.role != "root") return false;
  if (row.role == "signer") {
    const auto key = store::find_key(provider.database(), row.key);
    if (!key || key->state != "active") return false;
  }
  const auto all = store::certificates_of_key(provider.database(), row.key);
  return std::none_of(all.begin(), all.end(), [&](const store::CertificateRow& other) {
    return (other.state == "valid" || other.state == "external") && other.not_after > row.not_after;
  });
}

std::int64_t record_one(Provider& provider, store::Transaction& transaction,
                        const store::CertificateRow& row) {
  const std::string end = to_rfc3339(row.not_after);
  if (!row.owner.empty())
    queue_notice(provider, transaction, row.owner, "Your certificate ends soon",
                 fmt::format("{}: a certificate in your name ends soon.\n\nSigner   {}\n"
                             "Key      {}\nSubject  {}\nSerial   {}\nEnd      {}\n\n"
                             "Nothing can be signed with it from then on. The provider can renew "
                             "it before.\n",
                             provider.name(), row.owner, row.key, row.subject, row.serial, end));
  return audit::append(
      transaction, provider.now(),
      provider.event(
          "cert.expiring", audit::Outcome::done, row.serial,
          {{"role", row.role}, {"user", row.owner}, {"key", row.key}, {"not_after", end}}));
}

}  // namespace

std::optional<std::string> warn_of_expiry(Provider& provider) {
  const auto ahead = provider.config().duration("notices.expiry");
  const Time now = provider.now(), until = now + ahead;
  const store::ByEnd from = told_so_far(provider, now);
  if (until < from.not_after) return std::nullopt;
  const auto rows = store::certificates_ending(provider.database(), from, until, ahead, kMost);
  if (rows.empty()) return std::nullopt;
  std::size_t told = 0;
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    std::int64_t seq = 0;
    for (const auto& row : rows) {
      if (!needs_warning(provider, row)) continue;
      seq = record_one(provider, transaction, row);
      ++told;
    }
    store::set_setting(transaction, kTold,
                       fmt::format("{} {}", to_unix_ms(rows.back().not_after), rows.back().serial));
    return seq;
  });
  return fmt::format("{} of {} certificates that end by {} were told of", told, rows.size(),
                     to_rfc3339(until));
}

}  // namespace tsp::ops
