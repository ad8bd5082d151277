// What a device signs and opens, and what the module believes of it.
#include "sam/device.h"

#include "crypto/digest.h"
#include "device_example.h"
#include "signers_token.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::sam;
using crypto::KeyAlgorithm;

namespace {

constexpr crypto::Argon2 kLeast = crypto::kLeastArgon2;
const KeyAlgorithm kBoth[] = {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ed25519};

// A signer's request, its answer key and a share: all that a session has.
struct Session {
  crypto::ExchangeKey answer_key = crypto::ExchangeKey::generate();
  Secret share = Secret::random(32);

  DeviceQuestion question(const Device& device) {
    DeviceQuestion out = example::question();
    out.request.answer_point = answer_key.point();
    out.sealed_share = seal_share(device.card(), out.request.credential, share);
    return out;
  }
};

}  // namespace

TEST_CASE("a device's answer is believed, and brings the share") {
  for (const KeyAlgorithm algorithm : kBoth) {
    Session session;
    Device device = Device::generate("phone", algorithm);
    const DeviceQuestion question = session.question(device);
    const DeviceAnswer answer = decode_answer(device.answer(question, true));
    CHECK(answer.approved);
    CHECK(answer.request_id == question.request.id);
    CHECK(is_answer(decode_card(encode(device.card())), question.request, answer));
    const auto share = open_share(session.answer_key, question.request, answer);
    REQUIRE(share);
    CHECK(equal(share->view(), session.share.view()));
  }
}

TEST_CASE("a device's refusal is signed and brings no share") {
  for (const KeyAlgorithm algorithm : kBoth) {
    Session session;
    Device device = Device::generate("phone", algorithm);
    const DeviceQuestion question = session.question(device);
    DeviceAnswer answer = decode_answer(device.answer(question, false));
    CHECK_FALSE(answer.approved);
    CHECK(answer.sealed_share.empty());
    CHECK(is_answer(device.card(), question.request, answer));
    answer.approved = true;
    CHECK_FALSE(is_answer(device.card(), question.request, answer));
  }
}

TEST_CASE("a device answers without a share where none is asked for") {
  Device device = Device::generate("phone", KeyAlgorithm::ed25519);
  DeviceQuestion question = example::question();
  question.sealed_share.clear();
  const DeviceAnswer answer = decode_answer(device.answer(question, true));
  CHECK(answer.sealed_share.empty());
  CHECK(is_answer(device.card(), question.request, answer));
  CHECK_FALSE(open_share(crypto::ExchangeKey::generate(), question.request, answer));
}

TEST_CASE("an answer to another request, or of another device, is not believed") {
  for (const KeyAlgorithm algorithm : kBoth) {
    Session session;
    Device device = Device::generate("phone", algorithm);
    const DeviceQuestion question = session.question(device);
    const DeviceAnswer answer = decode_answer(device.answer(question, true));
    ActivationRequest other = question.request;
    other.manifest_sha256[0] ^= 1;
    CHECK_FALSE(is_answer(device.card(), other, answer));
    CHECK_FALSE(open_share(session.answer_key, other, answer));
    CHECK_FALSE(is_answer(Device::generate("phone", algorithm).card(), question.request, answer));
    CHECK_FALSE(open_share(crypto::ExchangeKey::generate(), question.request, answer));
  }
}

TEST_CASE("nothing in an answer can be changed") {
  Session session;
  Device device = Device::generate("phone", KeyAlgorithm::ed25519);
  const DeviceQuestion question = session.question(device);
  const Bytes octets = device.answer(question, true);
  for (std::size_t at = 0; at < octets.size(); ++at) {
    Bytes changed = octets;
    changed[at] ^= 1;
    bool believed = false;
    const std::string fault = fault_of(
        [&] { believed = is_answer(device.card(), question.request, decode_answer(changed)); });
    CHECK_FALSE(believed);
    CHECK((fault == "none" || fault == "bad-input"));
  }
}

TEST_CASE("a share sealed for another key or device is not answered with") {
  Session session;
  Device device = Device::generate("phone", KeyAlgorithm::ecdsa_p256);
  DeviceQuestion question = session.question(device);
  question.sealed_share = seal_share(device.card(), "k2", session.share);
  CHECK(fault_of([&] { device.answer(question, true); }) == "bad-input");
  question.sealed_share =
      seal_share(Device::generate("other", KeyAlgorithm::ecdsa_p256).card(), "k1", session.share);
  CHECK(fault_of([&] { device.answer(question, true); }) == "bad-input");
  CHECK_NOTHROW(device.answer(question, false));
}

