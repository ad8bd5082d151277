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

Event marked(Event event) {
  event.details["clock"] = "stepped-back";
  return event;
}

}  // namespace

std::int64_t append_all(store::Transaction& transaction, Time now, std::span<const Event> events) {
  for (const Event& event : events)
    if (const auto name = find_secret_name(event.details))
      throw Error(Fault::failed, "cannot record the event " + event.event,
                  "\"" + *name + "\" is the name of a secret", "this is an error of the program");
  store::Database& database = transaction.database();
  const auto last = store::last_audit(database);
  const std::int64_t first = last ? last->seq + 1 : 0;
  if (events.empty()) return first;
  Frontier tree = frontier_of(database, first);
  // A clock that steps back does so at the first of them: all have the same time.
  bool stepped_back = last && now < read(*last).time;
  store::AuditRow row{first, {}, last ? last->chain : first_chain()};
  for (const Event& event : events) {
    row.record = stepped_back ? encode(row.seq, now, marked(event)) : encode(row.seq, now, event);
    stepped_back = false;
    row.chain = chain_after(row.chain, row.record);
    store::insert_audit(transaction, row);
    tree.append(leaf_hash(row.record));
    ++row.seq;
  }
  store::set_audit_frontier(transaction, tree.encode());
  return first;
}

std::int64_t append(store::Transaction& transaction, Time now, const Event& event) {
  return append_all(transaction, now, std::span(&event, 1));
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
