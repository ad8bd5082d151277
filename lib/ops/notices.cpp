#include "ops/notices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "ops/channel.h"
#include "ops/recording.h"
#include "sam/manifest_view.h"

namespace tsp::ops {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::minutes, 7> kBackoff{1min, 5min, 30min, 2h, 6h, 12h, 24h};
constexpr auto kGivenUp = 7 * 24h;
constexpr auto kTooShort = 100ms;  // no delivery is begun with less time left
constexpr std::size_t kMostListed = 100;

constexpr const char* kNotYou =
    "\nIf this was not you, tell the provider at once: it can suspend you and revoke your\n"
    "certificate, and nothing more is signed in your name.\n";

Time next_try(Time now, std::int64_t tries) {
  const auto last = static_cast<std::int64_t>(kBackoff.size()) - 1;
  return now + kBackoff[static_cast<std::size_t>(std::clamp<std::int64_t>(tries, 0, last))];
}

// Takes the first notice that is due for this process: nobody else tries it before its next turn.
std::optional<store::NoticeRow> take_one(Provider& provider) {
  if (store::due_notices(provider.database(), provider.now(), 1).empty()) return std::nullopt;
  store::Transaction transaction(provider.database());
  const Time now = provider.now();
  auto due = store::due_notices(provider.database(), now, 1);
  if (due.empty()) return std::nullopt;
  store::postpone_notice(transaction, due.front().id, next_try(now, due.front().tries));
  transaction.commit();
  due.front().tries += 1;
  return std::move(due.front());
}

// Out of the queue and on record.
void settle(Provider& provider, const store::NoticeRow& row, const Error* failure) {
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::delete_notice(transaction, row.id);
    audit::Event event =
        provider.event(failure == nullptr ? "notice.sent" : "notice.failed",
                       failure == nullptr ? audit::Outcome::done : audit::Outcome::failed, row.user,
                       {{"notice", row.id},
                        {"about", row.subject},
                        {"queued_at", to_rfc3339(row.created_at)},
                        {"tries", row.tries}});
    event.role = "system";
    if (failure != nullptr) {
      event.details["reason"] = fault_row(failure->fault).name;
      event.details["detail"] = failure->message;
    }
    return audit::append(transaction, provider.now(), event);
  });
}

void try_one(Provider& provider, const store::NoticeRow& row, std::chrono::milliseconds patience,
             Flushed& flushed) {
  try {
    deliver(provider, row.address, row.subject, row.body, patience);
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    flushed.why.push_back(fmt::format("{}: {}", row.user, error.message));
    if (error.fault != Fault::bad_input && provider.now() - row.created_at < kGivenUp) {
      flushed.postponed += 1;
      return;
    }
    settle(provider, row, &error);
    flushed.given_up += 1;
    return;
  }
  settle(provider, row, nullptr);
  flushed.sent += 1;
}

}  // namespace

void queue_notice(Provider& provider, store::Transaction& transaction, const std::string& user,
                  const std::string& subject, const std::string& body) {
  if (!has_channel(provider)) return;
  const auto row = store::find_user(provider.database(), user);
  if (!row || row->email.empty()) return;
  const Time now = provider.now();
  store::insert_notice(transaction, {0, user, row->email, subject, body, now, 0, now});
}

void tell_of_use(Provider& provider, store::Transaction& transaction, const sam::KeyUse& use) {
  if (!has_channel(provider)) return;
  const std::size_t count = use.signed_documents.entries.size();
  sam::Manifest listed = use.signed_documents;
  listed.entries.resize(std::min(count, kMostListed));
  std::string body = fmt::format("{}: your key was used.\n\nSigner  {}\nKey     {}\nTime    {}\n\n",
                                 provider.name(), use.signer, use.key, to_rfc3339(provider.now()));
  auto lines = sam::manifest_lines(listed);
  lines.front() = fmt::format("{} document{}", count, count == 1 ? "" : "s");
  for (const std::string& line : lines) body += line + "\n";
  if (count > kMostListed)
    body += fmt::format("  and {} more: tsp user history {}\n", count - kMostListed, use.signer);
  queue_notice(provider, transaction, use.signer,
               fmt::format("Your key signed {} document{}", count, count == 1 ? "" : "s"),
               body + kNotYou);
}

void tell_of_certificate(Provider& provider, store::Transaction& transaction,
                         const store::CertificateRow& row) {
  if (row.owner.empty() || !has_channel(provider)) return;
  queue_notice(
      provider, transaction, row.owner, "A new certificate in your name",
      fmt::format("{}: there is a new certificate in your name.\n\nSigner   {}\nKey      {}\n"
                  "Serial   {}\nSubject  {}\nProfile  {}\nValid    {} to {}\n{}",
                  provider.name(), row.owner, row.key, row.serial, row.subject, row.profile,
                  to_rfc3339(row.not_before), to_rfc3339(row.not_after), kNotYou));
}

Flushed flush_notices(Provider& provider, std::size_t most, std::chrono::milliseconds patience) {
  Flushed flushed;
  if (!has_channel(provider)) return flushed;
  const auto end = std::chrono::steady_clock::now() + patience;
  for (std::size_t tried = 0; tried < most; ++tried) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left < kTooShort) break;
    const auto row = take_one(provider);
    if (!row) break;
    try_one(provider, *row, left, flushed);
  }
  return flushed;
}

Json notices_status(Provider& provider) {
  const auto oldest = store::oldest_notice(provider.database());
  return {{"channel", provider.config().text("notices.channel")},
          {"waiting", store::waiting_notices(provider.database())},
          {"oldest", oldest ? Json(to_rfc3339(*oldest)) : Json(nullptr)}};
}

}  // namespace tsp::ops
