#include <fmt/format.h>
#include <openssl/pem.h>

#include <random>

#include "authority.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/command.h"

using namespace tsp;
using namespace std::chrono;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using x509::Certificate;
using x509::CertStatus;
using x509::OcspOrder;
using x509::OcspResponse;
using x509::OcspSingle;

namespace {

// An authority with a responder and one signer.
struct Responder {
  explicit Responder(KeyAlgorithm algorithm) : authority(algorithm), key(algorithm) {}

  Certificate leaf_of(const crypto::PublicKey& leaf) {
    return authority.issue(
        test::order_for(test::profile("natural-person"), test::ada(), leaf, authority.now));
  }

  OcspSingle single(CertStatus status, HashAlgorithm hash = HashAlgorithm::sha1) const {
    const auto asked =
        x509::parse_ocsp_request(x509::make_ocsp_request(signer, authority.issuing, {}, hash));
    OcspSingle answer;
    answer.cert_id = asked.ids[0].cert_id;
    answer.status = status;
    if (status == CertStatus::revoked) {
      answer.revoked_at = authority.now - hours(2);
      answer.reason = "cessationOfOperation";
    }
    answer.this_update = authority.now;
    answer.next_update = authority.now + hours(12);
    return answer;
  }

  Bytes answer(const OcspSingle& single, const std::optional<Bytes>& nonce = {}) {
    return x509::issue_ocsp_response(
        OcspOrder{{single}, nonce, authority.now, authority.issuing.not_before()}, certificate,
        key);
  }

  test::Authority authority;
  test::SoftwareSigner key;
  test::SoftwareSigner signer_key{KeyAlgorithm::ecdsa_p256};
  Certificate certificate =
      authority.issue(test::order_for(test::profile("ocsp"), test::organisation("TEST responder"),
                                      key.public_key(), authority.now));
  Certificate signer = leaf_of(signer_key.public_key());
};

Responder& responder() {
  static Responder made(KeyAlgorithm::ecdsa_p256);
  return made;
}

std::string pem_of(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Release<&BIO_free>> memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

template <class Parse>
void hammer(const Bytes& der, Parse parse) {
  const auto attempt = [&](const Bytes& bytes) {
    try {
      parse(bytes);
    } catch (const Error&) {
    }
  };
  for (std::size_t at = 0; at < der.size(); ++at) {
    attempt(Bytes(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(at)));
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = der;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1u << bit));
      attempt(damaged);
    }
  }
  std::mt19937 random(13);
  for (int round = 0; round < 1000; ++round) {
    Bytes damaged = der;
    for (int i = 0; i < 4; ++i)
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    attempt(damaged);
  }
}

}  // namespace

TEST_CASE("a request names the certificate and its issuer, whatever the hash") {
  const Responder& r = responder();
  const Bytes nonce(32, 0x5a);
  for (HashAlgorithm hash : {HashAlgorithm::sha1, HashAlgorithm::sha256}) {
    const auto asked = x509::parse_ocsp_request(
        x509::make_ocsp_request(r.signer, r.authority.issuing, nonce, hash));
    REQUIRE(asked.ids.size() == 1);
    CHECK(asked.ids[0].serial == r.signer.serial());
    CHECK(asked.ids[0].hash_oid == crypto::oid_of(hash));
    CHECK(asked.nonce == nonce);
    CHECK(x509::id_is_of(asked.ids[0], r.authority.issuing));
    CHECK_FALSE(x509::id_is_of(asked.ids[0], r.authority.root));
  }
}

TEST_CASE("requests of openssl are read, with and without nonce") {
  const Responder& r = responder();
  const test::Folder folder;
  const std::string common = fmt::format("openssl ocsp -issuer {} -cert {} -reqout {} ",
                                         folder.put("i.pem", r.authority.issuing.pem()),
                                         folder.put("c.pem", r.signer.pem()), folder.file("r.der"));
  REQUIRE(test::run(common + "-nonce").status == 0);
  const auto asked = x509::parse_ocsp_request(folder.get("r.der"));
  CHECK(asked.nonce);
  CHECK(asked.ids.at(0).serial == r.signer.serial());
  REQUIRE(test::run(common + "-no_nonce").status == 0);
  const Bytes plain = folder.get("r.der");
  CHECK_FALSE(x509::parse_ocsp_request(plain).nonce);
  CHECK(plain == x509::make_ocsp_request(r.signer, r.authority.issuing, {}));
}

