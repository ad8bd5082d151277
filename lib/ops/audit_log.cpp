#include "ops/audit_log.h"

#include <fmt/format.h>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestNote = 1 << 20;

std::vector<std::string> nonempty_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> remembered_notes(const Home& home) {
  std::vector<std::string> notes;
  if (!exists(home.checkpoints())) return notes;
  for (const auto& entry : fs::directory_iterator(home.checkpoints()))
    if (entry.path().extension() == ".note")
      notes.emplace_back(as_text(read_file(entry.path().string(), kLargestNote)));
  return notes;
}

bool matches(const audit::Record& record, const ShowLog& request) {
  if (request.since && record.time < *request.since) return false;
  if (request.until && record.time >= *request.until) return false;
  const std::string& event = record.event.event;
  if (!request.event.empty()) {
    const bool prefix = request.event.ends_with('.') && event.starts_with(request.event);
    if (event != request.event && !prefix) return false;
  }
  if (request.subject.empty() || record.event.subject == request.subject) return true;
  for (const char* name : {"user", "key", "serial", "certificate_serial"})
    if (record.event.details.contains(name) && record.event.details[name] == request.subject)
      return true;
  return false;
}

// ECDSA first, Ed25519 where the HSM has it.
std::vector<std::unique_ptr<crypto::Signer>> open_audit_keys(Provider& provider) {
  const auto session = provider.session("audit");
  std::vector<std::unique_ptr<crypto::Signer>> signers;
  for (const char* label : {kAuditKey, kAuditEd25519Key})
    if (session->has_key(label)) signers.push_back(session->open_signer(label));
  if (signers.empty())
    throw Error(Fault::hsm_unavailable, "cannot sign a checkpoint",
                "the token has none of the log's keys");
  return signers;
}

// A checkpoint that the auditor holds, and this log signed.
void hold_against(const VerifyLog& request, audit::VerifyOptions& options, LogVerified& receipt) {
  if (request.checkpoint.empty()) return;
  const auto opened = audit::open_note(request.checkpoint, options.verifier_keys);
  if (!opened.checkpoint)
    throw Error(Fault::bad_input, "the checkpoint is not one of this log", opened.reason);
  options.trusted_notes.push_back(request.checkpoint);
  receipt.anchor = "given";
  receipt.checkpoint = request.checkpoint;
}

}  // namespace

std::string verifier_key(Provider& provider) {
  return std::string(as_text(read_file(provider.home().verifier_key(), kLargestNote)));
}

LogVerified verify_log(Provider& provider, const VerifyLog& request) {
  audit::VerifyOptions options;
  options.verifier_keys =
      nonempty_lines(request.verifier_key.empty() ? verifier_key(provider) : request.verifier_key);
  options.trusted_notes = remembered_notes(provider.home());
  LogVerified receipt;
  if (!options.trusted_notes.empty()) receipt.anchor = "remembered";
  hold_against(request, options, receipt);
  receipt.verdict = audit::verify(provider.database(), options);
  return receipt;
}

LogVerified verify_copy(const std::string& path, const VerifyLog& request) {
  audit::VerifyOptions options;
  options.verifier_keys = nonempty_lines(request.verifier_key);
  LogVerified receipt;
  hold_against(request, options, receipt);
  if (!exists(path)) throw Error(Fault::not_found, "there is no log at " + path);
  receipt.verdict = audit::verify_path(path, options);
  if (receipt.verdict.of_proof) {  // it was held against its own checkpoint and no other
    receipt.anchor = "none";
    receipt.checkpoint.reset();
  }
  return receipt;
}

LogVerified verify_proof(std::string_view text, const VerifyLog& request) {
  if (!audit::begins_as_proof(text))
    throw Error(Fault::bad_input, "cannot verify standard input", "it is no tlog-proof",
                "a store or an exported log is named by its path");
  audit::VerifyOptions options;
  options.verifier_keys = nonempty_lines(request.verifier_key);
  LogVerified receipt;
  receipt.verdict = audit::verify_proof_text(text, options);
  return receipt;
}

std::optional<std::int64_t> read_on(Provider& provider, std::int64_t from,
                                    const std::function<bool(const audit::Record&)>& each) {
  constexpr std::int64_t kMostLookedAt = 50000;
  std::optional<std::int64_t> stopped;
  audit::each(provider.database(), from, [&](const audit::Record& record) {
    provider.world().stop_if_asked();
    if (each(record) && record.seq - from < kMostLookedAt) return true;
    stopped = record.seq;
    return false;
  });
  return stopped;
}

std::optional<std::int64_t> show_log(Provider& provider, const ShowLog& request,
                                     const std::function<bool(const audit::Record&)>& each) {
  try {
    if (request.from == 0) flush_refusals(provider);
  } catch (const Error&) {
    // A log that nothing can be added to is shown as it is; the counts stay for later.
  }
  return read_on(provider, request.from, [&](const audit::Record& record) {
    return !matches(record, request) || each(record);
  });
}

std::uint64_t check_checkpoint(Provider& provider) {
  open_audit_keys(provider);
  return audit::frontier(provider.database()).size();
}

std::string make_checkpoint(Provider& provider) {
  const auto signers = open_audit_keys(provider);
  std::vector<crypto::Signer*> keys;
  keys.reserve(signers.size());
  for (const auto& signer : signers) keys.push_back(signer.get());
  flush_refusals(provider);
  std::string note = audit::issue_checkpoint(
      provider.database(), provider.now(),
      store::setting(provider.database(), "audit-origin").value_or(""), keys);
  const auto head = audit::unverified_checkpoint(note);
  make_directory(provider.home().checkpoints(), 0700);
  write_file(fmt::format("{}/{:012}.note", provider.home().checkpoints(), head->size),
             as_bytes(note), Existing::replace);
  return note;
}

Json to_json(const LogVerified& receipt) {
  Json json = {{"intact", receipt.verdict.intact},
               {"size", receipt.verdict.size},
               {"root_hash", to_hex(receipt.verdict.root)},
               {"first_damage", nullptr},
               {"anchor", receipt.anchor},
               {"checkpoint", nullptr}};
  if (receipt.verdict.proven)
    json["record"] = *receipt.verdict.proven;
  else if (!receipt.verdict.of_proof)
    json["open_intents"] = receipt.verdict.open_intents;
  if (receipt.verdict.first_damage)
    json["first_damage"] = {{"seq", receipt.verdict.first_damage->seq},
                            {"kind", receipt.verdict.first_damage->kind},
                            {"detail", receipt.verdict.first_damage->detail}};
  if (receipt.verdict.checkpoint)
    json["checkpoint"] = {{"origin", receipt.verdict.checkpoint->origin},
                          {"size", receipt.verdict.checkpoint->size},
                          {"root_hash", to_hex(receipt.verdict.checkpoint->root)}};
  return json;
}

Json to_json(const audit::Record& record) {
  return {{"seq", record.seq},
          {"time", to_rfc3339(record.time, true)},
          {"event", record.event.event},
          {"outcome", audit::name_of(record.event.outcome)},
          {"actor", record.event.actor},
          {"role", record.event.role},
          {"subject", record.event.subject},
          {"details", record.event.details}};
}

}  // namespace tsp::ops
