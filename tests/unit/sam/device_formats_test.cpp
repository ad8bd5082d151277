// The examples of docs/formats/activation-request.md and device.md, which another implementation
// made (device_example.h), are what this one writes, opens and believes.
#include <algorithm>

#include "base/files.h"
#include "crypto/digest.h"
#include "crypto/symmetric.h"
#include "device_example.h"
#include "sam/codes.h"
#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

// "text" and text: a field of them.
void append_text(Bytes& to, std::string_view text) {
  append_field(to, as_bytes(text));
}

Device phone() {
  return Device::open(example::octets(example::kKeyFile), secret("correct horse"));
}

// A page's letters and digits, so that hex over several lines stands in one piece.
std::string page(const std::string& name) {
  const Bytes read = read_file(TSP_SOURCE_DIR "/docs/formats/" + name, 1 << 16);
  std::string text(as_text(read));
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

}  // namespace

TEST_CASE("the pages show the octets that are tested here") {
  const std::string device = page("device.md");
  for (const std::string_view whole : {example::kCard, example::kSealedShare, example::kKeyFile})
    CHECK(device.find(whole) != std::string::npos);
  const DeviceAnswer answer = decode_answer(example::octets(example::kAnswer));
  CHECK(device.find(to_hex(answer.sealed_share)) != std::string::npos);
  CHECK(device.find(to_hex(answer.signature)) != std::string::npos);
  CHECK(device.find(example::kIntroduction.substr(example::kIntroduction.size() - 2 * 71)) !=
        std::string::npos);
  const std::string request = page("activation-request.md");
  CHECK(request.find(to_hex(request_hash(example::request()))) != std::string::npos);
  CHECK(request.find(to_hex(example::request().answer_point)) != std::string::npos);
}

TEST_CASE("the example of docs/formats/activation-request.md") {
  CHECK(to_hex(encode(example::request())) == example::kRequest);
  CHECK(to_hex(request_hash(example::request())) ==
        "51b52463e6a026db771f5b5a94ca95e579f1d06e717805345e4fdd2e12f1034b");
  CHECK(ocra_code(as_bytes("12345678901234567890123456789012"), request_hash(example::request())) ==
        "90973072");
}

TEST_CASE("the card and the key file of docs/formats/device.md") {
  CHECK(to_hex(encode(phone().card())) == example::kCard);
  const Secret key = crypto::argon2id(as_bytes("correct horse"),
                                      *from_hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), {65536, 3, 1});
  CHECK(to_hex(key.view()) == "6a08f154abf2d1e020bf0b149f4d1c924453f9b342c414c6f12fd87e6a89ef28");
}

TEST_CASE("the introduction of docs/formats/device.md") {
  CHECK(to_hex(encode(check_introduction(example::octets(example::kIntroduction),
                                         example::kProvider, "alice"))) == example::kCard);
}

TEST_CASE("the share and the answer of docs/formats/device.md") {
  const DeviceAnswer answer = decode_answer(example::octets(example::kAnswer));
  CHECK(is_answer(decode_card(example::octets(example::kCard)), example::request(), answer));
  const auto share = open_share(crypto::ExchangeKey::from_private(example::counting(0x60)),
                                example::request(), answer);
  REQUIRE(share);
  CHECK(equal(share->view(), example::counting(0).view()));
  // The device gives the same share to a question with the share as it was sealed to it.
  const DeviceAnswer own = decode_answer(phone().answer(example::question(), true));
  const auto again = open_share(crypto::ExchangeKey::from_private(example::counting(0x60)),
                                example::request(), own);
  REQUIRE(again);
  CHECK(equal(again->view(), example::counting(0).view()));
}

TEST_CASE("what a device signs and seals is what docs/formats/device.md says") {
  Device device = phone();
  const DeviceAnswer answer = decode_answer(device.answer(example::question(), true));
  Bytes message;
  append_text(message, "tsp device answer 1");
  append_field(message, crypto::sha256(example::octets(example::kRequest)));
  message.push_back(1);
  append_field(message, crypto::sha256(answer.sealed_share));
  CHECK(crypto::PublicKey::from_spki(device.card().spki)
            .verify(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256, crypto::sha256(message),
                    answer.signature));
  Bytes associated;
  append_text(associated, "tsp share 1");
  append_text(associated, "k1");
  append_field(associated, device.card().exchange_point);
  const Bytes sealed = seal_share(device.card(), "k1", example::counting(0));
  CHECK(crypto::ExchangeKey::from_private(example::counting(0x40)).open(sealed, associated));
}