TEST_CASE("requests with too many ids, none, or an endless nonce are refused") {
  const Responder& r = responder();
  CHECK_THROWS_AS(x509::parse_ocsp_request(
                      x509::make_ocsp_request(r.signer, r.authority.issuing, Bytes(129, 1))),
                  Error);
  CHECK_THROWS_AS(
      x509::parse_ocsp_request(x509::make_ocsp_request(r.signer, r.authority.issuing, Bytes{})),
      Error);
  CHECK_THROWS_AS(x509::parse_ocsp_request(Bytes{0x30, 0x04, 0x30, 0x02, 0x30, 0x00}), Error);
  CHECK_THROWS_AS(x509::parse_ocsp_request(Bytes{}), Error);
}

TEST_CASE("an answer says what was ordered and who signed it") {
  Responder& r = responder();
  const Bytes nonce(16, 0x33);
  const OcspResponse parsed =
      OcspResponse::from_der(r.answer(r.single(CertStatus::revoked), nonce));
  CHECK(parsed.produced_at() == r.authority.now);
  CHECK(parsed.nonce() == nonce);
  CHECK(parsed.answers().size() == 1);
  const auto found = parsed.find(r.signer, r.authority.issuing);
  REQUIRE(found);
  CHECK(found->status == CertStatus::revoked);
  CHECK(found->revoked_at == r.authority.now - hours(2));
  CHECK(found->reason == "cessationOfOperation");
  CHECK(found->this_update == r.authority.now);
  CHECK(found->next_update == r.authority.now + hours(12));
  CHECK_FALSE(parsed.find(r.certificate, r.authority.issuing));
  CHECK_FALSE(parsed.find(r.signer, r.authority.root));
  CHECK(parsed.certificates() == std::vector<Certificate>{r.certificate});
  CHECK(parsed.authorised_responder(r.authority.issuing) == r.certificate);
  CHECK_FALSE(parsed.authorised_responder(r.authority.root));
}

TEST_CASE("openssl verifies our answers, for both hashes and all keys") {
  for (KeyAlgorithm algorithm :
       {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::rsa_3072}) {
    Responder r(algorithm);
    const test::Folder folder;
    for (const char* hash : {"sha1", "sha256"}) {
      for (CertStatus status : {CertStatus::good, CertStatus::revoked, CertStatus::unknown}) {
        const auto answer = test::run(fmt::format(
            "openssl ocsp -no_nonce -issuer {} -CAfile {} -{} -cert {} -respin {}",
            folder.put("i.pem", r.authority.issuing.pem()),
            folder.put("root.pem", r.authority.root.pem()), hash,
            folder.put("c.pem", r.signer.pem()),
            folder.put("r.der", r.answer(r.single(status, *crypto::parse_hash(hash))))));
        INFO(crypto::name_of(algorithm) << " " << hash << ": " << answer.output);
        CHECK(answer.status == 0);
        CHECK_THAT(answer.output, ContainsSubstring("Response verify OK"));
        CHECK_THAT(answer.output,
                   ContainsSubstring(status == CertStatus::good      ? "c.pem: good"
                                     : status == CertStatus::revoked ? "c.pem: revoked"
                                                                     : "c.pem: unknown"));
      }
    }
  }
}

TEST_CASE("openssl finds the archive cutoff and the echoed nonce") {
  Responder& r = responder();
  const test::Folder folder;
  const std::string path =
      folder.put("r.der", r.answer(r.single(CertStatus::good), Bytes{0xab, 0xcd}));
  const auto answer = test::run("openssl ocsp -noverify -resp_text -respin " + path);
  CHECK_THAT(answer.output, ContainsSubstring("OCSP Archive Cutoff"));
  CHECK_THAT(answer.output, ContainsSubstring("0402ABCD"));
  CHECK_THAT(answer.output, ContainsSubstring("Responder Id: "));
}

