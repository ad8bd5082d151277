#include "audit/verify.h"

#include "audit/examination.h"
#include "base/error.h"
#include "store/audit.h"

namespace tsp::audit {
namespace {

// Number and chain, before the record itself is looked at: so a flipped bit anywhere in a row names
// its record.
bool take_row(Examination& examination, const store::AuditRow& row, Bytes& chain) {
  const std::int64_t seq = examination.next();
  if (row.seq != seq) {
    examination.damage(seq, "sequence", "it is missing");
    return false;
  }
  chain = chain_after(chain, row.record);
  if (!equal(chain, row.chain)) {
    examination.damage(seq, "hash", "record and chain value do not belong together");
    return false;
  }
  return examination.record(row.record);
}

void read_all(store::Database& database, Examination& examination) {
  Bytes chain = first_chain();
  try {
    store::each_audit(
        database, 0, [&](const store::AuditRow& row) { return take_row(examination, row, chain); });
  } catch (const Error& error) {
    if (error.fault != Fault::tampered) throw;
    examination.damage(examination.next(), "record", "the store cannot be read: " + error.why);
  }
}

void check_frontier(store::Database& database, Examination& examination, std::int64_t size) {
  const auto octets = store::audit_frontier(database);
  if (!octets && size == 0) return;
  const auto kept = octets ? Frontier::decode(*octets) : std::nullopt;
  if (!kept)
    examination.damage(size, "root", "the tree's frontier is missing or malformed");
  else if (kept->size() > static_cast<std::uint64_t>(size))
    examination.damage(size, "truncated",
                       "the tree is of " + std::to_string(kept->size()) + " records, the log has " +
                           std::to_string(size));
  else if (examination.next() == size && kept->encode() != examination.tree().encode())
    examination.damage(size, "root", "the tree's frontier is not that of the records");
}

}  // namespace

Verdict verify(store::Database& database, const VerifyOptions& options) {
  const store::Snapshot snapshot(database);
  Examination examination(options);
  store::each_checkpoint(database, [&](const store::CheckpointRow& row) {
    examination.own_note(row.note, static_cast<std::uint64_t>(row.size));
  });
  read_all(database, examination);
  const std::int64_t size = store::audit_size(database);
  check_frontier(database, examination, size);
  return examination.verdict(size);
}

}  // namespace tsp::audit
