// The formulas of docs/formats, built here a second time, give what the module makes.
#include "crypto/digest.h"
#include "sam/credential.h"
#include "sam/enrolment.h"
#include "sam/manifest.h"
#include "sam/sad.h"
#include "sam/weak_for_tests.h"
#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

// "text" and text: a field of them.
void append_text_field(Bytes& to, std::string_view text) {
  append_field(to, as_bytes(text));
}

Bytes pin_message(std::string_view user, ByteView head, ByteView hashed) {
  Bytes message;
  append_text_field(message, "tsp pin verifier 1");
  append_text_field(message, user);
  append_field(message, head);
  append(message, hashed);
  return message;
}

Bytes link_message(const store::KeyRow& key) {
  Bytes message;
  append_text_field(message, "tsp key link 1");
  append_text_field(message, key.id);
  append_text_field(message, key.owner);
  append_text_field(message, key.algorithm);
  append_u32(message, static_cast<std::uint32_t>(key.scal));
  append_field(message, key.spki);
  append_text_field(message, key.mechanism);
  append_text_field(message, key.wrapping_key);
  append_field(message, crypto::sha256(key.blob));
  return message;
}

Bytes scope_of(const store::ApprovalRow& row) {
  Bytes scope;
  append_field(scope, row.manifest_sha256);
  append_text_field(scope, row.user);
  append_text_field(scope, row.key);
  append_u32(scope, static_cast<std::uint32_t>(row.count));
  append_u64(scope, static_cast<std::uint64_t>(to_unix_ms(row.expires_at)));
  return scope;
}

Bytes sad_message(const store::ApprovalRow& row) {
  Bytes message;
  append_text_field(message, "tsp sad 1");
  append_field(message, row.id);
  append_field(message, scope_of(row));
  append_field(message, crypto::sha256(row.sealed));
  return message;
}

Bytes hkdf(const Secret& secret, std::string_view info) {
  return to_bytes(
      crypto::hkdf(crypto::HashAlgorithm::sha256, secret.view(), {}, as_bytes(info), 32).view());
}

// The approval of the example of docs/formats/sad.md, before make_sad().
store::ApprovalRow approval() {
  store::ApprovalRow row;
  row.user = "alice";
  row.key = "k1";
  row.manifest_sha256 = Bytes(32, 0x22);
  row.count = 1;
  row.expires_at = from_unix(1767225600);
  return row;
}

Bytes counting(std::uint8_t first, std::size_t size) {
  Bytes out;
  while (out.size() < size) out.push_back(first++);
  return out;
}

}  // namespace

TEST_CASE_METHOD(SignersToken, "a PIN verifier is what docs/formats/factors.md says") {
  const Bytes verifier = make_pin_verifier_for_tests(*session, "alice", secret("246813"), kQuick);
  REQUIRE(verifier.size() == 61);
  const ByteView head = ByteView(verifier).first(29);
  const Secret hashed = crypto::argon2id(as_bytes("246813"), head.subspan(13), kQuick);
  CHECK(equal(session->mac(kPepperKey, pin_message("alice", head, hashed.view())),
              ByteView(verifier).subspan(29)));
}