TEST_CASE("an answer of openssl's own responder is read and its signer found") {
  Responder& r = responder();
  const test::Folder folder;
  std::string serial = r.signer.serial();
  for (char& c : serial) c = static_cast<char>(::toupper(c));
  const auto made = test::run(fmt::format(
      "openssl ocsp -index {} -CA {} -rsigner {} -rkey {} -reqin {} -respout {} -ndays 1",
      folder.put("index.txt", "V\t491231235959Z\t\t" + serial + "\tunknown\t/CN=x\n"),
      folder.put("i.pem", r.authority.issuing.pem()), folder.put("r.pem", r.certificate.pem()),
      folder.put("r.key", pem_of(r.key.key())),
      folder.put("q.der", x509::make_ocsp_request(r.signer, r.authority.issuing, Bytes(16, 9),
                                                  HashAlgorithm::sha256)),
      folder.file("a.der")));
  INFO(made.output);
  const OcspResponse parsed = OcspResponse::from_der(folder.get("a.der"));
  CHECK(parsed.nonce() == Bytes(16, 9));
  CHECK(parsed.find(r.signer, r.authority.issuing)->status == CertStatus::good);
  CHECK(parsed.authorised_responder(r.authority.issuing) == r.certificate);
}

TEST_CASE("the issuer may answer for itself") {
  Responder& r = responder();
  const OcspOrder order{{r.single(CertStatus::good)}, {}, r.authority.now, {}};
  const OcspResponse parsed = OcspResponse::from_der(
      x509::issue_ocsp_response(order, r.authority.issuing, r.authority.issuing_key));
  CHECK(parsed.authorised_responder(r.authority.issuing) == r.authority.issuing);
}

TEST_CASE("a signer without OCSPSigning is no responder") {
  Responder& r = responder();
  const OcspOrder order{{r.single(CertStatus::good)}, {}, r.authority.now, {}};
  const OcspResponse parsed =
      OcspResponse::from_der(x509::issue_ocsp_response(order, r.signer, r.signer_key));
  CHECK_FALSE(parsed.authorised_responder(r.authority.issuing));
}

TEST_CASE("a changed answer has no authorised responder") {
  Responder& r = responder();
  const Bytes sound = r.answer(r.single(CertStatus::revoked));
  const std::string digits = to_generalized_time(r.authority.now + hours(12));
  const auto at = std::search(sound.begin(), sound.end(), digits.begin(), digits.end());
  REQUIRE(at != sound.end());
  Bytes changed = sound;
  changed[static_cast<std::size_t>(at - sound.begin()) + 3] ^= 1;
  CHECK_FALSE(OcspResponse::from_der(changed).authorised_responder(r.authority.issuing));
}

TEST_CASE("another key than the responder's is refused") {
  Responder& r = responder();
  const OcspOrder order{{r.single(CertStatus::good)}, {}, r.authority.now, {}};
  CHECK_THROWS_AS(x509::issue_ocsp_response(order, r.certificate, r.signer_key), Error);
}

TEST_CASE("error answers carry their status and are no answers") {
  const test::Folder folder;
  const std::string path = folder.put("e.der", x509::ocsp_error_response(3));
  CHECK_THAT(test::run("openssl ocsp -noverify -resp_text -respin " + path).output,
             ContainsSubstring("trylater"));
  CHECK_THROWS_AS(OcspResponse::from_der(x509::ocsp_error_response(6)), Error);
  CHECK_THROWS_AS(x509::ocsp_error_response(0), Error);
}

TEST_CASE("damaged requests and answers are refused or read, nothing else") {
  Responder& r = responder();
  hammer(x509::make_ocsp_request(r.signer, r.authority.issuing, Bytes(16, 1)),
         [](const Bytes& der) { (void)x509::parse_ocsp_request(der); });
  hammer(r.answer(r.single(CertStatus::revoked), Bytes(8, 2)), [&](const Bytes& der) {
    const OcspResponse parsed = OcspResponse::from_der(der);
    (void)parsed.nonce();
    (void)parsed.find(r.signer, r.authority.issuing);
    (void)parsed.authorised_responder(r.authority.issuing, {r.certificate});
  });
  SUCCEED();
}
