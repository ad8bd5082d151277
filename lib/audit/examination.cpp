#include "audit/examination.h"

#include "base/error.h"

namespace tsp::audit {
namespace {

// The name in a verifier key is the origin of the log that it signs for.
bool signs_for(const NoteVerdict& opened) {
  for (const std::string& key : opened.signers)
    if (key.starts_with(opened.checkpoint->origin + "+")) return true;
  return false;
}

// Why the note must not be believed, or nothing. Without verifier keys signatures are not judged.
std::optional<std::string> objection(std::string_view note, const VerifyOptions& options) {
  if (options.verifier_keys.empty()) return std::nullopt;
  const NoteVerdict opened = open_note(note, options.verifier_keys);
  if (!opened.checkpoint) return opened.reason;
  if (!signs_for(opened)) return "it is of another log, " + opened.checkpoint->origin;
  return std::nullopt;
}

}  // namespace

Examination::Examination(const VerifyOptions& options) : options_(options) {
  for (const std::string& note : options.trusted_notes) {
    const auto checkpoint = unverified_checkpoint(note);
    if (!checkpoint)
      throw Error(Fault::bad_input, "cannot read the checkpoint given", "it is not a checkpoint");
    if (const auto why = objection(note, options))
      damage(static_cast<std::int64_t>(checkpoint->size), "checkpoint",
             "the checkpoint given is refused: " + *why);
    expect(*checkpoint, "the checkpoint given");
  }
}

void Examination::own_note(std::string_view note, std::optional<std::uint64_t> size) {
  const auto checkpoint = unverified_checkpoint(note);
  const std::uint64_t at = size ? *size : checkpoint ? checkpoint->size : 0;
  const auto refuse = [&](const std::string& why) {
    damage(static_cast<std::int64_t>(at), "checkpoint",
           "the log's own checkpoint of size " + std::to_string(at) + " is refused: " + why);
  };
  if (!checkpoint) return refuse("it is not a checkpoint");
  if (checkpoint->size != at) return refuse("it is of another size");
  if (const auto why = objection(note, options_)) return refuse(*why);
  expect(*checkpoint, "the log's own checkpoint");
  if (!options_.verifier_keys.empty() &&
      (!verdict_.checkpoint || verdict_.checkpoint->size <= checkpoint->size))
    verdict_.checkpoint = checkpoint;
}

// A tree of size 0 is compared at once: no record comes before it.
void Examination::expect(const Checkpoint& checkpoint, const std::string& whose) {
  expected_.emplace(checkpoint.size, Expected{checkpoint.root, whose});
  if (checkpoint.size == 0 && tree_.size() == 0) compare();
}

void Examination::compare() {
  const auto [first, last] = expected_.equal_range(tree_.size());
  for (auto expected = first; expected != last; ++expected) {
    if (equal(expected->second.root, tree_.root())) continue;
    const std::string range = tree_.size() == agreed_
                                  ? "the tree of size " + std::to_string(agreed_)
                                  : "a record from " + std::to_string(agreed_) + " to " +
                                        std::to_string(tree_.size() - 1);
    damage(static_cast<std::int64_t>(agreed_), "checkpoint",
           range + " is not what was signed by " + expected->second.whose + " of size " +
               std::to_string(tree_.size()));
    return;
  }
  if (first != last) agreed_ = tree_.size();
}

bool Examination::record(ByteView octets) {
  const std::int64_t seq = next();
  if (verdict_.first_damage && verdict_.first_damage->seq < seq) return false;
  try {
    const Record record = decode(octets);
    if (record.seq != seq) {
      damage(seq, "sequence", "it says that it is record " + std::to_string(record.seq));
      return false;
    }
    if (const auto why = order_.objection(record)) {
      damage(seq, "order", *why);
      return false;
    }
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
    damage(seq, "record", error.why);
    return false;
  }
  tree_.append(leaf_hash(octets));
  compare();
  return !verdict_.first_damage || verdict_.first_damage->seq > seq;
}

void Examination::damage(std::int64_t seq, std::string kind, std::string detail) {
  if (verdict_.first_damage && verdict_.first_damage->seq <= seq) return;
  verdict_.first_damage = Damage{seq, std::move(kind), std::move(detail)};
}

Verdict Examination::verdict(std::int64_t size) {
  verdict_.size = size;
  verdict_.open_intents = order_.open_intents();
  const auto beyond = expected_.upper_bound(static_cast<std::uint64_t>(size));
  if (beyond != expected_.end())
    damage(size, "truncated",
           beyond->second.whose + " is of " + std::to_string(expected_.rbegin()->first) +
               " records, the log has " + std::to_string(size));
  if (next() == size) verdict_.root = tree_.root();
  verdict_.intact = !verdict_.first_damage;
  return verdict_;
}

}  // namespace tsp::audit
