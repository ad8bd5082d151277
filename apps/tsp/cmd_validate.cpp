#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/text.h"
#include "hint.h"
#include "invocation.h"
#include "ops/report.h"
#include "ops/report_words.h"
#include "ops/validate_many.h"

namespace tsp::app {
namespace {

using validation::Indication;

std::string painted(const Terminal& terminal, Indication indication) {
  const auto name = validation::name_of(indication);
  if (indication == Indication::total_passed) return terminal.good(name);
  return indication == Indication::total_failed ? terminal.bad(name) : terminal.warn(name);
}

void line(Terminal& terminal, std::string_view label, const std::string& text) {
  if (!text.empty()) terminal.out(fmt::format("    {:<11} {}", label, printable(text)));
}

std::string moment(const std::optional<Time>& time) {
  return time ? to_rfc3339(*time) : std::string();
}

std::string extension_of(const validation::SignatureResult& signature) {
  if (!signature.extend_before) return {};
  const std::string& why = signature.extend_before_because;
  return to_rfc3339(*signature.extend_before) + (why.empty() ? "" : ": " + why);
}

void show_signature(Terminal& terminal, const validation::SignatureResult& signature) {
  terminal.out(fmt::format(
      "  {}  {}{}  {}", printable(signature.id), painted(terminal, signature.indication),
      signature.sub_indication.empty() ? "" : " " + signature.sub_indication, signature.level));
  line(terminal, "why", std::string(ops::explain(signature.sub_indication)));
  line(terminal, "signer", signature.signer);
  line(terminal, "claimed", moment(signature.claimed_signing_time));
  line(terminal, "proven", moment(signature.best_signature_time));
  for (const auto& stamp : signature.timestamps)
    line(terminal, "time-stamp",
         fmt::format("{} {} by {}", stamp.time ? to_rfc3339(*stamp.time) : "?",
                     validation::name_of(stamp.indication), stamp.tsa));
  line(terminal, "covers",
       signature.coverage +
           (signature.modifications.empty() ? "" : ", later changes: " + signature.modifications));
  line(terminal, "next level", signature.next_level_lacks);
  line(terminal, "extend by", extension_of(signature));
  for (const auto& finding : signature.findings)
    line(terminal, validation::name_of(finding.severity),
         fmt::format("{} ({})", finding.detail, finding.id));
}

void show_report(Terminal& terminal, const validation::Report& report) {
  terminal.out(fmt::format("{}{}  {}", painted(terminal, report.indication),
                           report.sub_indication.empty() ? "" : " " + report.sub_indication,
                           printable(report.file)));
  for (const auto& finding : report.findings)
    terminal.out(fmt::format("  {:<8}  {} ({})", validation::name_of(finding.severity),
                             printable(finding.detail), finding.id));
  for (const auto& signature : report.signatures) show_signature(terminal, signature);
}

// One of many documents.
void show_report_line(Terminal& terminal, const validation::Report& report) {
  std::string findings;
  for (const validation::SignatureResult& signature : report.signatures)
    for (const validation::Finding& finding : signature.findings)
      if (finding.severity == validation::Severity::error) findings += " " + finding.id;
  terminal.out(fmt::format("{}{}  {}{}", painted(terminal, report.indication),
                           report.sub_indication.empty() ? "" : " " + report.sub_indication,
                           printable(report.file), findings.empty() ? "" : " " + findings));
}

// How many documents came to which end.
class Tally {
 public:
  void add(const ops::Validated& result) {
    ++all_;
    if (result.error)
      ++unread_;
    else
      ++ends_[result.report->indication];
  }
  std::string told() const {
    std::string out = fmt::format("{} documents", all_);
    for (const auto& [indication, count] : ends_)
      out += fmt::format(", {} {}", count, validation::name_of(indication));
    return unread_ == 0 ? out : out + fmt::format(", {} not validated", unread_);
  }

 private:
  std::size_t all_ = 0, unread_ = 0;
  std::map<Indication, std::size_t> ends_;
};

int exit_of(Indication indication) {
  if (indication == Indication::total_passed) return 0;
  return indication == Indication::total_failed ? 3 : 4;
}

// What was found, kept in a file of its own that appears whole: JSON a line for each document, or
// one XML or HTML of all of them. The name tells which.
class ReportOutput {
 public:
  explicit ReportOutput(const Invocation& run) {
    if (!run.given("--report")) return;
    const std::string path = run.text("--report");
    format_ = path.substr(std::min(path.rfind('.'), path.size()));
    const bool known = format_ == ".json" || format_ == ".xml" || format_ == ".html";
    if (!known || file_name_of(path) == format_)
      throw Error(Fault::usage, "--report " + printable(path) + " is not understood",
                  "the name tells the format", "name FILE.json, FILE.xml or FILE.html");
    file_ = run.replaceable_output("--report");
  }
  void add(const validation::Report& report) {
    if (!file_) return;
    if (format_ == ".json") return write(dump(ops::to_json(report)) + "\n");
    reports_.push_back(report);
  }
  void add(const std::string& file, const Error& error, const Json& json) {
    if (!file_) return;
    if (format_ == ".json") return write(dump(json) + "\n");
    failed_.push_back({file, error.message});
  }
  void keep() {
    if (!file_) return;
    if (format_ == ".html") write(ops::report_html(reports_, failed_));
    // The standard's report is of signatures: there is none of a file that could not be read.
    if (format_ == ".xml" && reports_.empty())
      throw Error(Fault::failed, "there is nothing to report", "no file could be read");
    if (format_ == ".xml") write(ops::report_xml(reports_));
    file_->keep();
  }

