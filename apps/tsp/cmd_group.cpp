#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"
#include "ops/accounting.h"
#include "ops/groups.h"
#include "qr.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

// "default" takes back what was set.
std::optional<std::int64_t> documents_of(const Invocation& run) {
  if (!run.given("--documents")) return std::nullopt;
  if (run.text("--documents") == "default") return 0;
  const auto documents = run.integer("--documents");
  if (*documents < 1)
    throw Error(Fault::usage, "--documents takes a number from 1 on, or the word default");
  return documents;
}

std::optional<std::chrono::seconds> approval_of(const Invocation& run) {
  if (!run.given("--approval")) return std::nullopt;
  const std::string text = run.text("--approval");
  if (text == "default") return std::chrono::seconds(0);
  const auto approval = ops::parse_duration(text);
  if (!approval || approval->count() == 0)
    throw Error(Fault::usage, "--approval " + printable(text) + " is no duration",
                "it looks like 90s or 5m, or is the word default");
  return approval;
}

ops::EditGroup rules_of(const Invocation& run) {
  ops::EditGroup request;
  request.name = run.text("NAME");
  const auto take = [&](const char* option, std::optional<std::string>& into) {
    if (run.given(option)) into = run.text(option);
  };
  take("--profile", request.profile);
  if (request.profile == "default") request.profile = "";
  take("--factors-scal1", request.factors_scal1);
  take("--factors-scal2", request.factors_scal2);
  take("--enrolment", request.enrolment);
  if (run.given("--bare-hashes")) request.bare_hashes = run.text("--bare-hashes") == "yes";
  if (run.given("--seal-operators")) request.seal_operators = run.integer("--seal-operators");
  request.documents = documents_of(run);
  request.approval = approval_of(run);
  request.dry_run = run.dry_run();
  return request;
}

std::string limits_of(const ops::GroupInfo& group) {
  return fmt::format("{} documents under one approval, {}s", group.documents,
                     group.approval.count());
}

void show_group(Terminal& terminal, const ops::GroupInfo& group) {
  const auto line = [&](std::string_view label, std::string_view text) {
    terminal.out(fmt::format("{:<16} {}", label, text));
  };
  const store::GroupRow& row = group.row;
  line("group", row.name);
  line("state", row.state);
  line("profile", row.profile.empty() ? "by the kind of person" : row.profile);
  line("CA", row.ca);
  line("SCAL 1 needs", row.factors_scal1);
  line("SCAL 2 needs", row.factors_scal2);
  line("enrolment", row.enrolment);
  line("bare hashes", row.bare_hashes ? "yes" : "no");
  line("machines", row.seal_operators == 0
                       ? "sign for nobody"
                       : fmt::format("sign in windows approved by {}", row.seal_operators));
  line("limits", limits_of(group));
  line("API key", row.api_key_sha256.empty() ? "none" : "set");
  line("signers", std::to_string(group.signers));
  if (row.created_at != Time{}) line("added", to_rfc3339(row.created_at));
}

// Runs `change`, with a new API key shown where one is made.
template <typename Change>
ops::GroupChanged run_with_key(Invocation& run, ops::EditGroup& request, Json& json,
                               const Change& change) {
  if (request.api_key != ops::EditGroup::ApiKey::make) {
    if (run.given("--api-key-out"))
      throw Error(Fault::usage, "--api-key-out has nothing to show", "no API key is made",
                  "ask for one with --api-key new");
    const ops::GroupChanged receipt = change(run.provider(), request);
    json = ops::to_json(receipt);
    return receipt;
  }
  ops::Provider& provider = run.provider();
  SecretOutput output(run, "--api-key-out", "API key");
  request.hand_out = [&](Secret key) {
    output.deliver(run, std::move(key), [](const Secret& shown) {
      show_line_on_terminal("The API key; it is shown once: ", shown);
    });
  };
  try {
    const ops::GroupChanged receipt = change(provider, request);
    json = ops::to_json(receipt);
    output.add_to(json, "api_key");
    return receipt;
  } catch (const Error&) {
    output.take_back();
    throw;
  }
}

