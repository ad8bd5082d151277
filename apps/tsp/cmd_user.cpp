#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestProofingRecord = 64 << 20;

Json enrolment_of(Invocation& run) {
  Json request{{"user", run.text("NAME")},
               {"kind", run.text("--kind", "natural")},
               {"group", run.text("--group", "default")},
               {"common_name", run.required("--common-name")}};
  constexpr std::pair<const char*, const char*> kTexts[] = {
      {"--given-name", "given_name"},
      {"--surname", "surname"},
      {"--serial-number", "serial_number"},
      {"--organization", "organization"},
      {"--organization-id", "organization_id"},
      {"--email", "email"},
      {"--country", "country"},
      {"--terms", "terms"}};
  for (const auto& [option, member] : kTexts)
    if (run.given(option)) request[member] = run.text(option);
  if (run.given("--proofing-record"))
    request["proofing_sha256"] =
        to_hex(crypto::sha256(read_file(run.text("--proofing-record"), kLargestProofingRecord)));
  return request;
}

// A group that is not there is refused by the enrolment itself.
bool enrols_in_two_steps(Invocation& run, const Json& group) {
  try {
    return text(run.call({.operation = "group show", .request = {{"group", group}}}),
                "enrolment") == "two-step";
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    return false;
  }
}

// The first of two steps: the officer has the code to hand over, and nothing else.
SecretOutput code_output(Invocation& run) {
  if (run.given("--totp-uri-out"))
    throw Error(Fault::usage, "--totp-uri-out is for enrolment in one step",
                "the signer alone gets the secret, when he activates", "see tsp help user enroll");
  return {run,
          line_order("--enrolment-code-out", "enrolment code", "Enrolment code, shown once: ")};
}

void next_by_signer(Invocation& run, const Json& receipt) {
  const std::string user = text(receipt, "user");
  run.terminal.note(fmt::format("Next, by {} alone and until {}: tsp user activate {}", user,
                                text(receipt, "code_expires_at"), user));
}

int report_enrolled(Invocation& run, const Json& receipt) {
  const bool active = text(receipt, "state") == "active";
  const std::string user = text(receipt, "user");
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (run.dry_run())
    run.terminal.out(user + " could be " + (active ? "enrolled" : "registered") +
                     "; nothing was changed");
  else
    run.terminal.out(fmt::format("{} {} ({})", active ? "Enrolled" : "Registered",
                                 run.terminal.bold(user), text(receipt, "kind")));
  if (run.dry_run()) return 0;
  if (receipt.contains("code_expires_at"))
    next_by_signer(run, receipt);
  else
    run.terminal.note("Next: tsp key generate --user " + user);
  return 0;
}

int register_signer(Invocation& run, Json request) {
  request["two_steps"] = true;
  SecretOutput code = code_output(run);
  return report_enrolled(run, call_with(run, {.request = std::move(request)}, code));
}

int renew_code(Invocation& run) {
  for (const auto& option : run.command.options)
    if (option.name != "--renew-code" && option.name != "--enrolment-code-out" &&
        run.given(option.name))
      throw Error(Fault::usage, fmt::format("{} does not go with --renew-code", option.name),
                  "the signer is registered already", "see tsp help user enroll");
  SecretOutput code = code_output(run);
  const Json receipt = call_with(
      run, {.operation = "user enroll code", .request = {{"user", run.text("NAME")}}}, code);
  const std::string user = text(receipt, "user");
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    run.terminal.out(run.dry_run() ? user + " could be given a new code; nothing was changed"
                                   : user + " has a new enrolment code; the old one is void");
  if (!run.dry_run()) next_by_signer(run, receipt);
  return 0;
}

// Factors are with an authentication service: there is nothing to ask for or to hand out.
int enroll_elsewhere(Invocation& run, Json request) {
  for (const char* option : {"--pin-from", "--totp-uri-out", "--enrolment-code-out"})
    if (run.given(option))
      throw Error(Fault::usage,
                  "--factors-elsewhere and " + std::string(option) + " exclude each other",
                  "no factor is kept here", "see tsp help user enroll");
  request["elsewhere"] = true;
  return report_enrolled(run, run.call(std::move(request)));
}

