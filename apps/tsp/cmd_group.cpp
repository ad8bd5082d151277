#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

// "default" takes back what was set.
std::optional<std::int64_t> most_documents_of(const Invocation& run) {
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

Json rules_of(const Invocation& run) {
  Json request{{"group", run.text("NAME")}};
  const auto take = [&](const char* option, const char* member) {
    if (run.given(option)) request[member] = run.text(option);
  };
  take("--profile", "profile");
  if (run.text("--profile") == "default") request["profile"] = "";
  take("--factors-scal1", "factors_scal1");
  take("--factors-scal2", "factors_scal2");
  take("--enrolment", "enrolment");
  if (run.given("--bare-hashes")) request["bare_hashes"] = run.text("--bare-hashes") == "yes";
  if (run.given("--list-credentials"))
    request["lists_credentials"] = run.text("--list-credentials") == "yes";
  if (const auto operators = run.integer("--seal-operators"))
    request["seal_operators"] = *operators;
  if (const auto documents = most_documents_of(run)) request["documents"] = *documents;
  if (const auto approval = approval_of(run)) request["approval_seconds"] = approval->count();
  return request;
}

void show_group(Terminal& terminal, const Json& group) {
  const auto line = [&](std::string_view label, std::string_view value) {
    terminal.out(fmt::format("{:<16} {}", label, value));
  };
  const std::string profile = text(group, "profile"), added = text(group, "created_at");
  const std::int64_t operators = integer(group, "seal_operators");
  line("group", text(group, "group"));
  line("state", text(group, "state"));
  line("profile", profile.empty() ? "by the kind of person" : profile);
  line("CA", text(group, "ca"));
  line("SCAL 1 needs", text(group, "factors_scal1"));
  line("SCAL 2 needs", text(group, "factors_scal2"));
  line("enrolment", text(group, "enrolment"));
  line("bare hashes", flag(group, "bare_hashes") ? "yes" : "no");
  line("machines", operators == 0 ? "sign for nobody"
                                  : fmt::format("sign in windows approved by {}", operators));
  line("limits", fmt::format("{} documents under one approval, {}s", integer(group, "documents"),
                             integer(group, "approval_seconds")));
  line("API key", flag(group, "has_api_key") ? "set" : "none");
  line("lists", flag(group, "lists_credentials") ? "credentials, to the holder of the API key"
                                                 : "no credentials");
  line("signers", std::to_string(integer(group, "signers")));
  if (!added.empty()) line("added", added);
}

// With a new API key shown where one is made.
Json change_group(Invocation& run, Json request) {
  if (text(request, "api_key") == "new") {
    run.backend();
    SecretOutput output(run,
                        line_order("--api-key-out", "API key", "The API key; it is shown once: "));
    return call_with(run, {.request = std::move(request)}, output);
  }
  if (run.given("--api-key-out"))
    throw Error(Fault::usage, "--api-key-out has nothing to show", "no API key is made",
                "ask for one with --api-key new");
  return run.call(std::move(request));
}

int run_group_add(Invocation& run) {
  Json request = rules_of(run);
  request["api_key"] = run.text("--api-key", "new");
  const Json receipt = change_group(run, std::move(request));
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (run.dry_run())
    run.terminal.out(run.text("NAME") + " could be added; nothing was changed");
  else
    run.terminal.out("Added the group " + run.terminal.bold(text(receipt, "group")));
  if (text(receipt, "enrolment") == "one-step")
    run.terminal.note("Its signers are enrolled in one step: the officer sees PIN and secret.");
  return 0;
}

int run_group_set(Invocation& run) {
  Json request = rules_of(run);
  if (run.given("--state")) request["state"] = run.text("--state");
  if (run.given("--api-key")) request["api_key"] = run.text("--api-key");
  if (request.size() == 1)
    throw Error(Fault::usage, "tsp group set has nothing to set", "", "see tsp help group set");
  request.emplace("api_key", "keep");
  const Json receipt = change_group(run, std::move(request));
  const std::string name = text(receipt, "group");
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (!flag(receipt, "changed"))
    run.terminal.out("The group " + name + " is so already");
  else if (run.dry_run())
    run.terminal.out("the group " + name + " could be changed; nothing was changed");
  else
    run.terminal.out("Changed the group " + run.terminal.bold(name));
  return 0;
}

int run_group_list(Invocation& run) {
  const Json receipt = run.call(Json::object());
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& group : receipt.at("groups"))
    run.terminal.out(fmt::format("{:<20} {:<10} {:<9} {:<12} {:<12} {}", text(group, "group"),
                                 text(group, "state"), text(group, "enrolment"),
                                 text(group, "factors_scal1"), text(group, "factors_scal2"),
                                 integer(group, "signers")));
  return 0;
}