int run_add(Invocation& run) {
  ops::EditGroup request = rules_of(run);
  request.api_key = run.text("--api-key", "new") == "new" ? ops::EditGroup::ApiKey::make
                                                          : ops::EditGroup::ApiKey::keep;
  Json json;
  const ops::GroupChanged receipt = run_with_key(run, request, json, &ops::add_group);
  if (run.terminal.json)
    run.terminal.out_json(json);
  else if (run.dry_run())
    run.terminal.out(request.name + " could be added; nothing was changed");
  else
    run.terminal.out("Added the group " + run.terminal.bold(receipt.group.row.name));
  if (receipt.group.row.enrolment == "one-step")
    run.terminal.note("Its signers are enrolled in one step: the officer sees PIN and secret.");
  return 0;
}

int run_set(Invocation& run) {
  ops::EditGroup request = rules_of(run);
  if (run.given("--state")) request.state = run.text("--state");
  if (run.given("--api-key"))
    request.api_key = run.text("--api-key") == "new" ? ops::EditGroup::ApiKey::make
                                                     : ops::EditGroup::ApiKey::none;
  bool anything = false;
  for (const char* option :
       {"--profile", "--factors-scal1", "--factors-scal2", "--enrolment", "--bare-hashes",
        "--documents", "--approval", "--seal-operators", "--state", "--api-key"})
    anything = anything || run.given(option);
  if (!anything)
    throw Error(Fault::usage, "tsp group set has nothing to set", "", "see tsp help group set");
  Json json;
  const ops::GroupChanged receipt = run_with_key(run, request, json, &ops::set_group);
  if (run.terminal.json)
    run.terminal.out_json(json);
  else if (!receipt.changed)
    run.terminal.out("The group " + request.name + " is so already");
  else if (run.dry_run())
    run.terminal.out("the group " + request.name + " could be changed; nothing was changed");
  else
    run.terminal.out("Changed the group " + run.terminal.bold(request.name));
  return 0;
}

int run_list(Invocation& run) {
  const auto groups = ops::list_groups(run.provider());
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& group : groups) list.push_back(ops::to_json(group));
    run.terminal.out_json(Json{{"groups", list}});
    return 0;
  }
  for (const auto& group : groups)
    run.terminal.out(fmt::format("{:<20} {:<10} {:<9} {:<12} {:<12} {}", group.row.name,
                                 group.row.state, group.row.enrolment, group.row.factors_scal1,
                                 group.row.factors_scal2, group.signers));
  return 0;
}

int run_show(Invocation& run) {
  const ops::GroupInfo group = ops::show_group(run.provider(), run.text("NAME"));
  if (run.terminal.json)
    run.terminal.out_json(ops::to_json(group));
  else
    show_group(run.terminal, group);
  return 0;
}

int run_report(Invocation& run) {
  const Json report = ops::to_json(ops::report_group(
      run.provider(), {run.text("NAME"), run.time("--since"), run.time("--until")}));
  if (run.terminal.json) {
    run.terminal.out_json(report);
    return 0;
  }
  const auto line = [&](const std::string& day, const Json& row) {
    const std::string group = row.at("group").is_null() ? "-" : row.at("group").get<std::string>();
    run.terminal.out(fmt::format(
        "{:<10} {:<20} {:<16} {:<8} {:>8}", day, group, row.at("operation").get<std::string>(),
        row.at("outcome").get<std::string>(), row.at("calls").get<std::int64_t>()));
  };
  for (const Json& row : report.at("calls")) line(row.at("day").get<std::string>(), row);
  for (const Json& row : report.at("totals")) line("total", row);
  if (report.at("calls").empty()) run.terminal.note("Nothing was called.");
  return 0;
}

const OperandSpec kName{"NAME", Count::one, "the group's name"};

