#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "invocation.h"
#include "ops/extend_documents.h"
#include "sign_request.h"

namespace tsp::app {
namespace {

constexpr std::int64_t kMostDays = 36500;

struct Operand {
  std::string path;
  bool of_archive = false;  // found in a folder: files without signatures are passed over
};

std::vector<Operand> operands_of(const Invocation& run) {
  std::vector<Operand> out;
  bool folders = false;
  for (const std::string& each : run.texts("FILE")) {
    std::error_code error;
    if (!std::filesystem::is_directory(each, error)) {
      out.push_back({each});
      continue;
    }
    folders = true;
    for (std::string& file : ops::documents_below(each)) out.push_back({std::move(file), true});
  }
  if (out.size() > 1 &&
      std::any_of(out.begin(), out.end(), [](const Operand& each) { return each.path == "-"; }))
    throw Error(Fault::usage, "standard input is extended alone",
                "its extension is standard output", "leave the other files to another call");
  if (run.given("-o") && (folders || out.size() > 1))
    throw Error(Fault::usage, "-o names one output, but there are several files", "",
                "leave it out: each file is replaced by its extension");
  return out;
}

ops::ExtendDocuments request_of(const Invocation& run, bool whole_archive) {
  ops::ExtendDocuments request;
  request.level = run.text("--level", "B-LTA");
  if (const auto days = run.integer("--due")) {
    if (*days < 0 || *days > kMostDays)
      throw Error(Fault::usage, "--due takes a number of days, 0 to 36500");
    request.due_days = static_cast<int>(*days);
  }
  if (whole_archive && !request.due_days)
    throw Error(Fault::usage, "a folder is extended with --due DAYS alone",
                "without it every file would get another time-stamp each time",
                "give --due DAYS, for example --due 90");
  request.long_term = long_term_options(run);
  request.force = run.flag("--force");
  request.dry_run = run.dry_run();
  return request;
}

void show_extended(Terminal& terminal, const ops::ExtendedDocument& result, bool dry_run) {
  const std::string name = printable(result.output == "-" ? result.input : result.output);
  const std::string levels = result.level_before == result.level || dry_run
                                 ? result.level
                                 : fmt::format("{} to {}", result.level_before, result.level);
  const std::string until =
      result.extend_before ? ", extend before " + to_rfc3339(*result.extend_before) : "";
  const char* word = !result.changed ? "Unchanged" : dry_run ? "Due" : "Extended";
  if (result.output != "-") terminal.out(fmt::format("{} {} ({}{})", word, name, levels, until));
  for (const std::string& warning : result.warnings)
    terminal.error(fmt::format("tsp: {}: {}", name, warning));
}

class Run {
 public:
  explicit Run(Invocation& run) : run_(run), operands_(operands_of(run)) {}

  int all() {
    const bool archive = std::any_of(operands_.begin(), operands_.end(),
                                     [](const Operand& each) { return each.of_archive; });
    const ops::World world = run_.world();
    ops::Extension extension(run_.backend_if_any(), world, request_of(run_, archive));
    std::size_t done = 0;
    const auto take = [&](const ops::ExtendedDocument& result) {
      tell(operands_[done], result);
      run_.terminal.progress(++done, operands_.size(), "looked at");
    };
    if (run_.given("-o"))
      take(extension.extend(operands_.front().path, run_.text("-o")));
    else
      extension.extend_all(paths(), take);
    run_.terminal.end_progress();
    if (archive && !run_.terminal.json)
      run_.terminal.note(
          fmt::format("{} extended, {} need nothing, {} without signatures, {} failed", changed_,
                      unchanged_, passed_over_, failed_));
    return combined_exit(exits_);
  }

 private:
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    for (const Operand& each : operands_) out.push_back(each.path);
    return out;
  }

