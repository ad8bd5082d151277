#include "ops/seals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ops/accounting.h"
#include "ops/groups.h"
#include "ops/keys.h"
#include "ops/notices.h"
#include "ops/recording.h"
#include "ops/user_checks.h"

namespace tsp::ops {
namespace {

// What is refused of a verb: on record, unless it is a dry run.
struct WindowVerb {
  Provider& provider;
  const char* event;
  const char* what;  // "no window is opened"
  const std::string& user;
  Json details;
  bool dry_run;

  [[noreturn]] void refuse(const std::string& reason, std::string why,
                           std::string next = "nothing was changed") const {
    ops::refuse(provider, {event, user, reason, details},
                Error(Fault::policy_refused, fmt::format("{} for {}", what, user), std::move(why),
                      std::move(next)),
                dry_run ? Keep::nothing : Keep::each);
  }
};

store::KeyRow key_for(const WindowVerb& verb, const std::string& wanted) {
  std::optional<store::KeyRow> found;
  if (!wanted.empty()) found = show_key(verb.provider, wanted).row;
  if (!found)
    for (auto& row : store::keys_of(verb.provider.database(), verb.user))
      if (row.state == "active" && row.scal == 1) found = std::move(row);
  if (!found)
    throw Error(Fault::not_found, verb.user + " has no active key of SCAL 1", "",
                "generate one with tsp key generate --user " + verb.user);
  if (found->owner != verb.user) verb.refuse("foreign-key", "the key is another signer's");
  if (found->state != "active") verb.refuse("key-" + found->state, "the key is " + found->state);
  if (found->scal != 1)
    verb.refuse("scal", "a key of SCAL 2 opens with its signer's PIN and share, and to no machine");
  return std::move(*found);
}

store::GroupRow check_signer(const WindowVerb& verb, const store::UserRow& user) {
  if (user.kind != "legal")
    verb.refuse("not-a-legal-person", "only a legal person's key is used by a machine");
  if (user.state != "active") verb.refuse("user-" + user.state, "the user is " + user.state);
  store::GroupRow group = find_group(verb.provider, user.group);
  if (group.state != "active") verb.refuse("group-suspended", "its group is suspended");
  if (group.seal_operators == 0)
    verb.refuse(
        "no-machines", "in the group " + group.name + " no machine signs",
        fmt::format("nothing was changed; tsp group set {} --seal-operators 1", group.name));
  return group;
}

void check_bounds(const WindowVerb& verb, const sam::NewSealWindow& order, Time now) {
  if (order.not_after <= order.not_before || order.not_after <= now)
    throw Error(Fault::usage, "the window ends before it begins");
  if (order.allowed < 1) throw Error(Fault::usage, "a window is for at least one signature");
  const auto longest = verb.provider.config().duration("seal.window");
  if (order.not_after - order.not_before > longest)
    verb.refuse("above-configuration",
                fmt::format("seal.window allows at most {}s", longest.count()));
  const auto most = verb.provider.config().integer("seal.count");
  if (order.allowed > most)
    verb.refuse("above-configuration",
                fmt::format("seal.count allows at most {} signatures", most));
}

Json details_of(const store::SealWindowRow& row) {
  return {{"window", to_hex(row.id)},
          {"key", row.key},
          {"count", row.allowed},
          {"not_before", to_rfc3339(row.not_before)},
          {"not_after", to_rfc3339(row.not_after)},
          {"operators", row.operators}};
}

SealWindow window_of(Provider& provider, store::SealWindowRow row, std::int64_t seq = 0) {
  const auto state = sam::state_of(row, provider.now());
  return {std::move(row), state, seq};
}

store::SealWindowRow must_find_window(Provider& provider, const std::string& id) {
  std::optional<store::SealWindowRow> found;
  for (auto& row : store::seal_windows_of(provider.database(), "")) {
    if (id.size() < kShortestPrefix || !to_hex(row.id).starts_with(id)) continue;
    if (found) throw Error(Fault::not_found, printable(id) + " names several windows");
    found = std::move(row);
  }
  if (!found)
    throw Error(Fault::not_found, "there is no window " + printable(id), "",
                "tsp seal list names the windows");
  return std::move(*found);
}

// Whoever signs for the legal person is told, as of each use.
void tell(Provider& provider, store::Transaction& transaction, const store::SealWindowRow& row,
          const std::string& what) {
  queue_notice(provider, transaction, row.user, "A machine's window on your key was " + what,
               fmt::format("{}: a window in which a machine signs with your key was {}.\n\n"
                           "Signer  {}\nKey     {}\nWindow  {}\nFrom    {}\nUntil   {}\n"
                           "For     {} signatures, {} made\nBy      {}\n",
                           provider.name(), what, row.user, row.key, to_hex(row.id),
                           to_rfc3339(row.not_before), to_rfc3339(row.not_after), row.allowed,
                           row.used, provider.world().caller));
}

// Changes the row as it stands in the transaction; `change` answers what the signer is told.
SealWindow change_window(Provider& provider, const store::SealWindowRow& before, const char* event,
                         const std::function<std::string(store::SealWindowRow&)>& change_row) {
  store::SealWindowRow row;
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    row = store::find_seal_window(provider.database(), before.id).value_or(store::SealWindowRow());
    if (row.approved_by != before.approved_by || row.credential_mac != before.credential_mac)
      throw Error(Fault::busy, "the window was changed in this moment", "", "try again");
    const std::string told = change_row(row);
    store::update_seal_window(transaction, row);
    tell(provider, transaction, row, told);
    Json details = details_of(row);
    details["used"] = row.used;
    details["approved"] = sam::approvers_of(row).size();
    return record_call(provider, transaction, group_of_user(provider.database(), row.user),
                       provider.event(event, audit::Outcome::done, row.user, std::move(details)));
  });
  return window_of(provider, std::move(row), seq);
}

}  // namespace

