// A log in a store of its own, and what an intruder may do to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/verify.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "store/rows.h"
#include "support/command.h"
#include "support/software_signer.h"

namespace tsp::audit {

inline const std::string kOrigin = "tsp.example.org/audit";

template <class Act>
std::string fault_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(fault_row(error.fault).name);
  }
  return "none";
}

inline std::string in_words(const Verdict& verdict) {
  if (verdict.intact) return "intact";
  return "damage at record " + std::to_string(verdict.first_damage->seq) + ": " +
         verdict.first_damage->kind;
}

struct AuditFixture {
  test::Folder folder;
  std::string path = folder.file("store.db");
  std::unique_ptr<store::Database> database =
      store::Database::open(path, store::Database::Open::create);
  Time now = from_unix(1795252200);
  crypto::Signer& key = test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
  std::string vkey = verifier_key(kOrigin, key.public_key());
  VerifyOptions options{{vkey}, {}};

  // --- what the TSP does
  std::int64_t append(const Event& event) {
    store::Transaction transaction(*database);
    const std::int64_t seq = audit::append(transaction, now, event);
    transaction.commit();
    now += std::chrono::seconds(1);
    return seq;
  }
  std::int64_t append(const std::string& name, Json details = Json::object()) {
    return append(Event{name, Outcome::done, "uid:1000", "operator", "alice", std::move(details)});
  }
  void append_many(int count) {
    store::Transaction transaction(*database);
    for (int i = 0; i < count; ++i)
      audit::append(transaction, now,
                    Event{"key.generate", Outcome::done, "system", "system", "", {{"n", i}}});
    transaction.commit();
  }
  static std::string digest(const std::string& of) { return to_hex(crypto::sha256(as_bytes(of))); }
  std::int64_t intent(const std::string& what) {
    return append(Event{"sign",
                        Outcome::intent,
                        "uid:1000",
                        "signer",
                        "alice",
                        {{"intent", true}, {"key", "a1"}, {"dtbs_sha256", digest(what)}}});
  }
  std::int64_t result(std::int64_t of, const std::string& what, Outcome outcome = Outcome::done) {
    Json details = {{"intent", of}, {"key", "a1"}, {"dtbs_sha256", digest(what)}};
    if (outcome == Outcome::done) details["signature_sha256"] = digest("signature of " + what);
    return append(Event{"sign", outcome, "uid:1000", "signer", "alice", std::move(details)});
  }
  std::string checkpoint() { return issue_checkpoint(*database, now, kOrigin, {&key}); }

  // --- what the auditor sees
  Verdict verdict() { return audit::verify(*database, options); }
  std::string verify() { return in_words(verdict()); }
  std::string why() {
    const Verdict found = verdict();
    return found.first_damage ? found.first_damage->detail : "";
  }

  // --- what the intruder does
  void sql(const std::string& text) { database->prepare(text).run(); }
  void put(std::int64_t seq, const Bytes& record, const Bytes& chain) {
    database->prepare("UPDATE audit_records SET record = ?, chain = ? WHERE seq = ?")
        .bind(record)
        .bind(chain)
        .bind(seq)
        .run();
  }
  void flip_bit(std::int64_t record, std::size_t byte, int bit = 0) {
    auto row = *store::find_audit(*database, record);
    row.record.at(byte) ^= static_cast<std::uint8_t>(1 << bit);
    put(record, row.record, row.chain);
  }
  void flip_chain_bit(std::int64_t record, std::size_t byte) {
    auto row = *store::find_audit(*database, record);
    row.chain.at(byte) ^= 1;
    put(record, row.record, row.chain);
  }
  // Numbers, chain values and frontier are made anew over the records as they are: all that can be
  // done without the audit key.
  void rewrite() {
    std::vector<Bytes> records;
    store::each_audit(*database, 0, [&](const store::AuditRow& row) {
      records.push_back(row.record);
      return true;
    });
    sql("DELETE FROM audit_records");
    store::Transaction transaction(*database);
    Frontier tree;
    Bytes chain = first_chain();
    for (std::size_t i = 0; i < records.size(); ++i) {
      Record record = decode(records[i]);
      const Bytes octets = encode(static_cast<std::int64_t>(i), record.time, record.event);
      chain = chain_after(chain, octets);
      store::insert_audit(transaction, {static_cast<std::int64_t>(i), octets, chain});
      tree.append(leaf_hash(octets));
    }
    store::set_audit_frontier(transaction, tree.encode());
    transaction.commit();
  }
};

}  // namespace tsp::audit