  void tell(const Operand& operand, const ops::ExtendedDocument& result) {
    if (result.error && operand.of_archive && !result.has_signatures) {
      ++passed_over_;
      return;
    }
    exits_.push_back(result.error ? fault_row(result.error->fault).exit_status : 0);
    if (!result.error && result.changed && !run_.dry_run()) run_.terminal.was_done(std::nullopt);
    ++(result.error ? failed_ : result.changed ? changed_ : unchanged_);
    run_.terminal.end_progress();
    if (run_.terminal.json) {
      run_.terminal.out_json(ops::to_json(result));
    } else if (result.error) {
      run_.terminal.error("tsp: " + printable(result.error->message));
      run_.terminal.error("     " + printable(result.error->next));
    } else if (!operand.of_archive || result.changed || !result.warnings.empty()) {
      show_extended(run_.terminal, result, run_.dry_run());
    }
  }

  Invocation& run_;
  std::vector<Operand> operands_;
  std::vector<int> exits_;
  std::size_t changed_ = 0, unchanged_ = 0, passed_over_ = 0, failed_ = 0;
};

int run_ltv_extend(Invocation& run) {
  const auto files = run.texts("FILE");
  const bool piped = !run.given("-o") && files.front() == "-";
  if ((run.text("-o") == "-" || piped) && run.terminal.json)
    throw Error(Fault::usage, "-o - and --json cannot both have standard output");
  if (piped && run.terminal.output_is_terminal())
    throw Error(Fault::usage, "an extended document is not written to a terminal", "",
                "give -o FILE, or -o - to insist");
  return Run(run).all();
}

}  // namespace

std::vector<Command> ltv_extend_commands() {
  return {
      {.path = "ltv-extend",
       .summary = "extend signed documents, so that their signatures stay valid",
       .details =
           "Raises every signature in a PDF, whoever made it, without any signer's key: B-T by a "
           "document time-stamp, B-LT by evidence that no certificate was revoked, B-LTA by a "
           "document time-stamp over all of it. At B-LTA another time-stamp is added, which "
           "protects the ones before. Earlier bytes of the file stay as they are.\n\n"
           "A file is replaced by its extension, whole, unless -o names another. With --due DAYS "
           "only what needs it is extended: what has not reached the level, or whose protection "
           "ends within so many days; a second run then changes nothing. A folder is searched for "
           "PDFs (--due is needed): files without signatures are passed over, one that fails does "
           "not stop the others, and after an interruption the same command goes on.\n\n"
           "Time-stamps come from this TSP's own TSA, on record in its audit log, or from --tsa; "
           "evidence about other certificates from the addresses in them. What is missing is named "
           "(exit 4), and the file stays as it is.",
       .operands = {{"FILE", Count::many, "signed PDFs, or folders of them; - is standard input"}},
       .options =
           {{"--level", "LEVEL", "level to reach (else B-LTA)", Takes::value, "B-T|B-LT|B-LTA"},
            {"-o", "FILE",
             "the extended file; - is standard output (else FILE itself, of - standard output)"},
            {"--due", "DAYS", "extend only what needs it within so many days"},
            {"--tsa", "URL", "an RFC 3161 time-stamp server instead of the TSP's own",
             Takes::values},
            {"--tsa-policy", "OID", "the time-stamp policy that those servers must apply"},
            {"--trust", "PEM|DIR",
             "certificates of authorities, where paths may end that lead to no published "
             "root",
             Takes::values},
            {"--vri", "", "also write VRI entries, which tie evidence to its signature",
             Takes::nothing},
            kForce},
       .exits = {4, 7, 8, 9, 10, 11, 75, 130},
       .examples = {"tsp ltv-extend agreement-signed.pdf",
                    "tsp ltv-extend contract.pdf -o contract-lt.pdf --level B-LT",
                    "tsp ltv-extend --due 90 /srv/archive --json"},
       .parses_documents = true,
       .changes_state = true,
       .run = &run_ltv_extend}};
}

}  // namespace tsp::app
