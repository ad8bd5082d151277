#include "audit/log.h"

#include "base/error.h"
#include "store/audit.h"

namespace tsp::audit {
namespace {

[[noreturn]] void damaged(const std::string& why) {
  throw Error(Fault::tampered, "the audit log is damaged", why, "run tsp audit verify");
}

Record read(const store::AuditRow& row) {
  try {
    Record record = decode(row.record);
    if (record.seq != row.seq) damaged("record " + std::to_string(row.seq) + " has another number");
    record.chain = row.chain;
    return record;
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) throw;
    damaged("record " + std::to_string(row.seq) + ": " + error.why);
  }
}

Frontier frontier_of(store::Database& database, std::int64_t log_size) {
  const auto octets = store::audit_frontier(database);
  if (!octets && log_size == 0) return {};
  const auto frontier = octets ? Frontier::decode(*octets) : std::nullopt;
  if (!frontier || frontier->size() != static_cast<std::uint64_t>(log_size))
    damaged("its tree does not fit its " + std::to_string(log_size) + " records");
  return *frontier;
}

}  // namespace

std::int64_t append(store::Transaction& transaction, Time now, const Event& event) {
  if (const auto name = find_secret_name(event.details))
    throw Error(Fault::failed, "cannot record the event " + event.event,
                "\"" + *name + "\" is the name of a secret", "this is an error of the program");
  store::Database& database = transaction.database();
  const auto last = store::last_audit(database);
  const std::int64_t seq = last ? last->seq + 1 : 0;
  Frontier tree = frontier_of(database, seq);

  store::AuditRow row{seq, {}, {}};
  if (last && now < read(*last).time) {
    Event marked = event;
    marked.details["clock"] = "stepped-back";
    row.record = encode(seq, now, marked);
  } else {
    row.record = encode(seq, now, event);
  }
  row.chain = chain_after(last ? last->chain : first_chain(), row.record);
  store::insert_audit(transaction, row);
  tree.append(leaf_hash(row.record));
  store::set_audit_frontier(transaction, tree.encode());
  return seq;
}

std::optional<Record> find(store::Database& database, std::int64_t seq) {
  const auto row = store::find_audit(database, seq);
  if (!row) return std::nullopt;
  return read(*row);
}

void each(store::Database& database, std::int64_t from,
          const std::function<bool(const Record&)>& each) {
  store::each_audit(database, from, [&](const store::AuditRow& row) { return each(read(row)); });
}

std::int64_t size(store::Database& database) {
  return store::audit_size(database);
}

Frontier frontier(store::Database& database) {
  const store::Snapshot snapshot(database);
  return frontier_of(database, store::audit_size(database));
}

Bytes root_hash(store::Database& database) {
  return frontier(database).root();
}

Bytes range_root(store::Database& database, std::uint64_t begin, std::uint64_t end) {
  Frontier tree;
  if (begin < end)
    store::each_audit(database, static_cast<std::int64_t>(begin), [&](const store::AuditRow& row) {
      tree.append(leaf_hash(row.record));
      return tree.size() < end - begin;
    });
  if (tree.size() != end - begin) damaged("it has fewer records than were asked for");
  return tree.root();
}

}  // namespace tsp::audit
