#include "ops/status.h"

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "ops/notices.h"
#include "ops/space.h"
#include "ops/tsa_clock.h"
#include "store/file_size.h"

namespace tsp::ops {
namespace {

constexpr auto kSoon = std::chrono::hours(24 * 30);
constexpr std::uint64_t kCheckedAtOnce = 64 << 20;     // octets of the store
constexpr auto kWaitsTooLong = std::chrono::hours(1);  // a notice

struct Gathered {
  bool ok = true;
  Json warnings = Json::array();
  void warn(std::string text) { warnings.push_back(std::move(text)); }
};

// Looks at the tokens without logging in.
Json hsm_status(Provider& provider, Gathered& all) {
  Json json = {{"ok", true}, {"module", ""}, {"tokens", Json::object()}};
  try {
    const auto module = provider.module();
    json["softhsm"] = module->is_softhsm();
    json["module"] = provider.config().text("hsm.module");
    for (const char* role : kTokenRoles) {
      const std::string label = provider.config().text(std::string("hsm.token.") + role);
      const bool there = module->find_token(label).has_value();
      json["tokens"][role] = {{"label", label}, {"ok", there}};
      if (there) continue;
      json["ok"] = false;
      all.warn("the HSM token " + label + " is not there");
    }
    if (module->is_softhsm()) all.warn("the HSM is SoftHSM: it is not certified; for tests only");
  } catch (const Error& error) {
    json["ok"] = false;
    json["reason"] = error.message;
    all.warn(error.message);
  }
  all.ok = all.ok && json["ok"].get<bool>();
  return json;
}

// A large store is read as a whole by tsp doctor alone: here somebody waits for the answer, and so
// does whoever waits for him.
Json store_status(Provider& provider, Gathered& all) {
  store::Database& database = provider.database();
  const std::uint64_t size = store::file_size(database);
  const bool whole = size <= kCheckedAtOnce;
  const std::string verdict = whole ? database.check() : "ok";
  if (verdict != "ok") {
    all.ok = false;
    all.warn("the store is damaged: " + verdict);
  }
  return {{"ok", verdict == "ok"}, {"size", size}, {"checked", whole}};
}

Json space_status(Provider& provider, Gathered& all) {
  const Space space = look_at_space(provider.home(), provider.config());
  if (space.low()) all.warn(space_is_low(space, "all but signing, revocation and audit").message);
  all.ok = all.ok && !space.low();
  return to_json(space);
}

// What every append looks at, and that the log is no shorter than its last checkpoint says; the
// records themselves are not read. Empty: nothing was found.
std::string damage_of_log(Provider& provider,
                          const std::optional<store::CheckpointRow>& checkpoint) {
  try {
    const std::uint64_t size = audit::frontier(provider.database()).size();
    if (checkpoint && static_cast<std::uint64_t>(checkpoint->size) > size)
      return fmt::format("it has {} records, its last checkpoint {}", size, checkpoint->size);
    return {};
  } catch (const Error& error) {
    if (error.fault != Fault::tampered) throw;
    return error.why;
  }
}

Json audit_status(Provider& provider, Gathered& all) {
  const auto open = store::open_intents(provider.database());
  const auto checkpoint = store::last_checkpoint(provider.database());
  const std::string damage = damage_of_log(provider, checkpoint);
  if (!damage.empty()) {
    all.ok = false;
    all.warn("the audit log is damaged: " + damage + "; run tsp audit verify");
  }
  Json json = {{"ok", damage.empty()},
               {"size", audit::size(provider.database())},
               {"open_intents", open.size()},
               {"checkpoint_size", nullptr}};
  if (checkpoint) json["checkpoint_size"] = checkpoint->size;
  if (!open.empty())
    all.warn(
        fmt::format("{} signatures were begun and have no result; nothing was delivered for them",
                    open.size()));
  return json;
}

Json certificate_status(Provider& provider, Gathered& all) {
  Json list = Json::array();
  const Time now = provider.now();
  for (const char* role : {"root", "issuing", "ocsp", "tsa", "sam"}) {
    const auto row = store::current_certificate(provider.database(), role);
    if (!row) {
      if (role != std::string_view("sam")) all.ok = false;  // signing goes on without
      all.warn(fmt::format("there is no valid {} certificate", role));
      continue;
    }
    list.push_back({{"role", role},
                    {"subject", row->subject},
                    {"serial", row->serial},
                    {"not_after", to_rfc3339(row->not_after)}});
    if (now > row->not_after) all.ok = false;
    if (now + kSoon > row->not_after)
      all.warn(fmt::format("the {} certificate ends {}", role, to_rfc3339(row->not_after)));
  }
  return list;
}

Json crl_status(Provider& provider, Gathered& all) {
  Json list = Json::array();
  for (const char* name : {"root", "issuing"}) {
    const auto crl = store::current_crl_head(provider.database(), name);
    if (!crl) {
      all.ok = false;
      all.warn(fmt::format("there is no CRL of the {} CA", name));
      continue;
    }
    list.push_back(
        {{"name", name}, {"number", crl->number}, {"next_update", to_rfc3339(crl->next_update)}});
    if (provider.now() > crl->next_update)
      all.warn(
          fmt::format("the {} CRL is past its next update; issue one with tsp crl issue", name));
  }
  return list;
}

Json group_status(Provider& provider) {
  Json list = Json::array();
  for (const auto& group : store::all_groups(provider.database()))
    list.push_back({{"group", group.name}, {"state", group.state}, {"enrolment", group.enrolment}});
  return list;
}

Json notice_status(Provider& provider, Gathered& all) {
  const auto oldest = store::oldest_notice(provider.database());
  if (oldest && provider.now() - *oldest > kWaitsTooLong)
    all.warn(
        fmt::format("signers are not told of what was done in their name: a notice waits since {}",
                    to_rfc3339(*oldest)));
  return notices_status(provider);
}

}  // namespace

Json status(Provider& provider) {
  Gathered all;
  Json json = {{"ok", true},
               {"name", provider.name()},
               {"home", provider.home().path},
               {"separation", provider.separation()}};
  json["hsm"] = hsm_status(provider, all);
  json["store"] = store_status(provider, all);
  json["space"] = space_status(provider, all);
  json["audit"] = audit_status(provider, all);
  json["certificates"] = certificate_status(provider, all);
  json["crl"] = crl_status(provider, all);
  json["groups"] = group_status(provider);
  json["notices"] = notice_status(provider, all);
  const ClockVerdict clock = judge_clock(provider);
  json["clock"] = {{"mode", clock.mode}, {"ok", clock.ok}, {"detail", clock.detail}};
  all.ok = all.ok && clock.ok;
  if (clock.mode == "trusted")
    all.warn("the clock is trusted as it is: time-stamps state no accuracy");
  if (provider.separation() == "none") all.warn("separation: none: this process holds every role");
  if (exists(provider.home().pin("root"))) all.warn("the root token's PIN is kept online");
  json["warnings"] = all.warnings;
  json["ok"] = all.ok;
  return json;
}

}  // namespace tsp::ops
