// Notes and checkpoints: those of the Go checksum database and of Rekor, and our own.
#include "audit/checkpoint.h"

#include "audit/anchor.h"
#include "audit/note.h"
#include "support/catch.h"
#include "unit/audit/audit_fixture.h"

namespace tsp::audit {
namespace {

// golang.org/x/mod/sumdb/note, note_test.go.
const std::string kPeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kPeterNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    "\n";
// A checkpoint of the Go checksum database (Ed25519).
const std::string kSumKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const std::string kSumNote =
    "go.sum database tree\n"
    "6476701\n"
    "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n"
    "\n"
    "— sum.golang.org "
    "Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw="
    "\n";
// The key of the Rekor log (ECDSA P-256), and two of its checkpoints, the first with an extension.
const std::string kRekorKey =
    "rekor.sigstore.dev+c0d23d6a+"
    "AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvF"
    "K/4sueRoVj//QP22Ni4Qt9DPfkWLc=";
const std::string kRekorNote =
    "rekor.sigstore.dev - 2605736670972794746\n"
    "21428036\n"
    "rxnoKyFZlJ7/R6bMh/d3lcqwKqAy5CL1LcNBJP17kgQ=\n"
    "Timestamp: 1688058656037355364\n"
    "\n"
    "— rekor.sigstore.dev "
    "wNI9ajBFAiEAuDk7uu5Ae8Own/MjhSZNuVzbLuYH2jBMxbSA0WaNDNACIDV4reKpYiOpkwtvazCClnpUuduF2o/"
    "th2xR3gRZAUU4\n";
const std::string kRekorLaterNote =
    "rekor.sigstore.dev - 2605736670972794746\n"
    "93750551\n"
    "KgKiXoOl8rM5d4y6Xlbm2QLftvj/FYvTs6z7dJlNO60=\n"
    "\n"
    "— rekor.sigstore.dev "
    "wNI9ajBEAiBkLzdjY8A9HReU7rmtjwZ+JpSuYtEr9SmvSwUIW7FBjgIgKo+vhkW3tqc+gc8fw9gza3xLoncA8a+"
    "MTaJYCaLGA9c=\n";

bool opens(const std::string& note, const std::vector<std::string>& keys) {
  return open_note(note, keys).checkpoint.has_value();
}

TEST_CASE("the note of the Go reference implementation verifies") {
  const auto note = parse_note(kPeterNote);
  REQUIRE(note);
  CHECK(verify_note(*note, {kPeterKey}).verifier_keys == std::vector{kPeterKey});
  Note changed = *note;
  changed.text[0] = 'i';
  CHECK(verify_note(changed, {kPeterKey}).reason == "the signature of PeterNeumann is wrong");
}

TEST_CASE("a checkpoint of the Go checksum database opens") {
  const NoteVerdict verdict = open_note(kSumNote, {kSumKey});
  REQUIRE(verdict.checkpoint);
  CHECK(verdict.checkpoint->origin == "go.sum database tree");
  CHECK(verdict.checkpoint->size == 6476701);
  CHECK(to_base64(verdict.checkpoint->root) == "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=");
  CHECK(verdict.signers == std::vector{kSumKey});
}

TEST_CASE("checkpoints of Rekor open, with and without extension lines") {
  CHECK(open_note(kRekorNote, {kRekorKey}).checkpoint->size == 21428036);
  CHECK(open_note(kRekorLaterNote, {kRekorKey}).checkpoint->size == 93750551);
}

TEST_CASE("a verifier key is spelled as others spell it") {
  for (const std::string& spelled : {kPeterKey, kSumKey, kRekorKey}) {
    const NoteKey key = parse_note_key(spelled);
    CHECK(make_note_key(key.name, key.key) == spelled);
  }
}

TEST_CASE("no other key opens a note, and without keys none opens") {
  CHECK_FALSE(opens(kSumNote, {kRekorKey}));
  CHECK_FALSE(opens(kSumNote, {}));
  CHECK(open_note(kSumNote, {}).reason == "no known key signed it");
  CHECK(opens(kSumNote, {kRekorKey, kSumKey}));
}

TEST_CASE("every changed octet of a checkpoint is noticed") {
  for (const auto& [note, key] : {std::pair(kSumNote, kSumKey), std::pair(kRekorNote, kRekorKey)})
    for (std::size_t i = 0; i < note.size(); ++i) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      CHECK_FALSE(opens(changed, {key}));
    }
}

TEST_CASE("a note that ends early is no note") {
  for (std::size_t size = 0; size < kSumNote.size(); ++size)
    CHECK_FALSE(opens(kSumNote.substr(0, size), {kSumKey}));
}

TEST_CASE("malformed notes are no notes") {
  const std::string line = kSumNote.substr(kSumNote.find("— "));
  const std::string body = kSumNote.substr(0, kSumNote.find("\n\n") + 1);
  CHECK(opens(body + "\n" + line, {kSumKey}));
  CHECK(opens(body + "\n" + line + line, {kSumKey}));
  CHECK_FALSE(opens(body + line, {kSumKey}));
  CHECK_FALSE(opens(body + "\n", {kSumKey}));
  CHECK_FALSE(opens(body + "\n\n" + line, {kSumKey}));
  CHECK_FALSE(opens(body + "\n" + line + "\n", {kSumKey}));
  CHECK_FALSE(opens(body + "\n" + line + "garbage\n", {kSumKey}));
  CHECK_FALSE(opens(body + "\n-" + line.substr(3), {kSumKey}));
  CHECK_FALSE(opens(body + "\t\n\n" + line, {kSumKey}));
  CHECK_FALSE(opens(body + "\xff\n\n" + line, {kSumKey}));
}

TEST_CASE("bodies are strict: origin, plain decimal size, root of 32 octets") {
  const std::string root = to_base64(Bytes(32, 1)) + "\n";
  CHECK(parse_body("log\n7\n" + root)->size == 7);
  CHECK(parse_body("log\n0\n" + root)->size == 0);
  CHECK(parse_body("log\n18446744073709551615\n" + root)->size == UINT64_MAX);
  CHECK(parse_body("log\n7\n" + root + "extension\n"));
  for (const std::string& bad :
       {"log\n07\n" + root, "log\n-7\n" + root, "log\n+7\n" + root, "log\n\n" + root,
        "log\n18446744073709551616\n" + root, "\n7\n" + root, "log\n7 \n" + root,
        "log\n0x7\n" + root, std::string("log\n7\n"), std::string("log\n7\nAAAA\n"),
        "log\n7\n" + root.substr(0, 44), "log\n7\n" + root + "\n", std::string()})
    CHECK_FALSE(parse_body(bad));
}

TEST_CASE("malformed verifier keys are the caller's mistake") {
  for (std::size_t size = 0; size < kSumKey.size(); ++size)
    CHECK(fault_of([&] { open_note(kSumNote, {kSumKey.substr(0, size)}); }) == "bad-input");
  for (std::size_t i = 0; i < kSumKey.size(); ++i) {
    std::string changed = kSumKey;
    changed[i] = static_cast<char>(changed[i] + 1);
    CHECK(fault_of([&] { parse_note_key(changed); }) == "bad-input");
  }
  CHECK(fault_of([] { parse_note_key("a b+033de0ae+Ac4z"); }) == "bad-input");
}

TEST_CASE("our checkpoints open with our keys: every curve, and Ed25519") {
  using enum crypto::KeyAlgorithm;
  for (const auto algorithm : {ecdsa_p256, ecdsa_p384, ecdsa_p521, ed25519}) {
    crypto::Signer& key = test::shared_signer(algorithm);
    const Checkpoint checkpoint{kOrigin, 42, Bytes(32, 7)};
    const std::string note = sign_checkpoint(checkpoint, {&key});
    const NoteVerdict verdict = open_note(note, {verifier_key(kOrigin, key.public_key())});
    REQUIRE(verdict.checkpoint);
    CHECK(*verdict.checkpoint == checkpoint);
  }
}

TEST_CASE("a note of two keys opens with either, and with both names both") {
  crypto::Signer& one = test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
  crypto::Signer& two = test::shared_signer(crypto::KeyAlgorithm::ed25519);
  const std::string note = sign_checkpoint({kOrigin, 42, Bytes(32, 7)}, {&one, &two});
  const std::string key1 = verifier_key(kOrigin, one.public_key());
  const std::string key2 = verifier_key(kOrigin, two.public_key());
  CHECK(open_note(note, {key1}).signers == std::vector{key1});
  CHECK(open_note(note, {key2}).signers == std::vector{key2});
  CHECK(open_note(note, {key1, key2}).signers == std::vector{key1, key2});
}

TEST_CASE("a known key whose signature fails refuses the note, though another signed it well") {
  crypto::Signer& one = test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
  crypto::Signer& two = test::shared_signer(crypto::KeyAlgorithm::ed25519);
  const std::string key1 = verifier_key(kOrigin, one.public_key());
  const std::string key2 = verifier_key(kOrigin, two.public_key());
  const std::string body = body_of({kOrigin, 42, Bytes(32, 7)});
  const std::string other = body_of({kOrigin, 43, Bytes(32, 8)});
  const std::string note =
      body + "\n" + sign_note(body, kOrigin, one) + sign_note(other, kOrigin, two);
  CHECK(opens(note, {key1}));  // the other is not known: ignored
  CHECK_FALSE(opens(note, {key1, key2}));
  CHECK(open_note(note, {key1, key2}).signers.empty());
}

TEST_CASE("sixty-four signatures are looked at") {
  crypto::Signer& key = test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
  const std::string body = body_of({kOrigin, 1, Bytes(32, 7)});
  std::string strangers;
  for (int i = 0; i < 63; ++i) strangers += "— stranger" + std::to_string(i) + " AAAAAAAA\n";
  const std::string vkey = verifier_key(kOrigin, key.public_key());
  const std::string line = sign_note(body, kOrigin, key);
  CHECK(opens(body + "\n" + strangers + line, {vkey}));
  CHECK_FALSE(opens(body + "\n" + strangers + "— one.more AAAAAAAA\n" + line, {vkey}));
}

TEST_CASE("RSA keys and names with spaces sign no checkpoints") {
  crypto::Signer& rsa = test::shared_signer(crypto::KeyAlgorithm::rsa_3072);
  crypto::Signer& key = test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256);
  CHECK(fault_of([&] { sign_checkpoint({kOrigin, 1, Bytes(32, 7)}, {&rsa}); }) == "bad-input");
  for (const char* name : {"", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb"})
    CHECK(fault_of([&] { verifier_key(name, key.public_key()); }) == "bad-input");
  CHECK(fault_of([&] { sign_checkpoint({kOrigin, 1, Bytes(32, 7)}, {}); }) == "failed");
}

struct LyingSigner final : crypto::Signer {
  const crypto::PublicKey& public_key() const override {
    return test::shared_signer(crypto::KeyAlgorithm::ecdsa_p256).public_key();
  }
  Bytes sign(crypto::Scheme, crypto::HashAlgorithm, ByteView) override { return Bytes(70, 0x30); }
};

TEST_CASE("a signature that does not verify is never put into a note") {
  LyingSigner liar;
  CHECK(fault_of([&] {
          sign_checkpoint({kOrigin, 1, Bytes(32, 7)}, {&liar});
        }) == "hsm-unavailable");
}

// --- the log's own

TEST_CASE_METHOD(AuditFixture, "an issued checkpoint is kept, and signs the log as it is") {
  append_many(5);
  const std::string note = checkpoint();
  const auto opened = open_note(note, options.verifier_keys);
  REQUIRE(opened.checkpoint);
  CHECK(opened.checkpoint->size == 5);
  CHECK(opened.checkpoint->root == root_hash(*database));
  CHECK(store::last_checkpoint(*database)->note == note);
}

TEST_CASE_METHOD(AuditFixture, "a log that was re-written gets no second checkpoint") {
  append_many(5);
  checkpoint();
  append_many(5);
  flip_bit(7, 100);
  CHECK(fault_of([&] { checkpoint(); }) == "tampered");
  flip_bit(7, 100);
  sql("DELETE FROM audit_records WHERE seq >= 3");
  rewrite();
  CHECK(fault_of([&] { checkpoint(); }) == "tampered");
  CHECK(store::last_checkpoint(*database)->size == 5);
}

TEST_CASE_METHOD(AuditFixture, "a last checkpoint with another tree's frontier is not built on") {
  append_many(5);
  checkpoint();
  append_many(5);
  Frontier other;
  for (int i = 0; i < 5; ++i) other.append(Bytes(32, 1));
  database->prepare("UPDATE audit_checkpoints SET frontier = ?").bind(other.encode()).run();
  CHECK(fault_of([&] { checkpoint(); }) == "tampered");
}

TEST_CASE_METHOD(AuditFixture, "a remembered checkpoint anchors the log") {
  append_many(5);
  const std::string old = checkpoint();
  append_many(5);
  CHECK(check_anchor(*database, old, {vkey}).holds);
  CHECK(check_anchor(*database, old, {vkey}).old->size == 5);
  CHECK_FALSE(check_anchor(*database, kSumNote, {vkey}).holds);
  CHECK_FALSE(check_anchor(*database, old, {kSumKey}).holds);
  flip_bit(2, 50);
  CHECK_FALSE(check_anchor(*database, old, {vkey}).holds);
}

TEST_CASE_METHOD(AuditFixture, "a log shorter than what was remembered is not anchored") {
  append_many(5);
  const std::string old = checkpoint();
  sql("DELETE FROM audit_records WHERE seq = 4");
  CHECK_FALSE(check_anchor(*database, old, {vkey}).holds);
  CHECK_THAT(check_anchor(*database, old, {vkey}).reason, ContainsSubstring("has 4"));
}

TEST_CASE_METHOD(AuditFixture, "two checkpoints and a proof show that the log only grew") {
  append_many(5);
  const std::string old = checkpoint();
  append_many(8);
  const std::string later = checkpoint();
  const auto proof = prove_extension(*database, 5, 13);
  CHECK(check_extension(old, later, proof, {vkey}).holds);
  CHECK_FALSE(check_extension(later, old, proof, {vkey}).holds);
  CHECK_FALSE(check_extension(old, later, {}, {vkey}).holds);
  CHECK_FALSE(check_extension(old, kSumNote, proof, {vkey, kSumKey}).holds);
  CHECK(fault_of([&] { prove_extension(*database, 5, 14); }) == "not-found");
}

}  // namespace
}  // namespace tsp::audit
