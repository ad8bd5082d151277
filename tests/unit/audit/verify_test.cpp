// What verification notices, and under which name.
#include "audit/note.h"
#include "support/catch.h"
#include "unit/audit/audit_fixture.h"

namespace tsp::audit {
namespace {

TEST_CASE_METHOD(AuditFixture, "a log that nobody touched is intact") {
  append("key.generate");
  append("cert.issue");
  result(intent("contract.pdf"), "contract.pdf");
  CHECK(verify() == "intact");
  CHECK(verdict().size == 4);
  CHECK(verdict().root == root_hash(*database));
  CHECK_FALSE(verdict().checkpoint);
}

TEST_CASE_METHOD(AuditFixture, "a flipped bit names its record") {
  append("key.generate");
  append("cert.issue");
  flip_bit(/*record=*/1, /*byte=*/7);
  CHECK(verify() == "damage at record 1: hash");
}

TEST_CASE_METHOD(AuditFixture, "a flipped bit anywhere in any record names that record") {
  for (int i = 0; i < 20; ++i) append("key.generate", {{"n", i}});
  for (std::int64_t record = 0; record < 20; ++record) {
    const auto octets = store::find_audit(*database, record)->record;
    for (std::size_t byte = 0; byte < octets.size(); byte += 11) {
      flip_bit(record, byte, static_cast<int>(byte % 8));
      CHECK(verify() == "damage at record " + std::to_string(record) + ": hash");
      flip_bit(record, byte, static_cast<int>(byte % 8));
    }
    flip_chain_bit(record, static_cast<std::size_t>(record));
    CHECK(verify() == "damage at record " + std::to_string(record) + ": hash");
    flip_chain_bit(record, static_cast<std::size_t>(record));
  }
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "a deleted record is missed by its number") {
  append_many(10);
  sql("DELETE FROM audit_records WHERE seq = 4");
  CHECK(verify() == "damage at record 4: sequence");
}

TEST_CASE_METHOD(AuditFixture, "a deleted first record is missed") {
  append_many(3);
  sql("DELETE FROM audit_records WHERE seq = 0");
  CHECK(verify() == "damage at record 0: sequence");
}

TEST_CASE_METHOD(AuditFixture, "a gap closed by renumbering is noticed where it was") {
  append_many(10);
  sql("DELETE FROM audit_records WHERE seq = 4");
  for (int seq = 5; seq < 10; ++seq)
    sql("UPDATE audit_records SET seq = seq - 1 WHERE seq = " + std::to_string(seq));
  CHECK(verify() == "damage at record 4: hash");
}

TEST_CASE_METHOD(AuditFixture, "swapped records are noticed at the first") {
  append_many(10);
  const auto two = *store::find_audit(*database, 2), five = *store::find_audit(*database, 5);
  put(2, five.record, five.chain);
  put(5, two.record, two.chain);
  CHECK(verify() == "damage at record 2: hash");
}

TEST_CASE_METHOD(AuditFixture, "a record with the number of another is noticed in a sound chain") {
  append_many(3);
  auto row = *store::find_audit(*database, 2);
  Record record = decode(row.record);
  row.record = encode(7, record.time, record.event);
  put(2, row.record, chain_after(store::find_audit(*database, 1)->chain, row.record));
  CHECK(verify() == "damage at record 2: sequence");
}

TEST_CASE_METHOD(AuditFixture, "octets that are no record are noticed in a sound chain") {
  append_many(3);
  const Bytes junk = to_bytes(as_bytes("{\"v\":1}"));
  put(2, junk, chain_after(store::find_audit(*database, 1)->chain, junk));
  CHECK(verify() == "damage at record 2: record");
}

TEST_CASE_METHOD(AuditFixture, "a tail cut off is noticed by the frontier") {
  append_many(10);
  sql("DELETE FROM audit_records WHERE seq >= 8");
  CHECK(verify() == "damage at record 8: truncated");
}

TEST_CASE_METHOD(AuditFixture, "a tail cut off with its frontier is noticed by a checkpoint only") {
  append_many(10);
  const std::string remembered = checkpoint();
  sql("DELETE FROM audit_records WHERE seq >= 8");
  rewrite();
  CHECK(verify() == "damage at record 8: truncated");  // the checkpoint in the store
  sql("DELETE FROM audit_checkpoints");
  CHECK(verify() == "intact");
  options.trusted_notes = {remembered};
  CHECK(verify() == "damage at record 8: truncated");
}

TEST_CASE_METHOD(AuditFixture, "a chain made anew is noticed by a checkpoint only") {
  append_many(4);
  const std::string early = checkpoint();
  append_many(6);
  const std::string late = checkpoint();
  sql("DELETE FROM audit_records WHERE seq = 6");
  rewrite();
  append("filler");
  CHECK(verify() == "damage at record 4: checkpoint");
  CHECK_THAT(why(), ContainsSubstring("a record from 4 to 9"));
  sql("DELETE FROM audit_checkpoints");
  CHECK(verify() == "intact");
  options.trusted_notes = {early};
  CHECK(verify() == "intact");  // the forgery lies behind it
  options.trusted_notes = {late, early};
  CHECK(verify() == "damage at record 4: checkpoint");
}

TEST_CASE_METHOD(AuditFixture, "a frontier that is not the records' is noticed") {
  append_many(10);
  Bytes frontier = *store::audit_frontier(*database);
  frontier.back() ^= 1;
  database->prepare("UPDATE audit_head SET frontier = ?").bind(frontier).run();
  CHECK(verify() == "damage at record 10: root");
  database->prepare("UPDATE audit_head SET frontier = ?").bind(Bytes{1, 2}).run();
  CHECK(verify() == "damage at record 10: root");
  sql("DELETE FROM audit_head");
  CHECK(verify() == "damage at record 10: root");
}

TEST_CASE_METHOD(AuditFixture, "the first damage is told, whatever comes after") {
  append_many(10);
  flip_bit(7, 3);
  flip_bit(2, 3);
  sql("DELETE FROM audit_records WHERE seq = 5");
  CHECK(verify() == "damage at record 2: hash");
}

TEST_CASE_METHOD(AuditFixture, "the newest checkpoint of ours is told") {
  append_many(3);
  checkpoint();
  append_many(3);
  checkpoint();
  append_many(1);
  CHECK(verify() == "intact");
  REQUIRE(verdict().checkpoint);
  CHECK(verdict().checkpoint->size == 6);
  CHECK(verdict().checkpoint->origin == kOrigin);
}

TEST_CASE_METHOD(AuditFixture, "a checkpoint in the store with a wrong signature is damage") {
  append_many(3);
  checkpoint();
  append_many(3);
  const std::string note = checkpoint();
  std::string forged = note;
  forged.at(forged.size() - 10) = forged.at(forged.size() - 10) == 'A' ? 'B' : 'A';
  database->prepare("UPDATE audit_checkpoints SET note = ? WHERE size = 6").bind(forged).run();
  CHECK(verify() == "damage at record 6: checkpoint");
  CHECK_THAT(why(), ContainsSubstring("refused"));
}

TEST_CASE_METHOD(AuditFixture, "a checkpoint that no known key signed is damage") {
  append_many(3);
  test::SoftwareSigner stranger(crypto::KeyAlgorithm::ecdsa_p256);
  const std::string note = sign_checkpoint({kOrigin, 3, root_hash(*database)}, {&stranger});
  options.trusted_notes = {note};
  CHECK(verify() == "damage at record 3: checkpoint");
  options.verifier_keys.clear();  // trusted for where it was kept
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "a checkpoint of another log by a key of ours is damage") {
  append_many(3);
  const std::string body = body_of({"tsp.example.org/other", 3, root_hash(*database)});
  options.trusted_notes = {body + "\n" + sign_note(body, kOrigin, key)};
  CHECK(verify() == "damage at record 3: checkpoint");
  CHECK_THAT(why(), ContainsSubstring("another log"));
}

TEST_CASE_METHOD(AuditFixture, "a checkpoint of the empty log is extended by every log") {
  const std::string empty = checkpoint();
  CHECK(verify() == "intact");
  append_many(5);
  options.trusted_notes = {empty};
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "a trusted text that is no checkpoint is the caller's mistake") {
  options.trusted_notes = {"hello"};
  CHECK(fault_of([&] { verdict(); }) == "bad-input");
}

TEST_CASE_METHOD(AuditFixture, "records appended meanwhile do not disturb a verification") {
  append_many(50);
  const auto other = store::Database::open(path, store::Database::Open::existing);
  const store::Snapshot snapshot(*other);
  append_many(50);
  checkpoint();
  CHECK(audit::verify(*other, options).size == 50);
  CHECK(in_words(audit::verify(*other, options)) == "intact");
  CHECK(verdict().size == 100);
}

// --- promise 3

TEST_CASE_METHOD(AuditFixture, "intents without results are counted, not damage") {
  intent("a.pdf");
  const auto second = intent("b.pdf");
  CHECK(verdict().open_intents == 2);
  result(second, "b.pdf", Outcome::failed);
  CHECK(verify() == "intact");
  CHECK(verdict().open_intents == 1);
}

TEST_CASE_METHOD(AuditFixture, "a signature without an intent is damage") {
  append("key.generate");
  append("sign", {{"key", "a1"}, {"dtbs_sha256", digest("x")}, {"signature_sha256", digest("y")}});
  CHECK(verify() == "damage at record 1: order");
  CHECK(why() == "a signature without an intent");
}

TEST_CASE_METHOD(AuditFixture, "a result before its intent is damage") {
  result(/*of=*/1, "a.pdf");
  intent("a.pdf");
  CHECK(verify() == "damage at record 0: order");
}

TEST_CASE_METHOD(AuditFixture, "a second result of one intent is damage") {
  const auto of = intent("a.pdf");
  result(of, "a.pdf", Outcome::failed);
  result(of, "a.pdf");
  CHECK(verify() == "damage at record 2: order");
}

TEST_CASE_METHOD(AuditFixture, "a result for something else than was intended is damage") {
  result(intent("a.pdf"), "b.pdf");
  CHECK(verify() == "damage at record 1: order");
  CHECK_THAT(why(), ContainsSubstring("dtbs_sha256"));
}

TEST_CASE_METHOD(AuditFixture, "a result that does not say what was signed is damage") {
  const auto of = intent("a.pdf");
  append("sign", {{"intent", of}, {"key", "a1"}, {"signature_sha256", digest("y")}});
  CHECK(verify() == "damage at record 1: order");
}

TEST_CASE_METHOD(AuditFixture, "a result with another key than intended is damage") {
  const auto of = intent("a.pdf");
  append("sign", {{"intent", of},
                  {"key", "b2"},
                  {"dtbs_sha256", digest("a.pdf")},
                  {"signature_sha256", digest("y")}});
  CHECK(verify() == "damage at record 1: order");
}

TEST_CASE_METHOD(AuditFixture, "a signature without its digest is damage") {
  const auto of = intent("a.pdf");
  append("sign", {{"intent", of},
                  {"key", "a1"},
                  {"dtbs_sha256", digest("a.pdf")},
                  {"signature_sha256", "none"}});
  CHECK(verify() == "damage at record 1: order");
  CHECK(why() == "a signature without its digest");
}

TEST_CASE_METHOD(AuditFixture, "an intent to sign nothing in particular is damage") {
  append(Event{"sign", Outcome::intent, "uid:1", "signer", "alice", {{"key", "a1"}}});
  CHECK(verify() == "damage at record 0: order");
}

TEST_CASE_METHOD(AuditFixture, "a bare hash is bound by its value") {
  const Json bound = {{"key", "a1"}, {"dtbs", "0a0b"}};
  append(Event{"sign", Outcome::intent, "uid:1", "signer", "alice", bound});
  append("sign",
         {{"intent", 0}, {"key", "a1"}, {"dtbs", "0a0b"}, {"signature_sha256", digest("y")}});
  CHECK(verify() == "intact");
  append(Event{"sign", Outcome::intent, "uid:1", "signer", "alice", bound});
  append("sign",
         {{"intent", 2}, {"key", "a1"}, {"dtbs", "0a0c"}, {"signature_sha256", digest("y")}});
  CHECK(verify() == "damage at record 3: order");
}

TEST_CASE_METHOD(AuditFixture, "a refusal before any intent stands alone") {
  append(Event{"sign", Outcome::refused, "uid:1", "signer", "alice", {{"reason", "suspended"}}});
  append(Event{"sign", Outcome::failed, "uid:1", "signer", "alice", {{"reason", "hsm"}}});
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "intents of one event are not closed by results of another") {
  intent("a.pdf");
  append("cert.issue", {{"intent", 0}});
  CHECK(verify() == "damage at record 1: order");
}

TEST_CASE_METHOD(AuditFixture, "other events tie intents and results in the same way") {
  append(Event{"cert.issue", Outcome::intent, "uid:1", "officer", "0a", {{"tbs_sha256", "x"}}});
  append("cert.issue", {{"intent", 0}, {"certificate_sha256", "y"}});
  CHECK(verify() == "intact");
  append("cert.issue", {{"intent", 0}});
  CHECK(verify() == "damage at record 2: order");
}

TEST_CASE_METHOD(AuditFixture, "time that steps back unmarked is damage") {
  append_many(2);
  auto row = *store::find_audit(*database, 1);
  const Record record = decode(row.record);
  row.record = encode(1, record.time - std::chrono::hours(1), record.event);
  put(1, row.record, row.chain);
  rewrite();
  CHECK(verify() == "damage at record 1: order");
}

TEST_CASE_METHOD(AuditFixture, "twenty thousand records are verified in seconds") {
  append_many(20'000);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verify() == "intact");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

}  // namespace
}  // namespace tsp::audit