TEST_CASE("a device does not sign for documents that are not the request's") {
  Session session;
  Device device = Device::generate("phone", KeyAlgorithm::ed25519);
  DeviceQuestion question = session.question(device);
  question.request.manifest_sha256[0] ^= 1;
  CHECK(fault_of([&] { device.answer(question, true); }) == "tampered");
}

TEST_CASE("a malformed answer is refused, whatever is wrong with it") {
  const Bytes good = example::octets(example::kAnswer);
  CHECK(encode(decode_answer(good)) == good);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(fault_of([&] { decode_answer(ByteView(good).first(size)); }) == "bad-input");
  Bytes changed = good;
  changed.push_back(0);
  CHECK(fault_of([&] { decode_answer(changed); }) == "bad-input");
  changed = good;
  changed[20 + 16] = 2;
  CHECK(fault_of([&] { decode_answer(changed); }) == "bad-input");
  changed[20 + 16] = 0;  // a refusal with a share
  CHECK(fault_of([&] { decode_answer(changed); }) == "bad-input");
  DeviceAnswer answer = decode_answer(good);
  answer.signature.assign(73, 0);
  CHECK(fault_of([&] { decode_answer(encode(answer)); }) == "bad-input");
  answer.signature.clear();
  answer.sealed_share.assign(257, 0);
  CHECK(fault_of([&] { decode_answer(encode(answer)); }) == "bad-input");
}

TEST_CASE("nobody is taken for a device by octets that are none") {
  DeviceAnswer answer{Bytes(16), true, {}, Bytes(64)};
  CHECK_FALSE(is_answer({}, {}, {}));
  CHECK_FALSE(is_answer({"x", KeyAlgorithm::ed25519, Bytes(10), {}}, example::request(), answer));
  const DeviceCard card = Device::generate("phone", KeyAlgorithm::ed25519).card();
  CHECK_FALSE(is_answer(card, example::request(), answer));
  CHECK_FALSE(is_answer(card, {}, answer));
  answer.signature.clear();
  CHECK_FALSE(is_answer(card, example::request(), answer));
}

TEST_CASE("a card comes back as it was; malformed ones are refused") {
  const Bytes good = example::octets(example::kCard);
  const DeviceCard card = decode_card(good);
  CHECK(card.name == "phone");
  CHECK(encode(card) == good);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(fault_of([&] { decode_card(ByteView(good).first(size)); }) == "bad-input");
  const auto said = [&](auto change) {
    DeviceCard changed = card;
    change(changed);
    return fault_of([&] { decode_card(encode(changed)); });
  };
  CHECK(said([](auto& c) { c.name.clear(); }) == "bad-input");
  CHECK(said([](auto& c) { c.name.assign(65, 'a'); }) == "bad-input");
  CHECK(said([](auto& c) { c.name = "a\tb"; }) == "bad-input");
  CHECK(said([](auto& c) { c.exchange_point.back() ^= 1; }) == "bad-input");
  CHECK(said([](auto& c) { c.exchange_point.push_back(0); }) == "bad-input");
  CHECK(said([](auto& c) { c.spki.back() ^= 1; }) == "bad-input");
  CHECK(said([](auto& c) { c.spki.push_back(0); }) == "bad-input");
  CHECK(said([](auto& c) { c.spki.clear(); }) == "bad-input");
}

TEST_CASE("a card with a key of another algorithm is refused") {
  const auto said = [](KeyAlgorithm named, KeyAlgorithm held) {
    DeviceCard card = decode_card(example::octets(example::kCard));
    card.algorithm = named;
    card.spki = test::shared_signer(held).public_key().spki();
    return fault_of([&] { decode_card(encode(card)); });
  };
  CHECK(said(KeyAlgorithm::ed25519, KeyAlgorithm::ecdsa_p256) == "policy-refused");
  CHECK(said(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ed25519) == "policy-refused");
  CHECK(said(KeyAlgorithm::ecdsa_p384, KeyAlgorithm::ecdsa_p384) == "policy-refused");
  CHECK(said(KeyAlgorithm::ed25519, KeyAlgorithm::ed25519) == "none");
}

