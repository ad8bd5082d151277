// Exported trees and proofs: what an auditor checks with files and keys alone.
#include "audit/export.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "audit/proof.h"
#include "audit/tiles.h"
#include "base/files.h"
#include "support/catch.h"
#include "unit/audit/audit_fixture.h"

namespace tsp::audit {
namespace {

namespace fs = std::filesystem;

struct ExportFixture : AuditFixture {
  std::string directory = folder.file("exported");

  Exported export_all() { return export_tree(*database, checkpoint(), directory); }
  std::string verify_files() { return in_words(verify_path(directory, options)); }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
      if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), directory).string());
    std::sort(names.begin(), names.end());
    return names;
  }
  void flip(const std::string& file, std::size_t byte) {
    Bytes content = read_file(directory + "/" + file, 1 << 24);
    content.at(byte) ^= 1;
    write_file(directory + "/" + file, content, Existing::replace);
  }
};

TEST_CASE("tile paths are in groups of three digits") {
  CHECK(tile_path("0", 0, 256) == "tile/0/000");
  CHECK(tile_path("2", 999, 256) == "tile/2/999");
  CHECK(tile_path("0", 1234067, 256) == "tile/0/x001/x234/067");
  CHECK(tile_path("entries", 1000, 7) == "tile/entries/x001/000.p/7");
}

