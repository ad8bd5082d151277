#include "ops/extend_documents.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "ops/error_json.h"
#include "ops/in_parallel.h"
#include "ops/locked_file.h"
#include "ops/open_input.h"
#include "ops/signed_file.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr auto kHash = crypto::HashAlgorithm::sha256;

struct stat file_status(const Fd& file, const std::string& name) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw_errno(errno, "cannot examine " + name);
  return info;
}

// Where the result goes. A link stays one: what it names is replaced.
std::unique_ptr<OutputFile> open_output(const std::string& input, const std::string& output,
                                        const ExtendDocuments& request, const struct stat& info) {
  if (output == "-") return nullptr;
  if (!output.empty() && absolute_path(output) != absolute_path(input))
    return std::make_unique<OutputFile>(output,
                                        request.force ? Existing::replace : Existing::refuse);
  std::error_code error;
  const fs::path real = fs::canonical(input, error);
  auto file = std::make_unique<OutputFile>(error ? input : real.string(), Existing::replace,
                                           info.st_mode & 07777);
  if (::fchmod(file->fd(), info.st_mode & 07777) != 0) throw_errno(errno, "cannot write " + input);
  return file;
}

void expect_unchanged(const std::string& input, const struct stat& before) {
  struct stat now {};
  if (::stat(input.c_str(), &now) == 0 && now.st_ino == before.st_ino &&
      now.st_size == before.st_size && now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
    return;
  throw Error(Fault::busy, input + " changed while it was extended", "",
              "nothing was written; try again when nobody writes to it");
}

// Seen as memory meanwhile, and no longer.
SignedFile read_signed(const Fd& original, const std::string& input,
                       const pdf::Inspection& inspection, EvidenceCollector& collector) {
  const MappedFile octets(original, input);
  return {inspection, octets.view(), collector};
}

World with_shared(World world, std::optional<SharedFetcher>& fetcher) {
  if (world.fetcher != nullptr) world.fetcher = &fetcher.emplace(*world.fetcher);
  return world;
}

Error without_signature(const std::string& input) {
  return {Fault::bad_input, "cannot extend " + input, "it has no signature",
          "nothing was changed; sign it with tsp sign"};
}

bool is_elsewhere(const ExtendedDocument& receipt) {
  return receipt.output == "-" || absolute_path(receipt.output) != absolute_path(receipt.input);
}

std::string shown_input(const std::string& input) {
  return input == "-" ? "standard input" : input;
}

Error told(const std::string& input, const Error& error) {
  const bool own = error.failed.find(input) != std::string::npos &&
                   error.failed.find("cannot sign") == std::string::npos;
  std::string next = "nothing was changed; ";
  if (error.fault == Fault::evidence_missing)
    next += "repeat tsp ltv-extend " + input +
            " when those servers answer, or name a certificate that is not published with --trust";
  else
    next += error.next.empty() ? "see tsp help ltv-extend" : error.next;
  if (error.next.starts_with("nothing was")) next = error.next;
  if (own) return Error(error.fault, error.failed, error.why, next, error.audit_seq);
  const std::string why = error.failed == "cannot sign " + input ? error.why : error.message;
  return Error(error.fault, "cannot extend " + input, why, next, error.audit_seq);
}

// What was spent on a file that was not written.
Error after_stamp(const Error& error, bool own_authority) {
  constexpr std::string_view kUnchanged = "nothing was changed; ";
  const std::string next =
      error.next.starts_with(kUnchanged) ? error.next.substr(kUnchanged.size()) : error.next;
  return {error.fault, error.failed, error.why,
          std::string("a time-stamp was issued") + (own_authority ? " and is on record" : "") +
              ", but no file holds it; " + next,
          error.audit_seq};
}

}  // namespace

Extension::Extension(Backend* backend, const World& world, const ExtendDocuments& request)
    : request_(request),
      world_(with_shared(world, fetcher_)),
      long_term_(backend, world_, request.long_term),
      index_(request.due_days ? request.long_term.cache : "", world.clock.now()) {
  const auto level = parse_level(request.level);
  if (!level || *level == Level::b_b)
    throw Error(Fault::usage, "there is no level " + request.level + " to extend to");
  level_ = *level;
}

bool Extension::is_due(const SignedFile& file) const {
  if (file.level() < level_) return true;
  if (!request_.due_days) return level_ != Level::b_t;
  if (level_ != Level::b_lta) return false;
  const Time horizon = world_.clock.now() + std::chrono::hours(24) * *request_.due_days;
  const auto end = file.protected_until();
  const auto algorithms = file.algorithms_until();
  return !end || *end <= horizon || !algorithms || *algorithms <= horizon;
}

// What the index knows of a file that nobody touched since it was read.
bool Extension::is_known_not_due(ExtendedDocument& receipt) const {
  if (!request_.due_days || is_elsewhere(receipt)) return false;
  const auto known = index_.find(receipt.input);
  if (!known) return false;
  receipt.has_signatures = known->signatures > 0;
  if (!receipt.has_signatures) throw without_signature(receipt.input);
  const Time horizon = world_.clock.now() + std::chrono::hours(24) * *request_.due_days;
  if (level_ == Level::b_lta && known->due <= horizon) return false;
  receipt.signatures = known->signatures;
  receipt.level_before = receipt.level = name_of(Level::b_lta);
  receipt.extend_before = known->until;
  return true;
}