std::vector<OptionSpec> rules() {
  return {
      {"--profile", "PROFILE",
       "the certificate profile of its signers; default: by the kind of person"},
      {"--factors-scal1", "FACTORS",
       "what a signature with a SCAL 1 key needs, such as pin+totp; alternatives are joined by |"},
      {"--factors-scal2", "FACTORS",
       "what a signature with a SCAL 2 key needs, such as pin+device or pin+device|pin+ocra"},
      {"--enrolment", "STEPS", "how its signers are enrolled", Takes::value, "one-step|two-step"},
      {"--bare-hashes", "yes|no", "whether hashes are signed whose content is unknown",
       Takes::value, "yes|no"},
      {"--documents", "N",
       "most documents under one approval, or default; at most sign.documents of the "
       "configuration"},
      {"--approval", "TIME",
       "how long an approval may be used, such as 5m, or default; at most sign.approval"},
      {"--seal-operators", "N",
       "how many operators approve a window in which a machine signs for a legal person of the "
       "group; 0: none is opened (else 1)",
       Takes::value, "0|1|2"},
  };
}

std::vector<OptionSpec> with(std::vector<OptionSpec> options, std::vector<OptionSpec> more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

const OptionSpec kApiKeyOut{"--api-key-out", "FILE|-", "where a new API key goes"};

}  // namespace

std::vector<Command> group_commands() {
  return {
      {.path = "group add",
       .summary = "add a group of signers, for one service provider",
       .details =
           "A group says which certificates its signers get, which factors they need, how they are "
           "enrolled, and what one approval may cover; its calls are counted apart. What is not "
           "given is as in the group default, which is there from the start.\n\nThe API key is "
           "what the service provider's applications show. It is shown once: on the terminal, in "
           "a 0600 file, or in the JSON with --api-key-out -. Only its SHA-256 is kept.",
       .operands = {kName},
       .options = with(rules(), {{"--api-key", "new|none", "whether it gets an API key",
                                  Takes::value, "new|none"},
                                 kApiKeyOut}),
       .exits = {8, 9, 10, 11, 12, 75},
       .examples = {"tsp group add notaries --api-key-out notaries.key",
                    "tsp group add bank --factors-scal2 'pin+device|pin+ocra' --enrolment two-step "
                    "--bare-hashes no --documents 50 --approval 2m --api-key-out bank.key"},
       .changes_state = true,
       .run = &run_add},
      {.path = "group list",
       .summary = "list the groups",
       .details = "One line a group: name, state, enrolment, the factors of SCAL 1 and of SCAL 2, "
                  "number of signers.",
       .operands = {},
       .options = {},
       .exits = {9},
       .examples = {"tsp group list --json"},
       .run = &run_list},
      {.path = "group show",
       .summary = "show a group's rules",
       .details = "Shows the rules and the limits in force. Of an API key only whether there is "
                  "one.",
       .operands = {kName},
       .options = {},
       .exits = {9},
       .examples = {"tsp group show default"},
       .run = &run_show},
      {.path = "group set",
       .summary = "change a group's rules, state or API key",
       .details =
           "What is not named stays. The change holds for the next signature, enrolment and "
           "certificate; certificates that were issued stay as they are.\n\nA suspended group's "
           "signers get no certificate, and nobody is enrolled into it. A new API key takes the "
           "place of the one before, which is good for nothing from then on.",
       .operands = {kName},
       .options = with(rules(), {{"--state", "STATE", "suspended: stopped until it is active again",
                                  Takes::value, "active|suspended"},
                                 {"--api-key", "new|none", "a new API key, or none from now on",
                                  Takes::value, "new|none"},
                                 kApiKeyOut}),
       .exits = {8, 9, 10, 11, 12, 75},
       .examples = {"tsp group set bank --state suspended",
                    "tsp group set bank --api-key new --api-key-out bank.key"},
       .changes_state = true,
       .run = &run_set},
      {.path = "group report",
       .summary = "report a group's calls, by day, operation and outcome",
       .details =
           "Counts what was done and what was refused or failed. Without a name: of every group, "
           "and, with a dash for the group, what concerns no signer, such as time-stamps. Days "
           "are those of UTC.",
       .operands = {{"NAME", Count::optional, "the group's name"}},
       .options = {{"--since", "DATE", "from this day on"},
                   {"--until", "DATE", "up to this day, included"}},
       .exits = {9},
       .examples = {"tsp group report bank --since 2026-11-01 --until 2026-11-30 --json"},
       .run = &run_report},
  };
}

}  // namespace tsp::app
