// Activation requests, questions to devices and manifests read back, and the worst that may come.
#include "sam/request.h"

#include <functional>

#include "crypto/digest.h"
#include "device_example.h"
#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

// What decode_request() says to a request changed so and encoded.
std::string request_said(const std::function<void(ActivationRequest&)>& change) {
  ActivationRequest request = example::request();
  change(request);
  return fault_of([&] { decode_request(encode(request)); });
}

ActivationRequest new_pin() {
  ActivationRequest request = example::request();
  request.ask = Ask::new_pin;
  request.certificate_serial.clear();
  request.manifest_sha256 = Bytes(32);
  request.count = 0;
  return request;
}

// Every prefix, and one octet more, are refused.
template <class Decode>
void check_ends(const Bytes& octets, Decode decode) {
  for (std::size_t size = 0; size < octets.size(); ++size)
    CHECK(fault_of([&] { decode(ByteView(octets).first(size)); }) == "bad-input");
  Bytes longer = octets;
  longer.push_back(0);
  CHECK(fault_of([&] { decode(longer); }) == "bad-input");
}

}  // namespace

TEST_CASE("a request comes back as it was") {
  for (const ActivationRequest& request : {example::request(), new_pin()}) {
    const ActivationRequest again = decode_request(encode(request));
    CHECK(encode(again) == encode(request));
    CHECK(again.ask == request.ask);
    CHECK(again.provider == request.provider);
    CHECK(again.expires_at == request.expires_at);
    CHECK(request_hash(again) == crypto::sha256(encode(request)));
  }
}

TEST_CASE("a request's hash changes with every part") {
  const Bytes hash = request_hash(example::request());
  const auto differs = [&](const std::function<void(ActivationRequest&)>& change) {
    ActivationRequest request = example::request();
    change(request);
    return request_hash(request) != hash;
  };
  CHECK(differs([](auto& r) { r.id[0] ^= 1; }));
  CHECK(differs([](auto& r) { r.ask = Ask::new_pin; }));
  CHECK(differs([](auto& r) { r.provider += "x"; }));
  CHECK(differs([](auto& r) { r.signer = "bob"; }));
  CHECK(differs([](auto& r) { r.credential = "k2"; }));
  CHECK(differs([](auto& r) { r.certificate_serial = "1002"; }));
  CHECK(differs([](auto& r) { r.manifest_sha256[31] ^= 1; }));
  CHECK(differs([](auto& r) { r.count = 2; }));
  CHECK(differs([](auto& r) { r.created_at += std::chrono::milliseconds(1); }));
  CHECK(differs([](auto& r) { r.expires_at += std::chrono::milliseconds(1); }));
  CHECK(differs([](auto& r) { r.answer_point[64] ^= 1; }));
  // Nothing moves from one part into the next.
  CHECK(differs([](auto& r) { r.signer = "alic", r.credential = "ek1"; }));
}

TEST_CASE("a request that was cut off or has something behind it is refused") {
  check_ends(encode(example::request()), [](ByteView octets) { decode_request(octets); });
}

TEST_CASE("a request that asks for something unknown is refused") {
  Bytes octets = encode(example::request());
  octets[25 + 16] = 3;
  CHECK(fault_of([&] { decode_request(octets); }) == "bad-input");
  octets[25 + 16] = 0;
  CHECK(fault_of([&] { decode_request(octets); }) == "bad-input");
}

TEST_CASE("texts of a request that are too long, absent or misleading are refused") {
  for (const std::string& text : {std::string("a\nb"), std::string("\x1b[2J"), std::string("\xff"),
                                  std::string("\xe2\x80\xae"), std::string(257, 'a')}) {
    CHECK(request_said([&](auto& r) { r.provider = text; }) == "bad-input");
    CHECK(request_said([&](auto& r) { r.signer = text; }) == "bad-input");
    CHECK(request_said([&](auto& r) { r.credential = text; }) == "bad-input");
    CHECK(request_said([&](auto& r) { r.certificate_serial = text; }) == "bad-input");
  }
  CHECK(request_said([](auto& r) { r.signer.clear(); }) == "bad-input");
  CHECK(request_said([](auto& r) { r.credential.clear(); }) == "bad-input");
  CHECK(request_said([](auto& r) { r.signer.assign(65, 'a'); }) == "bad-input");
  CHECK(request_said([](auto& r) { r.signer.assign(64, 'a'); }) == "none");
}

TEST_CASE("numbers and times of a request keep to their bounds") {
  CHECK(request_said([](auto& r) { r.count = 0; }) == "bad-input");
  CHECK(request_said([](auto& r) { r.count = 10001; }) == "bad-input");
  CHECK(request_said([](auto& r) { r.count = 10000; }) == "none");
  CHECK(request_said([](auto& r) { r.expires_at = r.created_at; }) == "none");
  CHECK(request_said([](auto& r) { r.expires_at = r.created_at - std::chrono::milliseconds(1); }) ==
        "bad-input");
  CHECK(request_said([](auto& r) { r.created_at = from_unix_ms(-1); }) == "bad-input");
  CHECK(request_said([](auto& r) { r.expires_at = from_unix_ms(253402300800000); }) == "bad-input");
}