void Extension::remember(const struct stat& info, const SignedFile& file) {
  const auto until = file.protected_until(), algorithms = file.algorithms_until();
  if (!file.is_signed()) index_.remember(info, {});
  if (file.level() == Level::b_lta && file.warnings().empty() && until && algorithms &&
      file.signatures() > 0)
    index_.remember(
        info, {static_cast<int>(file.signatures()), *until, std::min(*until, *algorithms), {}});
}

void Extension::raise(SignedFile& file, GrowingFile& document, EvidenceCollector& collector,
                      ExtendedDocument& receipt) {
  const auto take = [&](const LongTerm::Stamped& stamped) {
    file.add_timestamp(stamped);
    receipt.timestamp_time = file.last_timestamp();
    receipt.changed = true;
  };
  if (file.needs_timestamp()) take(long_term_.add_timestamp(document, kHash));
  if (level_ == Level::b_t) return;
  const auto evidence = long_term_.collect(collector, file.needs());
  for (const auto& each : evidence.all.revoked)
    receipt.warnings.push_back(printable(each.certificate.subject()) + " was revoked at " +
                               to_rfc3339(each.at) +
                               (each.before_proof ? ", before what proves the signature" : ""));
  if (level_ == Level::b_lta) {
    const LongTerm::Archived archived = long_term_.add_archive(document, evidence, kHash);
    receipt.evidence = archived.evidence;
    return take(archived.stamp);
  }
  receipt.evidence = long_term_.add_evidence(document, evidence);
  receipt.changed = receipt.changed || receipt.evidence > 0;
}

void Extension::work(ExtendedDocument& receipt) {
  if (world_.jail == nullptr) throw Error(Fault::failed, "documents cannot be parsed here");
  if (is_known_not_due(receipt)) return;
  const std::string& input = receipt.input;
  const bool elsewhere = is_elsewhere(receipt);
  const Fd original = input == "-"                    ? open_input(world_, input)
                      : elsewhere || request_.dry_run ? open_for_reading(input)
                                                      : open_locked(input, world_);
  const struct stat info = file_status(original, input);
  const pdf::Inspection inspection = pdf::inspect(*world_.jail, original, shown_input(input));
  if (inspection.damaged)
    throw Error(Fault::bad_input, "cannot extend " + shown_input(input),
                "it is damaged: " + printable(inspection.damage),
                "nothing was changed; ask for a sound copy");
  EvidenceCollector collector(long_term_.library());
  SignedFile file = read_signed(original, input, inspection, collector);
  receipt.has_signatures = file.is_signed();
  remember(info, file);
  if (!file.is_signed()) throw without_signature(shown_input(input));
  receipt.signatures = static_cast<int>(file.signatures());
  receipt.level_before = receipt.level = name_of(file.level());
  receipt.extend_before = file.protected_until();
  receipt.warnings = file.warnings();
  const bool due = is_due(file);
  if (request_.dry_run) {
    receipt.changed = due;
    return;
  }
  if (!due && !elsewhere) return;
  const auto output = open_output(input, receipt.output, request_, info);
  GrowingFile document(output.get(), elsewhere ? receipt.output : input);
  document.begin(original, inspection.size);
  if (due) raise(file, document, collector, receipt);
  if (!receipt.changed && !elsewhere) return;
  if (!elsewhere) expect_unchanged(input, info);
  document.keep();
  receipt.level = name_of(std::max(file.level(), level_));
  receipt.extend_before = file.protected_until();
}

ExtendedDocument Extension::extend(const std::string& input, const std::string& output) {
  ExtendedDocument receipt;
  receipt.input = input;
  receipt.output = output.empty() ? input : output;
  try {
    world_.stop_if_asked();
    work(receipt);
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    receipt.changed = false;
    receipt.error = told(shown_input(input), error);
    if (receipt.timestamp_time)
      receipt.error = after_stamp(*receipt.error, request_.long_term.tsa_urls.empty());
  }
  return receipt;
}

void Extension::extend_all(const std::vector<std::string>& files,
                           const std::function<void(const ExtendedDocument&)>& take) {
  in_parallel<ExtendedDocument>(
      world_, files.size(), [&](std::size_t index) { return extend(files[index], ""); }, take);
}

std::vector<std::string> documents_below(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  if (error) throw_errno(error.value(), "cannot look into " + folder);
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (error) throw_errno(error.value(), "cannot look into " + folder);
    const fs::path& path = walk->path();
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (path.filename().string().starts_with('.')) {
      walk.disable_recursion_pending();
    } else if (walk->symlink_status(error).type() == fs::file_type::regular &&
               extension == ".pdf") {
      out.push_back(path.string());
    }
  }
  std::ranges::sort(out);
  return out;
}

Json to_json(const ExtendedDocument& receipt) {
  Json json = {{"input", receipt.input}, {"output", receipt.output}};
  if (receipt.error) return {{"input", receipt.input}, {"error", error_json(*receipt.error)}};
  json["level_before"] = receipt.level_before;
  json["level"] = receipt.level;
  json["signatures"] = receipt.signatures;
  json["changed"] = receipt.changed;
  json["evidence_added"] = receipt.evidence;
  json["timestamp_time"] = nullptr;
  json["extend_before"] = nullptr;
  if (receipt.timestamp_time) json["timestamp_time"] = to_rfc3339(*receipt.timestamp_time);
  if (receipt.extend_before) json["extend_before"] = to_rfc3339(*receipt.extend_before);
  json["warnings"] = receipt.warnings;
  return json;
}

}  // namespace tsp::ops