TEST_CASE("the example of docs/formats/factors.md") {
  const Bytes head = *from_hex("01000100000000000300000001a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  const Secret hashed = crypto::argon2id(as_bytes("246813"), counting(0xa0, 16), {65536, 3, 1});
  CHECK(to_hex(hashed.view()) ==
        "0f7d598b77363811349e241d7be5d68a9e1dd1b5f9807955ecbc56fdf4b1c362");
  CHECK(to_hex(crypto::hmac(crypto::HashAlgorithm::sha256, counting(0, 32),
                            pin_message("alice", head, hashed.view()))) ==
        "24764d764fdef7a8da379ee4f2294d272d321a80ac003c626842ef799aad2a37");
}

TEST_CASE_METHOD(SignersToken, "an enrolment code's MAC is what docs/formats/factors.md says") {
  Bytes message;
  append_text_field(message, "tsp enrolment code 1");
  append_text_field(message, "alice");
  append_text_field(message, "7KQ2MX9RTC4HBWPD3FNV");
  CHECK(to_hex(message) ==
        "0000001474737020656e726f6c6d656e7420636f64652031"
        "00000005616c69636500000014374b51324d583952544334484257504433464e56");
  CHECK(to_hex(crypto::hmac(crypto::HashAlgorithm::sha256, counting(0, 32), message)) ==
        "9d2ed4eef25b94aeabe776dbe91c99274a2b2287a6f399946af15c51d39193c2");
  CHECK(equal(session->mac(kPepperKey, message),
              enrolment_code_mac(*session, "alice", secret("7kq2m-X9RTC-4HBWP D3FNV"))));
}

TEST_CASE_METHOD(SignersToken, "a sealed seed is what docs/formats/factors.md says") {
  Bytes associated;
  append_text_field(associated, "tsp factor seed 1");
  append_text_field(associated, "alice");
  append_text_field(associated, "totp");
  const Bytes sealed = session->seal(kSeedKey, Bytes(20, 7), associated);
  CHECK(sealed.size() == 48);
  CHECK(to_bytes(open_seed(*session, "alice", sealed).view()) == Bytes(20, 7));
}

TEST_CASE_METHOD(SignersToken, "a link MAC is what docs/formats/wrapped-key.md says") {
  const auto key =
      generate_key(*session, "alice", {}, crypto::KeyAlgorithm::ecdsa_p256, "", Time{});
  CHECK(key.link_mac == session->mac(kLinkKey, link_message(key)));
}

TEST_CASE("the example of docs/formats/wrapped-key.md") {
  store::KeyRow key;
  key.id = "00112233445566778899aabbccddeeff";
  key.owner = "alice";
  key.algorithm = "ecdsa-p256";
  key.mechanism = "aes-key-wrap-pad";
  key.wrapping_key = "master-1";
  key.blob = *from_hex("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
  key.spki = *from_hex(
      "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  CHECK(
      to_hex(crypto::hmac(crypto::HashAlgorithm::sha256, counting(0x20, 32), link_message(key))) ==
      "6bb77f6e51c79aceb1ef328cdfb9c5ff2023f1ca052440ae795281a89f0fb174");
}

TEST_CASE("the digests of docs/formats/manifest.md") {
  const Manifest manifest{crypto::HashAlgorithm::sha256,
                          {{"a.pdf", Bytes(32, 0x11), Bytes(32, 0x22), {0x31, 0x00}, 3}}};
  CHECK(to_hex(manifest_hash(manifest)) ==
        "92b42191483d949b0de5c1098deba117df33279ef84cef6d8aec7c696d338d7e");
  CHECK(to_hex(entry_hash(manifest, 0)) ==
        "eddb8cabdc2a2ac5653a4ddb038b345c0f14c91cddef4c518b781d96b4ff1065");
  CHECK(to_hex(*dtbs_sha256(manifest, 0)) ==
        "e79e418e48623569d75e2a7b09ae88ed9b77b126a445b9ff9dc6989a08efa079");
}

TEST_CASE("the digests of the one-shot manifest in docs/formats/manifest.md") {
  const Manifest manifest{crypto::HashAlgorithm::sha256,
                          {{"a.pdf", Bytes(32, 0x11), Bytes(32, 0x22), {}, 3}},
                          OneShot{"CN=Alice", "ecdsa-p256", 600, 1}};
  CHECK(to_hex(manifest_hash(manifest)) ==
        "d0a857f56d8bb1a5ac225f0ce3bfbafa97af962fa7e3620255d3b9df7277bcfb");
  CHECK(to_hex(entry_hash(manifest, 0)) ==
        "1ffc182ee3e5aa589d6fe868f9c55dcfa24657ab8d3796599b60c4180a43676b");
}

TEST_CASE_METHOD(SignersToken, "a SAD and its row are what docs/formats/sad.md says") {
  const Bytes seal_key = counting(0x80, 32);
  const Sad sad = make_sad(*session, approval(), secret(as_text(seal_key)));
  CHECK(sad.secret.size() == 32);
  CHECK(sad.row.id == crypto::sha256(sad.secret.view()));
  CHECK(sad.row.mac == session->mac(kLinkKey, sad_message(sad.row)));
  const auto opened =
      crypto::open(hkdf(sad.secret, "tsp sad seal 1"), sad.row.sealed, scope_of(sad.row));
  REQUIRE(opened);
  CHECK(equal(opened->view(), seal_key));
}

TEST_CASE("the example of docs/formats/sad.md") {
  const Secret s(counting(0, 32));
  store::ApprovalRow row = approval();
  row.id = crypto::sha256(s.view());
  CHECK(to_hex(row.id) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
  CHECK(to_hex(scope_of(row)) ==
        "000000202222222222222222222222222222222222222222222222222222222222222222"
        "00000005616c696365000000026b31000000010000019b76daa800");
  CHECK(to_hex(crypto::hmac(crypto::HashAlgorithm::sha256, counting(0x20, 32), sad_message(row))) ==
        "15411eb1362dc7652cb975314d1da9ff231a7a5d547548814c63e23ead72a970");
  CHECK(to_hex(hkdf(s, "tsp sad seal 1")) ==
        "7980aa8658bf562968856de142272ee5195014274fe8045dfb8a0db609c6b3fc");
  CHECK(to_hex(hkdf(s, "tsp sad hash 1")) ==
        "976ccfdd985ca32658170cc7bce21b825a26fe78ca27fc32e2b0c0709364a16d");
  CHECK(to_hex(HashKey(s).of(
            *from_hex("eddb8cabdc2a2ac5653a4ddb038b345c0f14c91cddef4c518b781d96b4ff1065"))) ==
        "39e6219856d1452693f2fa0e8d2807fa8c2c87d461a1307c534659ac00f68ade");
}