 private:
  void write(const std::string& text) { file_->write(as_bytes(text)); }
  std::string format_;
  std::unique_ptr<OutputFile> file_;
  std::vector<validation::Report> reports_;
  std::vector<ops::NotValidated> failed_;
};

Json error_json(const Command& command, const std::string& file, const Error& error) {
  const FaultRow& row = fault_row(error.fault);
  return {{"file", file},
          {"error",
           {{"code", row.name},
            {"message", error.message},
            {"hint", hint_of(error, &command)},
            {"exit", row.exit_status},
            {"audit_seq", nullptr}}}};
}

void tell_validation(Terminal& terminal, const ops::ValidateDocument& request) {
  terminal.detail(request.home  ? "Trusting the TSP of the home folder"
                  : request.own ? "Trusting the TSP of the server"
                                : "There is no TSP in the home folder to trust");
  for (const std::string& path : request.trust) terminal.detail("Trusting " + printable(path));
  terminal.detail("Judging as of " + (request.at ? to_rfc3339(*request.at) : "now") +
                  (request.offline ? ", fetching nothing" : ""));
}

int run_validate(Invocation& run) {
  ReportOutput report_file(run);
  const ops::World world = run.world();
  ops::ValidateDocument request;
  request.trust = run.texts("--trust");
  request.at = run.time("--at");
  request.offline = run.flag("--offline");
  if (run.given("--policy")) request.policy = ops::load_validation_policy(run.text("--policy"));
  const ops::Home home = run.home();
  if (home.stands() && !run.names_server())
    request.home = home;
  else if (ops::Backend* backend = run.backend_if_any())
    request.own = backend->evidence({}, ops::Crls::give);
  request.kept_trust =
      std::make_shared<const ops::LoadedTrust>(ops::load_trust(home, world.clock.now()));
  tell_validation(run.terminal, request);
  const auto files = run.texts("FILE");
  std::vector<int> exits;
  Tally tally;
  ops::validate_many(world, request, files, [&](const ops::Validated& result) {
    throw_if_interrupted();
    if (result.error && (files.size() == 1 || result.error->fault == Fault::interrupted))
      throw Error(*result.error);
    exits.push_back(result.error ? fault_row(result.error->fault).exit_status
                                 : exit_of(result.report->indication));
    const Json json = result.error ? error_json(run.command, result.file, *result.error)
                                   : ops::to_json(*result.report);
    if (result.error)
      report_file.add(result.file, *result.error, json);
    else
      report_file.add(*result.report);
    tally.add(result);
    if (run.terminal.json)
      run.terminal.out_json(json);
    else if (result.error)
      run.terminal.error("tsp: " + printable(result.error->message));
    else if (files.size() == 1 || run.terminal.verbose)
      show_report(run.terminal, *result.report);
    else
      show_report_line(run.terminal, *result.report);
  });
  if (files.size() > 1 && !run.terminal.json) run.terminal.out(tally.told());
  report_file.keep();
  return combined_exit(exits);
}

}  // namespace

std::vector<Command> validate_commands() {
  return {
      {.path = "validate",
       .summary = "validate the signatures of documents",
       .details =
           "Judges each signature after EN 319 102-1: TOTAL-PASSED, TOTAL-FAILED (exit 3) or "
           "INDETERMINATE (exit 4), with sub-indication and findings. Trusts the TSP of the home "
           "folder, or, where there is none or --socket or TSP_SOCKET names a server, that of the "
           "server that answers; what tsp trust keeps in the home folder; and what --trust names. "
           "Nothing else.",
       .operands = {{"FILE", Count::many, "documents to judge"}},
       .options = {{"--trust", "PEM|DIR", "a trusted root certificate, or a folder of them",
                    Takes::values},
                   {"--policy", "FILE", "judge by the constraints of this validation policy"},
                   {"--at", "TIME", "judge as of this moment"},
                   {"--offline", "", "fetch nothing", Takes::nothing},
                   {"--report", "FILE.json|xml|html",
                    "keep a report: what --json prints, XML after ETSI TS 119 102-2, or a page to "
                    "look at"},
                   {"--force", "", "replace an existing report", Takes::nothing}},
       .exits = {3, 4, 9, 10, 11, 75, 130},
       .examples = {"tsp validate agreement-signed.pdf",
                    "tsp validate --trust root.pem --json *.pdf",
                    "tsp validate --policy strict.yaml archive/*.pdf",
                    "tsp validate agreement-signed.pdf --report agreement.html"},
       .parses_documents = true,
       .run = &run_validate}};
}

}  // namespace tsp::app