// C2SP tlog-tiles gives the tiles of a tree of 70 000 records.
TEST_CASE("a tree of 70 000 has the tiles that the specification names") {
  std::map<std::string, int> count;
  TileBuilder tiles([&](std::size_t level, std::uint64_t, ByteView hashes) {
    ++count[std::to_string(level) + " of " + std::to_string(hashes.size() / 32)];
  });
  const Bytes leaf(32, 1);
  for (int i = 0; i < 70'000; ++i) tiles.append(leaf);
  tiles.finish();
  CHECK(count ==
        std::map<std::string, int>{
            {"0 of 256", 273}, {"0 of 112", 1}, {"1 of 256", 1}, {"1 of 17", 1}, {"2 of 1", 1}});
}

TEST_CASE("a tree of 256 has one full tile and one of one hash above it") {
  std::string seen;
  TileBuilder tiles([&](std::size_t level, std::uint64_t index, ByteView hashes) {
    seen += tile_path(std::to_string(level), index, hashes.size() / 32) + " ";
  });
  for (int i = 0; i < 256; ++i) tiles.append(Bytes(32, 1));
  tiles.finish();
  CHECK(seen == "tile/0/000 tile/1/000.p/1 ");
}

TEST_CASE("bundles of entries read back; broken ones do not") {
  const std::vector<Bytes> entries{Bytes{'a'}, Bytes(), Bytes(65535, 'x')};
  const Bytes bundle = encode_entries(entries);
  CHECK(ByteView(bundle).first(5)[2] == 'a');
  CHECK(decode_entries(bundle) == entries);
  CHECK(decode_entries({})->empty());
  CHECK_FALSE(decode_entries(ByteView(bundle).first(bundle.size() - 1)));
  CHECK_FALSE(decode_entries(Bytes{0}));
  CHECK(fault_of([] { encode_entries({Bytes(65536, 'x')}); }) == "failed");
}

TEST_CASE_METHOD(ExportFixture, "an export has checkpoint, tiles and entries, and verifies alone") {
  append_many(600);
  const Exported exported = export_all();
  CHECK(exported.size == 600);
  CHECK(exported.root == root_hash(*database));
  CHECK(files() == std::vector<std::string>{"checkpoint", "tile/0/000", "tile/0/001",
                                            "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
                                            "tile/entries/001", "tile/entries/002.p/88"});
  CHECK(exported.files == 8);
  database.reset();
  CHECK(verify_files() == "intact");
  const Verdict verdict = verify_path(directory, options);
  CHECK(verdict.size == 600);
  CHECK(verdict.checkpoint->size == 600);
}

TEST_CASE_METHOD(ExportFixture, "logs of every size around a tile export and verify") {
  for (const int size : {0, 1, 2, 255, 256, 257, 511, 512}) {
    append_many(size - static_cast<int>(audit::size(*database)));
    directory = folder.file("exported" + std::to_string(size));
    export_all();
    CHECK(verify_files() == "intact");
  }
}

TEST_CASE_METHOD(ExportFixture, "an older checkpoint exports the log as it was then") {
  append_many(100);
  const std::string old = checkpoint();
  append_many(100);
  CHECK(export_tree(*database, old, directory).size == 100);
  CHECK(verify_files() == "intact");
}

TEST_CASE_METHOD(ExportFixture, "a flipped bit in any file of an export is noticed") {
  append_many(300);
  export_all();
  for (const std::string& file : files()) {
    const std::size_t size = fs::file_size(directory + "/" + file);
    for (const std::size_t byte : {std::size_t{0}, size / 2, size - 1}) {
      flip(file, byte);
      CHECK(verify_files() != "intact");
      flip(file, byte);
    }
  }
  CHECK(verify_files() == "intact");
}

TEST_CASE_METHOD(ExportFixture, "damage in an export names the first record concerned") {
  append_many(300);
  export_all();
  flip("tile/0/000", 10 * 32 + 5);
  CHECK(verify_files() == "damage at record 10: hash");
  flip("tile/0/000", 10 * 32 + 5);
  flip("tile/1/000.p/1", 3);
  CHECK(verify_files() == "damage at record 0: hash");
  flip("tile/1/000.p/1", 3);
  fs::remove(directory + "/tile/entries/001.p/44");
  CHECK(verify_files() == "damage at record 256: truncated");
}

TEST_CASE_METHOD(ExportFixture, "an export made anew without the key is refused") {
  append_many(10);
  const std::string remembered = checkpoint();
  sql("DELETE FROM audit_records WHERE seq = 3");
  rewrite();
  test::SoftwareSigner stranger(crypto::KeyAlgorithm::ecdsa_p256);
  const std::string forged = sign_checkpoint({kOrigin, 9, root_hash(*database)}, {&stranger});
  export_tree(*database, forged, directory);
  CHECK(verify_files() == "damage at record 9: checkpoint");
  // With the key stolen, what somebody remembered still tells.
  fs::remove_all(directory);
  export_tree(*database, sign_checkpoint({kOrigin, 9, root_hash(*database)}, {&key}), directory);
  CHECK(verify_files() == "intact");
  options.trusted_notes = {remembered};
  CHECK(verify_files() == "damage at record 9: truncated");
}

TEST_CASE_METHOD(ExportFixture, "a remembered checkpoint inside an export is held against it") {
  append_many(300);
  options.trusted_notes = {checkpoint()};
  append_many(300);
  export_all();
  CHECK(verify_files() == "intact");
  options.trusted_notes = {sign_checkpoint({kOrigin, 300, Bytes(32, 1)}, {&key})};
  CHECK(verify_files() == "damage at record 0: checkpoint");
}

TEST_CASE_METHOD(ExportFixture, "promise 3 is checked in exports too") {
  append("key.generate");
  append("sign", {{"key", "a1"}, {"dtbs_sha256", digest("x")}});
  CHECK(fault_of([&] { export_all(); }) == "tampered");
  CHECK_FALSE(fs::exists(directory));
}

TEST_CASE_METHOD(ExportFixture, "a log that is not what was signed is not exported") {
  append_many(10);
  const std::string note = checkpoint();
  flip_bit(4, 20);
  CHECK(fault_of([&] { export_tree(*database, note, directory); }) == "tampered");
  const std::string beyond = sign_checkpoint({kOrigin, 11, Bytes(32, 1)}, {&key});
  CHECK(fault_of([&] { export_tree(*database, beyond, directory); }) == "tampered");
  CHECK(fault_of([&] { export_tree(*database, "hello", directory); }) == "bad-input");
  for (const auto& entry : fs::directory_iterator(fs::path(directory).parent_path()))
    CHECK(entry.path().filename().string().starts_with("store.db"));
}

TEST_CASE_METHOD(ExportFixture, "an export replaces nothing") {
  append_many(10);
  export_all();
  CHECK(fault_of([&] { export_all(); }) == "already-exists");
  directory += "/";
  CHECK(fault_of([&] { export_all(); }) == "already-exists");
  CHECK(verify_files() == "intact");
}

TEST_CASE_METHOD(ExportFixture, "a path is what its content says: store, export or proof") {
  append_many(10);
  const std::string note = checkpoint();
  CHECK(in_words(verify_path(path, options)) == "intact");
  const std::string proof = folder.put("record.tlog-proof", prove(*database, 3, note));
  CHECK(in_words(verify_path(proof, options)) == "intact");
  CHECK(verify_path(proof, options).size == 10);
  const std::string other = folder.put("letter.txt", "hello");
  CHECK(fault_of([&] { verify_path(other, options); }) == "bad-input");
  CHECK(fault_of([&] { verify_path(folder.put("empty", ""), options); }) == "bad-input");
  CHECK(fault_of([&] { verify_path(folder.file("nothing"), options); }) == "not-found");
  CHECK(fault_of([&] { verify_path(folder.file("."), options); }) == "bad-input");
}

// --- proofs of single records

TEST_CASE_METHOD(AuditFixture, "a proof shows its record to who has the key alone") {
  append_many(20);
  append("cert.issue", {{"serial", "0a"}});
  append_many(20);
  const std::string proof = prove(*database, 20, checkpoint());
  CHECK_THAT(proof, ContainsSubstring("c2sp.org/tlog-proof@v1\nextra "));
  CHECK_THAT(proof, ContainsSubstring("\nindex 20\n"));
  database.reset();
  const ProofVerdict verdict = verify_proof(proof, {vkey});
  REQUIRE(verdict.holds);
  CHECK(verdict.record->event.event == "cert.issue");
  CHECK(verdict.record->event.details["serial"] == "0a");
  CHECK(verdict.checkpoint->size == 41);
}

TEST_CASE_METHOD(AuditFixture, "every record of small logs can be proved") {
  for (int size = 1; size <= 20; ++size) {
    append_many(1);
    const std::string note = checkpoint();
    for (int seq = 0; seq < size; ++seq) {
      const ProofVerdict verdict = verify_proof(prove(*database, seq, note), {vkey});
      CHECK((verdict.holds && verdict.record->seq == seq));
    }
  }
}

TEST_CASE_METHOD(AuditFixture, "every changed octet of a proof is noticed") {
  append_many(7);
  const std::string proof = prove(*database, 3, checkpoint());
  for (std::size_t i = 0; i < proof.size(); ++i) {
    std::string changed = proof;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(verify_proof(changed, {vkey}).holds);
    CHECK_FALSE(verify_proof(proof.substr(0, i), {vkey}).holds);
  }
}

TEST_CASE_METHOD(AuditFixture, "a proof is of one record, and says why where it does not hold") {
  append_many(7);
  const std::string note = checkpoint();
  const std::string three = prove(*database, 3, note), four = prove(*database, 4, note);
  const auto index = three.find("index ");
  const std::string mixed = four.substr(0, four.find("index ")) + three.substr(index);
  CHECK(verify_proof(mixed, {vkey}).kind == "root");
  test::SoftwareSigner stranger(crypto::KeyAlgorithm::ecdsa_p256);
  CHECK(verify_proof(three, {verifier_key(kOrigin, stranger.public_key())}).kind == "checkpoint");
  CHECK(verify_proof("hello", {vkey}).kind == "record");
}

TEST_CASE_METHOD(AuditFixture, "what the checkpoint does not cover is not proved") {
  append_many(3);
  const std::string note = checkpoint();
  append_many(1);
  CHECK(fault_of([&] { prove(*database, 3, note); }) == "not-found");
  CHECK(fault_of([&] { prove(*database, 4, note); }) == "not-found");
  CHECK(fault_of([&] { prove(*database, -1, note); }) == "not-found");
  CHECK(fault_of([&] { prove(*database, 0, "hello"); }) == "bad-input");
  flip_bit(1, 5);
  CHECK(fault_of([&] { prove(*database, 0, note); }) == "tampered");
}

}  // namespace
}  // namespace tsp::audit