TEST_CASE("a request's answer key is a point of P-256") {
  CHECK(request_said([](auto& r) { r.answer_point[64] ^= 1; }) == "bad-input");
  CHECK(request_said([](auto& r) { r.answer_point = Bytes(65); }) == "bad-input");
}

TEST_CASE("a new PIN needs neither certificate, documents nor signatures") {
  for (const auto& change : std::vector<std::function<void(ActivationRequest&)>>{
           [](auto& r) { r.certificate_serial = "1001"; },
           [](auto& r) { r.manifest_sha256[0] = 1; }, [](auto& r) { r.count = 1; }}) {
    ActivationRequest request = new_pin();
    change(request);
    CHECK(fault_of([&] { decode_request(encode(request)); }) == "bad-input");
  }
}

TEST_CASE("a question comes back as it was") {
  const DeviceQuestion question = example::question();
  const DeviceQuestion again = decode_question(encode(question));
  CHECK(encode(again) == encode(question));
  CHECK(again.sealed_share == question.sealed_share);
  CHECK_NOTHROW(decode_question(encode(DeviceQuestion{new_pin(), {}, {}})));
}

TEST_CASE("a question that was cut off or has something behind it is refused") {
  check_ends(encode(example::question()), [](ByteView octets) { decode_question(octets); });
}

TEST_CASE("a question with other documents than its request's is refused") {
  DeviceQuestion question = example::question();
  Manifest other = decode_manifest(question.manifest);
  other.entries[0].name = "b.pdf";
  question.manifest = encode(other);
  CHECK(fault_of([&] { decode_question(encode(question)); }) == "tampered");
  question.manifest.clear();
  CHECK(fault_of([&] { decode_question(encode(question)); }) == "tampered");
  question = example::question();
  question.request.count = 2;  // the same documents, but one signature more
  CHECK(fault_of([&] { decode_question(encode(question)); }) == "tampered");
  CHECK(fault_of([&] {
          decode_question(encode(DeviceQuestion{new_pin(), example::question().manifest, {}}));
        }) == "tampered");
}

TEST_CASE("a question whose hash fits but whose manifest is none is refused") {
  DeviceQuestion question = example::question();
  question.manifest = to_bytes(as_bytes("no manifest"));
  question.request.manifest_sha256 = crypto::sha256(question.manifest);
  CHECK(fault_of([&] { decode_question(encode(question)); }) == "bad-input");
}

TEST_CASE("a question's share has a bound") {
  DeviceQuestion question = example::question();
  question.sealed_share.assign(257, 0);
  CHECK(fault_of([&] { decode_question(encode(question)); }) == "bad-input");
}

TEST_CASE("a manifest comes back as it was") {
  const Bytes octets = example::octets(example::kManifest);
  const Manifest manifest = decode_manifest(octets);
  REQUIRE(manifest.entries.size() == 1);
  CHECK(manifest.entries[0].name == "a.pdf");
  CHECK(manifest.entries[0].pages == 3);
  CHECK(encode(manifest) == octets);
  const Manifest bare{crypto::HashAlgorithm::sha512, {{"", {}, Bytes(64, 1), {}}}};
  CHECK(encode(decode_manifest(encode(bare))) == encode(bare));
}

TEST_CASE("a manifest that was cut off or has something behind it is refused") {
  check_ends(example::octets(example::kManifest), [](ByteView octets) { decode_manifest(octets); });
}

TEST_CASE("a manifest's counts, lengths, hash and names keep to their bounds") {
  const Manifest good = decode_manifest(example::octets(example::kManifest));
  const auto refused = [&](const std::function<void(Manifest&)>& change) {
    Manifest manifest = good;
    change(manifest);
    return fault_of([&] { decode_manifest(encode(manifest)); }) == "bad-input";
  };
  CHECK(refused([](auto& m) { m.entries.clear(); }));
  CHECK(refused([](auto& m) { m.entries.assign(10001, m.entries[0]); }));
  CHECK_FALSE(refused([](auto& m) { m.entries.assign(10000, m.entries[0]); }));
  CHECK(refused([](auto& m) { m.hash = crypto::HashAlgorithm::sha512; }));
  CHECK(refused([](auto& m) {
    m.hash = crypto::HashAlgorithm::sha1;
    m.entries[0].content_digest.resize(20);
  }));
  CHECK(refused([](auto& m) { m.entries[0].file_sha256.pop_back(); }));
  CHECK(refused([](auto& m) { m.entries[0].pages = 100000001; }));
  CHECK(refused([](auto& m) { m.entries[0].name.clear(); }));
  CHECK(refused([](auto& m) { m.entries[0].name.assign(1025, 'a'); }));
  CHECK(refused([](auto& m) {
    m.entries[0].name =
        "fdp.\xe2\x80\xae"
        "exe";
  }));
  CHECK(refused([](auto& m) { m.entries[0].signed_attributes.assign(64 * 1024 + 1, 0); }));
}

TEST_CASE("a manifest that promises more entries than it can hold is refused at once") {
  Bytes octets = example::octets(example::kManifest);
  for (const std::uint8_t count : Bytes{2, 255}) {
    octets[25 + 3] = count;
    CHECK(fault_of([&] { decode_manifest(octets); }) == "bad-input");
  }
  for (std::size_t at = 25; at < 29; ++at) octets[at] = 0xff;
  CHECK(fault_of([&] { decode_manifest(octets); }) == "bad-input");
}