Time end_of_window(Time from, const std::optional<Time>& until,
                   const std::optional<std::int64_t>& seconds) {
  constexpr std::int64_t kLongest = std::int64_t{36500} * 86400;
  if (until.has_value() == seconds.has_value())
    throw Error(Fault::usage, "a window ends: give --for or --until");
  if (until) return *until;
  if (*seconds < 1 || *seconds > kLongest)
    throw Error(Fault::usage, "a window of that length cannot be opened");
  return from + std::chrono::seconds(*seconds);
}

SealWindow open_seal_window(Provider& provider, const OpenSealWindow& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  const Time now = provider.now();
  const WindowVerb verb{provider,  "seal.open",    "no window is opened",
                        user.name, Json::object(), request.dry_run};
  const store::GroupRow group = check_signer(verb, user);
  const store::KeyRow key = key_for(verb, request.key);
  const sam::NewSealWindow order{user.name,         key.id,        request.not_before.value_or(now),
                                 request.not_after, request.count, group.seal_operators};
  check_bounds(verb, order, now);
  const auto session = provider.session("signers");
  auto made = sam::make_seal_window(*session, order, provider.world().caller, now);
  if (request.dry_run) return window_of(provider, std::move(made.row));
  if (!request.hand_out)
    throw Error(Fault::input_needed, "the machine's credential has nowhere to go", "",
                "give --credential-out FILE");
  request.hand_out(made.credential);
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::insert_seal_window(transaction, made.row);
    tell(provider, transaction, made.row, order.operators > 1 ? "asked for" : "opened");
    return record_call(
        provider, transaction, user.group,
        provider.event(verb.event, audit::Outcome::done, user.name, details_of(made.row)));
  });
  return window_of(provider, std::move(made.row), seq);
}

SealWindow approve_seal_window(Provider& provider, const std::string& id, bool dry_run) {
  const store::SealWindowRow row = must_find_window(provider, id);
  const WindowVerb verb{provider,
                        "seal.approve",
                        "the window is not approved",
                        row.user,
                        {{"window", to_hex(row.id)}},
                        dry_run};
  const auto state = sam::state_of(row, provider.now());
  if (state != sam::SealWindowState::unapproved)
    verb.refuse("window-" + std::string(sam::name_of(state)),
                fmt::format("the window is {}", sam::name_of(state)));
  const auto before = sam::approvers_of(row);
  const std::string& by = provider.world().caller;
  if (std::find(before.begin(), before.end(), by) != before.end())
    verb.refuse("same-operator", by + " approved it already: another operator is needed");
  const auto session = provider.session("signers");
  sam::check_seal_window(*session, row);
  if (dry_run) return window_of(provider, row);
  return change_window(provider, row, verb.event, [&](store::SealWindowRow& changed) {
    sam::approve_seal_window(*session, changed, by);
    return std::string("approved");
  });
}

SealWindow close_seal_window(Provider& provider, const std::string& id, bool dry_run) {
  const store::SealWindowRow row = must_find_window(provider, id);
  if (dry_run || row.credential_mac.empty()) return window_of(provider, row);
  const auto session = provider.session("signers");
  return change_window(provider, row, "seal.close", [&](store::SealWindowRow& changed) {
    sam::close_seal_window(*session, changed);
    return std::string("closed");
  });
}

std::vector<SealWindow> list_seal_windows(Provider& provider, const std::string& user) {
  if (!user.empty()) must_find_user(provider, user);
  std::vector<SealWindow> out;
  for (auto& row : store::seal_windows_of(provider.database(), user))
    out.push_back(window_of(provider, std::move(row)));
  return out;
}

Json to_json(const SealWindow& window) {
  const store::SealWindowRow& row = window.row;
  return {{"window", to_hex(row.id)},
          {"user", row.user},
          {"key", row.key},
          {"state", sam::name_of(window.state)},
          {"not_before", to_rfc3339(row.not_before)},
          {"not_after", to_rfc3339(row.not_after)},
          {"count", row.allowed},
          {"used", row.used},
          {"operators", row.operators},
          {"approved_by", sam::approvers_of(row)},
          {"opened_at", to_rfc3339(row.opened_at)},
          {"audit_seq", record_json(window.audit_seq)}};
}

}  // namespace tsp::ops
