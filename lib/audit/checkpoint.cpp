#include "audit/checkpoint.h"

#include <charconv>

#include "audit/log.h"
#include "audit/note.h"
#include "base/error.h"
#include "store/audit.h"

namespace tsp::audit {
namespace {

// Takes the first line off; nothing when there is none or it is empty.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

[[noreturn]] void refuse_to_sign(const std::string& why) {
  throw Error(Fault::tampered, "cannot sign a checkpoint", why,
              "nothing was signed; run tsp audit verify");
}

// The tree that was signed last, or the empty one.
Frontier last_signed(store::Database& database) {
  const auto row = store::last_checkpoint(database);
  if (!row) return {};
  const auto tree = Frontier::decode(row->frontier);
  const auto checkpoint = unverified_checkpoint(row->note);
  if (!tree || !checkpoint || tree->size() != checkpoint->size || tree->root() != checkpoint->root)
    refuse_to_sign("the last checkpoint in the store does not fit its tree");
  return *tree;
}

}  // namespace

std::string verifier_key(const std::string& origin, const crypto::PublicKey& key) {
  return make_note_key(origin, key);
}

std::string body_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

std::optional<Checkpoint> parse_body(std::string_view text) {
  const auto origin = take_line(text), digits = take_line(text), root = take_line(text);
  if (!origin || !digits || !root) return std::nullopt;
  Checkpoint checkpoint{std::string(*origin), 0, from_base64(*root).value_or(Bytes())};
  const char* const end = digits->data() + digits->size();
  const auto [at, error] = std::from_chars(digits->data(), end, checkpoint.size);
  if (error != std::errc() || at != end || std::to_string(checkpoint.size) != *digits ||
      checkpoint.root.size() != 32)
    return std::nullopt;
  while (!text.empty())
    if (!take_line(text)) return std::nullopt;
  return checkpoint;
}

std::string sign_checkpoint(const Checkpoint& checkpoint,
                            const std::vector<crypto::Signer*>& keys) {
  if (keys.empty())
    throw Error(Fault::failed, "cannot sign a checkpoint", "there is no key to sign it with");
  const std::string body = body_of(checkpoint);
  std::string note = body + "\n";
  for (crypto::Signer* key : keys) note += sign_note(body, checkpoint.origin, *key);
  return note;
}

NoteVerdict open_note(std::string_view note, const std::vector<std::string>& verifier_keys) {
  NoteVerdict verdict;
  const auto parsed = parse_note(note);
  const auto checkpoint = parsed ? parse_body(parsed->text) : std::nullopt;
  if (!checkpoint) {
    verdict.reason = "it is not a checkpoint";
    return verdict;
  }
  Signers signers = verify_note(*parsed, verifier_keys);
  verdict.reason = std::move(signers.reason);
  verdict.signers = std::move(signers.verifier_keys);
  if (!verdict.signers.empty()) verdict.checkpoint = checkpoint;
  return verdict;
}

std::optional<Checkpoint> unverified_checkpoint(std::string_view note) {
  const auto parsed = parse_note(note);
  return parsed ? parse_body(parsed->text) : std::nullopt;
}

std::string issue_checkpoint(store::Database& database, Time now, const std::string& origin,
                             const std::vector<crypto::Signer*>& keys) {
  Frontier tree;
  {
    const store::Snapshot snapshot(database);
    const Frontier head = frontier(database);
    tree = last_signed(database);
    if (tree.size() > head.size()) refuse_to_sign("the log is shorter than its last checkpoint");
    store::each_audit(database, static_cast<std::int64_t>(tree.size()),
                      [&](const store::AuditRow& row) {
                        tree.append(leaf_hash(row.record));
                        return true;
                      });
    if (tree.size() != head.size() || tree.root() != head.root())
      refuse_to_sign("the records do not extend what was signed before");
  }
  std::string note = sign_checkpoint({origin, tree.size(), tree.root()}, keys);
  store::Transaction transaction(database);
  store::put_checkpoint(transaction,
                        {static_cast<std::int64_t>(tree.size()), note, tree.encode(), now});
  transaction.commit();
  return note;
}

}  // namespace tsp::audit
