#include "audit/proof.h"

#include <charconv>

#include "base/error.h"
#include "store/audit.h"

namespace tsp::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMostHashes = 64;

struct Proof {
  Bytes record;
  std::uint64_t index = 0;
  std::vector<Bytes> hashes;
  std::string_view note;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || std::to_string(value) != text) return std::nullopt;
  return value;
}

// The first line without its newline; nothing at the end of the text.
std::optional<std::string_view> take_any_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// What follows the word in the next line.
std::optional<std::string_view> take_field(std::string_view& text, std::string_view word) {
  auto line = take_any_line(text);
  if (!line || !line->starts_with(word)) return std::nullopt;
  line->remove_prefix(word.size());
  return line;
}

std::optional<Proof> parse(std::string_view text) {
  if (take_any_line(text) != kFirstLine) return std::nullopt;
  const auto extra = take_field(text, "extra ");
  const auto record = extra ? from_base64(*extra) : std::nullopt;
  const auto index_text = take_field(text, "index ");
  const auto index = index_text ? number(*index_text) : std::nullopt;
  if (!record || !index) return std::nullopt;
  Proof proof{*record, *index, {}, {}};
  while (const auto line = take_any_line(text)) {
    if (line->empty()) {
      proof.note = text;
      return proof;
    }
    const auto hash = from_base64(*line);
    if (!hash || hash->size() != 32 || proof.hashes.size() == kMostHashes) return std::nullopt;
    proof.hashes.push_back(*hash);
  }
  return std::nullopt;
}

}  // namespace

std::string prove(store::Database& database, std::int64_t seq, std::string_view note) {
  const auto checkpoint = unverified_checkpoint(note);
  const std::string what = "cannot prove record " + std::to_string(seq);
  if (!checkpoint) throw Error(Fault::bad_input, what, "the checkpoint is not one");
  const store::Snapshot snapshot(database);
  const auto row = seq < 0 ? std::nullopt : store::find_audit(database, seq);
  const auto index = static_cast<std::uint64_t>(seq);
  if (!row) throw Error(Fault::not_found, what, "there is no such record");
  if (index >= checkpoint->size)
    throw Error(Fault::not_found, what, "the checkpoint is older than the record",
                "make a new checkpoint: tsp audit checkpoint");
  const auto hashes = inclusion_proof(
      index, checkpoint->size,
      [&](std::uint64_t begin, std::uint64_t end) { return range_root(database, begin, end); });
  if (!verify_inclusion(leaf_hash(row->record), index, checkpoint->size, hashes, checkpoint->root))
    throw Error(Fault::tampered, what, "the log is not what the checkpoint signed",
                "run tsp audit verify");
  std::string text(kFirstLine);
  text += "\nextra " + to_base64(row->record) + "\nindex " + std::to_string(seq) + "\n";
  for (const Bytes& hash : hashes) text += to_base64(hash) + "\n";
  return text + "\n" + std::string(note);
}

ProofVerdict verify_proof(std::string_view proof, const std::vector<std::string>& verifier_keys) {
  ProofVerdict verdict;
  const auto refuse = [&](std::string kind, std::string reason) {
    verdict.kind = std::move(kind);
    verdict.reason = std::move(reason);
    return verdict;
  };
  const auto parsed = parse(proof);
  if (!parsed) return refuse("record", "it is not a proof of a record");
  const NoteVerdict note = open_note(parsed->note, verifier_keys);
  if (!note.checkpoint) return refuse("checkpoint", note.reason);
  verdict.checkpoint = note.checkpoint;
  if (!verify_inclusion(leaf_hash(parsed->record), parsed->index, note.checkpoint->size,
                        parsed->hashes, note.checkpoint->root))
    return refuse("root", "the hashes do not lead to the signed root");
  try {
    Record record = decode(parsed->record);
    if (static_cast<std::uint64_t>(record.seq) != parsed->index)
      return refuse("record", "the record has another number");
    verdict.record = std::move(record);
  } catch (const Error& error) {
    return refuse("record", error.why);
  }
  verdict.holds = true;
  return verdict;
}

}  // namespace tsp::audit