TEST_CASE("an introduction is good for one signer at one provider") {
  for (const KeyAlgorithm algorithm : kBoth) {
    Device device = Device::generate("phone", algorithm);
    const Bytes introduction = device.introduce("TSP", "alice");
    CHECK(encode(check_introduction(introduction, "TSP", "alice")) == encode(device.card()));
    CHECK(fault_of([&] { check_introduction(introduction, "TSP", "bob"); }) == "policy-refused");
    CHECK(fault_of([&] { check_introduction(introduction, "TSPa", "lice"); }) == "policy-refused");
    CHECK(fault_of([&] { check_introduction({}, "TSP", "alice"); }) == "bad-input");
    Bytes changed = introduction;
    changed.back() ^= 1;
    CHECK(fault_of([&] { check_introduction(changed, "TSP", "alice"); }) == "policy-refused");
    changed = introduction;
    changed.push_back(0);
    CHECK(fault_of([&] { check_introduction(changed, "TSP", "alice"); }) == "bad-input");
  }
}

TEST_CASE("nobody introduces another's card as his own") {
  Device mine = Device::generate("mine", KeyAlgorithm::ed25519);
  const Bytes own = mine.introduce("TSP", "alice");
  const Bytes signature = to_bytes(ByteView(own).last(64));
  Bytes forged = to_bytes(as_bytes("tsp device introduction 1\n"));
  append_field(forged, encode(Device::generate("other", KeyAlgorithm::ed25519).card()));
  append_field(forged, signature);
  CHECK(fault_of([&] { check_introduction(forged, "TSP", "alice"); }) == "policy-refused");
}

TEST_CASE("a device's name can be shown") {
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a\x1b")})
    CHECK(fault_of([&] { Device::generate(name, KeyAlgorithm::ed25519); }) == "bad-input");
  CHECK(fault_of([] { Device::generate("phone", KeyAlgorithm::ecdsa_p384); }) == "policy-refused");
}

TEST_CASE("a device comes back from its key file with its passphrase") {
  for (const KeyAlgorithm algorithm : kBoth) {
    const Device device = Device::generate("phone", algorithm);
    const Bytes file = device.seal(secret("correct horse"), kLeast);
    Device again = Device::open(file, secret("correct horse"));
    CHECK(encode(again.card()) == encode(device.card()));
    Session session;
    const DeviceQuestion question = session.question(device);
    CHECK(is_answer(device.card(), question.request, decode_answer(again.answer(question, true))));
    CHECK(fault_of([&] { Device::open(file, secret("wrong")); }) == "factor-refused");
    CHECK(fault_of([&] { Device::open(file, secret("")); }) == "factor-refused");
  }
}

TEST_CASE("a device's keys are not kept under a weak cost or an empty passphrase") {
  const Device device = Device::generate("phone", KeyAlgorithm::ed25519);
  CHECK(fault_of([&] { device.seal(secret("x"), {1024, 1, 1}); }) == "policy-refused");
  CHECK(fault_of([&] { device.seal(secret(""), kLeast); }) == "policy-refused");
}

TEST_CASE("octets that are no key file are damage, and cost nothing") {
  const Bytes good = example::octets(example::kKeyFile);
  CHECK(fault_of([] { Device::open({}, secret("x")); }) == "tampered");
  for (std::size_t size = 0; size < 46; ++size)
    CHECK(fault_of([&] { Device::open(ByteView(good).first(size), secret("x")); }) == "tampered");
  Bytes changed = good;
  changed[17] = 2;  // version
  CHECK(fault_of([&] { Device::open(changed, secret("x")); }) == "tampered");
  changed = good;
  changed[18] = 0xff;  // 4 TiB
  CHECK(fault_of([&] { Device::open(changed, secret("x")); }) == "tampered");
}

TEST_CASE("a changed key file does not open") {
  const Bytes good = example::octets(example::kKeyFile);
  for (const std::size_t at :
       {std::size_t{25}, std::size_t{40}, std::size_t{60}, good.size() - 1}) {
    Bytes changed = good;
    changed[at] ^= 1;
    CHECK(fault_of([&] { Device::open(changed, secret("correct horse")); }) == "factor-refused");
  }
  CHECK(fault_of([&] {
          Device::open(ByteView(good).first(good.size() - 1), secret("correct horse"));
        }) == "factor-refused");
}