int run_user_enroll(Invocation& run) {
  if (run.flag("--renew-code")) return renew_code(run);
  Json request = enrolment_of(run);
  run.backend();
  if (run.flag("--factors-elsewhere")) return enroll_elsewhere(run, std::move(request));
  const bool wants_code = run.given("--enrolment-code-out");
  if (wants_code && run.given("--pin-from"))
    throw Error(Fault::usage, "give --pin-from or --enrolment-code-out, not both",
                "in two steps the signer alone sets his PIN", "see tsp help user enroll");
  if (!run.given("--pin-from") && (wants_code || enrols_in_two_steps(run, request.at("group"))))
    return register_signer(run, std::move(request));
  SecretOutput totp(run, uri_order(run, "--totp-uri-out", "TOTP secret"));
  ops::Call call{.request = std::move(request)};
  if (!run.dry_run())
    call.secrets.emplace("pin",
                         run.new_secret_or_ask("--pin-from", "New PIN of " + run.text("NAME")));
  return report_enrolled(run, call_with(run, std::move(call), totp));
}

int run_user_list(Invocation& run) {
  const Json receipt = run.call_all(Json::object(), "users");
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& user : receipt.at("users"))
    run.terminal.out(fmt::format("{:<20} {:<10} {:<8} {}", text(user, "user"),
                                 flag(user, "locked") ? "locked" : text(user, "state"),
                                 text(user, "kind"), printable(text(user, "common_name"))));
  if (receipt.at("users").empty()) run.terminal.note("Nobody is enrolled.");
  return 0;
}

int run_user_show(Invocation& run) {
  const Json user = run.call({{"user", run.text("NAME")}});
  if (run.terminal.json) {
    run.terminal.out_json(user);
    return 0;
  }
  const auto line = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) run.terminal.out(fmt::format("{:<16} {}", label, printable(value)));
  };
  constexpr std::pair<const char*, const char*> kLines[] = {{"user", "user"},
                                                            {"kind", "kind"},
                                                            {"group", "group"},
                                                            {"common name", "common_name"},
                                                            {"given name", "given_name"},
                                                            {"surname", "surname"},
                                                            {"serial number", "serial_number"},
                                                            {"organization", "organization"},
                                                            {"organization id", "organization_id"},
                                                            {"e-mail", "email"},
                                                            {"country", "country"},
                                                            {"proofing record", "proofing_sha256"},
                                                            {"enrolled", "created_at"}};
  line("state", text(user, "state") + (flag(user, "locked") ? ", locked" : ""));
  for (const auto& [label, member] : kLines) line(label, text(user, member));
  for (const Json& factor : user.at("factors"))
    line("factor", fmt::format("{} ({})", text(factor, "type"), integer(factor, "id")));
  for (const Json& key : user.at("keys")) line("key", key.get<std::string>());
  for (const Json& serial : user.at("certificates")) line("certificate", serial.get<std::string>());
  line("tries left", fmt::format("{}", integer(user, "tries_left")));
  return 0;
}

// Of suspend, resume and unlock.
int run_user_state(Invocation& run) {
  const Json receipt = run.call({{"user", run.text("NAME")}});
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (run.dry_run())
    run.terminal.out(text(receipt, "user") + " would be " + text(receipt, "state") +
                     "; nothing was changed");
  else
    run.terminal.out(fmt::format("{} is {}{}", text(receipt, "user"), text(receipt, "state"),
                                 flag(receipt, "changed") ? "" : " already"));
  return 0;
}

}  // namespace