int run_group_show(Invocation& run) {
  const Json group = run.call({{"group", run.text("NAME")}});
  if (run.terminal.json)
    run.terminal.out_json(group);
  else
    show_group(run.terminal, group);
  return 0;
}

int run_group_report(Invocation& run) {
  Json request = Json::object();
  if (run.given("NAME")) request["group"] = run.text("NAME");
  run.add_time(request, "--since", "since");
  run.add_time(request, "--until", "until");
  const Json report = run.call(std::move(request));
  if (run.terminal.json) {
    run.terminal.out_json(report);
    return 0;
  }
  const auto line = [&](const std::string& day, const Json& row) {
    const std::string group = text(row, "group");
    run.terminal.out(fmt::format("{:<10} {:<20} {:<16} {:<8} {:>8}", day,
                                 group.empty() ? "-" : group, text(row, "operation"),
                                 text(row, "outcome"), integer(row, "calls")));
  };
  for (const Json& row : report.at("calls")) line(text(row, "day"), row);
  for (const Json& row : report.at("totals")) line("total", row);
  if (report.at("calls").empty()) run.terminal.note("Nothing was called.");
  return 0;
}

const OperandSpec kGroupName{"NAME", Count::one, "the group's name"};

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
      {"--list-credentials", "yes|no",
       "whether the holder of its API key may list its signers' credentials (else no)",
       Takes::value, "yes|no"},
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
       .operands = {kGroupName},
       .options = with(rules(), {{"--api-key", "new|none", "whether it gets an API key",
                                  Takes::value, "new|none"},
                                 kApiKeyOut}),
       .exits = {8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp group add notaries --api-key-out notaries.key",
                    "tsp group add bank --factors-scal2 'pin+device|pin+ocra' --enrolment two-step "
                    "--bare-hashes no --documents 50 --approval 2m --api-key-out bank.key"},
       .changes_state = true,
       .run = &run_group_add},
      {.path = "group list",
       .summary = "list the groups",
       .details = "One line a group: name, state, enrolment, the factors of SCAL 1 and of SCAL 2, "
                  "number of signers.",
       .operands = {},
       .options = {},
       .exits = {9},
       .examples = {"tsp group list --json"},
       .run = &run_group_list},
      {.path = "group show",
       .summary = "show a group's rules",
       .details = "Shows the rules and the limits in force. Of an API key only whether there is "
                  "one.",
       .operands = {kGroupName},
       .options = {},
       .exits = {9},
       .examples = {"tsp group show default"},
       .run = &run_group_show},
      {.path = "group set",
       .summary = "change a group's rules, state or API key",
       .details =
           "What is not named stays. The change holds for the next signature, enrolment and "
           "certificate; certificates that were issued stay as they are.\n\nA suspended group's "
           "signers get no certificate, and nobody is enrolled into it. A new API key takes the "
           "place of the one before, which is good for nothing from then on.",
       .operands = {kGroupName},
       .options = with(rules(), {{"--state", "STATE", "suspended: stopped until it is active again",
                                  Takes::value, "active|suspended"},
                                 {"--api-key", "new|none", "a new API key, or none from now on",
                                  Takes::value, "new|none"},
                                 kApiKeyOut}),
       .exits = {8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp group set bank --state suspended",
                    "tsp group set bank --api-key new --api-key-out bank.key"},
       .changes_state = true,
       .run = &run_group_set},
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
       .run = &run_group_report},
  };
}

}  // namespace tsp::app