std::vector<Command> user_commands() {
  return {
      {.path = "user enroll",
       .summary = "register a signer",
       .details =
           "In one step, where the group allows it, with PIN and one-time codes: stores the "
           "identity, the PIN's verifier and a TOTP secret. The secret is shown once: as a QR "
           "code on the terminal, in a 0600 file, or in the JSON with --totp-uri-out -.\n\nIn two "
           "steps, where the group asks for it or with --enrolment-code-out: stores the identity "
           "alone and hands out an enrolment code, once, on the terminal, in a 0600 file, or in "
           "the JSON with --enrolment-code-out -. The signer alone activates with it (tsp user "
           "activate), so that no officer knows what he signs with. The code is good once and for "
           "14 days; --renew-code makes another.\n\nA PIN has at least 6 characters and is no "
           "repetition, no straight run and no common PIN.",
       .operands = {kSignerName},
       .options =
           {{"--common-name", "CN",
             "name as it stands in certificates; needed but with --renew-code"},
            {"--given-name", "NAME",
             "given name of a natural person; with neither given name nor surname they are the "
             "common name before and after its last space"},
            {"--surname", "NAME", "surname of a natural person"},
            {"--serial-number", "ID", "identifier after EN 319 412-1, such as PNOLU-1234567"},
            {"--organization", "NAME", "registered name of a legal person"},
            {"--organization-id", "ID", "identifier after EN 319 412-1, such as VATLU-12345678"},
            {"--email", "ADDRESS", "where notices go"},
            {"--country", "CC", "two-letter country (else the TSP's)"},
            {"--kind", "KIND", "a person or an organisation", Takes::value, "natural|legal"},
            {"--group", "GROUP", "the group whose rules apply (else default)"},
            {"--proofing-record", "FILE", "evidence of the identity check; its SHA-256 is kept"},
            {"--terms", "VERSION", "version of the terms that the signer accepted"},
            {"--pin-from", "SOURCE",
             "in one step, where the new PIN comes from: prompt, fd:N, file:PATH, "
             "env:VAR, cred:NAME"},
            {"--totp-uri-out", "FILE|-", "in one step, where the TOTP secret goes"},
            {"--enrolment-code-out", "FILE|-", "in two steps, where the enrolment code goes"},
            {"--factors-elsewhere", "",
             "no factors: an authentication service checks them (tsp serve --role sign)",
             Takes::nothing},
            {"--renew-code", "", "another code for a signer who has yet to activate",
             Takes::nothing}},
       .exits = {7, 8, 9, 10, 11, 12, 14, 75},
       .examples =
           {"tsp user enroll alice --common-name \"Alice Martin\" --given-name Alice --surname "
            "Martin",
            "tsp user enroll alice --common-name \"Alice Martin\" --pin-from file:alice.pin "
            "--totp-uri-out alice.totp",
            "tsp user enroll alice --common-name \"Alice Martin\" --enrolment-code-out alice.code",
            "tsp user enroll alice --renew-code"},
       .changes_state = true,
       .run = &run_user_enroll},
      {.path = "user list",
       .summary = "list the signers",
       .details = "One line a signer: name, state, kind and common name.",
       .operands = {},
       .options = {},
       .exits = {9},
       .examples = {"tsp user list --json"},
       .run = &run_user_list},
      {.path = "user show",
       .summary = "show a signer with factors, keys and certificates",
       .details = "Shows what is registered; never a secret.",
       .operands = {kSignerName},
       .options = {},
       .exits = {9},
       .examples = {"tsp user show alice"},
       .run = &run_user_show},
      {.path = "user suspend",
       .summary = "stop a signer from signing, at once",
       .details =
           "The next signature is refused, also under an approval already given. Certificates stay "
           "as they are.",
       .operands = {kSignerName},
       .options = {},
       .exits = {8, 9, 11, 75},
       .examples = {"tsp user suspend alice"},
       .changes_state = true,
       .run = &run_user_state},
      {.path = "user resume",
       .summary = "let a suspended signer sign again",
       .details =
           "Undoes tsp user suspend. Who has yet to activate is not made active by it: he does so "
           "himself, with tsp user activate.",
       .operands = {kSignerName},
       .options = {},
       .exits = {8, 9, 11, 14, 75},
       .examples = {"tsp user resume alice"},
       .changes_state = true,
       .run = &run_user_state},
      {.path = "user unlock",
       .summary = "give a locked-out signer his tries back",
       .details = "For the officer, after the signer was identified anew.",
       .operands = {kSignerName},
       .options = {},
       .exits = {8, 9, 11, 14, 75},
       .examples = {"tsp user unlock alice"},
       .changes_state = true,
       .run = &run_user_state},
  };
}

}  // namespace tsp::app
