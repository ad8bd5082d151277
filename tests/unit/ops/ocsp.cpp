// The founded TSP as an OCSP responder, asked and judged by openssl.
#include <fmt/format.h>

#include "ops/certificates.h"
#include "ops/ocsp.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

const std::string kData = TSP_SOURCE_DIR "/config";

class Responder {
 public:
  explicit Responder(const ops::Home& home, const test::Folder& folder)
      : provider(home, {}, {clock_, nullptr, nullptr, "uid:0", kData}),
        folder_(folder),
        common_(fmt::format("openssl ocsp -issuer {} -CAfile {}", home.certificate("issuing"),
                            home.certificate("root"))) {}

  // What openssl makes of our answer to its own question about `id`, its arguments that name
  // certificates.
  std::string answer(const std::string& id) {
    const std::string question = folder_.file("question.der");
    const auto asked = test::run(fmt::format("{} {} -reqout {}", common_, id, question));
    INFO(asked.output);
    REQUIRE(asked.status == 0);
    const std::string told =
        folder_.put("answer.der", ops::answer_ocsp(provider, folder_.get("question.der")));
    const auto nonce = test::run(fmt::format("{} -reqin {} -respin {}", common_, question, told));
    CHECK_THAT(nonce.output, ContainsSubstring("Response verify OK"));
    CHECK_THAT(nonce.output,
               !ContainsSubstring("once"));  // neither "no nonce" nor "Nonce Verify error"
    return test::run(fmt::format("{} {} -no_nonce -respin {}", common_, id, told)).output;
  }
  std::string answer(const x509::Certificate& certificate, const std::string& hash) {
    return answer("-" + hash + " -cert " + folder_.put("asked.pem", certificate.pem()));
  }

 private:
  SystemClock clock_;

 public:
  ops::Provider provider;

 private:
  const test::Folder& folder_;
  std::string common_;
};

struct Template {
  test::Folder folder;
  Responder responder{test::copy_template(folder.file("home")), folder};

  x509::Certificate of_alice() {
    for (const auto& each : ops::list_certificates(responder.provider, "", 1000).certificates)
      if (each.row.owner == test::kAlice) return each.certificate;
    throw std::runtime_error("alice has no certificate");
  }
};

}  // namespace

TEST_CASE_METHOD(Template, "openssl believes our answers of certificates that are good") {
  for (const char* hash : {"sha1", "sha256"}) {
    const std::string told = responder.answer(of_alice(), hash);
    CHECK_THAT(told, ContainsSubstring("Response verify OK"));
    CHECK_THAT(told, ContainsSubstring("asked.pem: good"));
    CHECK_THAT(told, ContainsSubstring("Next Update"));
  }
  const std::string tsa = responder.answer(responder.provider.certificate_of_role("tsa"), "sha256");
  CHECK_THAT(tsa, ContainsSubstring("Response verify OK"));
  CHECK_THAT(tsa, ContainsSubstring("asked.pem: good"));
}

TEST_CASE_METHOD(Template, "openssl is told of a revocation at once, with its reason") {
  const x509::Certificate alice = of_alice();
  ops::revoke_certificate(responder.provider, alice.serial(), "keyCompromise", false);
  const std::string told = responder.answer(alice, "sha256");
  CHECK_THAT(told, ContainsSubstring("Response verify OK"));
  CHECK_THAT(told, ContainsSubstring("asked.pem: revoked"));
  CHECK_THAT(told, ContainsSubstring("Reason: keyCompromise"));
  CHECK_THAT(told, ContainsSubstring("Revocation Time"));
}

TEST_CASE_METHOD(Template, "openssl is not told that a serial nobody issued is good") {
  const std::string told = responder.answer("-serial 0x4123456789abcdef0123456789abcdef");
  CHECK_THAT(told, ContainsSubstring("Response verify OK"));
  CHECK_THAT(told, ContainsSubstring(": unknown"));
}

TEST_CASE_METHOD(Template, "openssl asks for several certificates at once") {
  const std::string told =
      responder.answer("-cert " + folder.put("a.pem", of_alice().pem()) + " -cert " +
                       folder.file("home/ca/tsa.pem") + " -serial 0x4123");
  CHECK_THAT(told, ContainsSubstring("Response verify OK"));
  CHECK_THAT(told, ContainsSubstring("a.pem: good"));
  CHECK_THAT(told, ContainsSubstring("tsa.pem: good"));
  CHECK_THAT(told, ContainsSubstring("0x4123: unknown"));
}

TEST_CASE_METHOD(Template, "we do not speak for another CA, nor for what is no question") {
  const std::string root = folder.file("home/ca/root.pem");
  const std::string question = folder.file("question.der");
  const std::string ask = "openssl ocsp -issuer " + root + " -cert " +
                          folder.file("home/ca/issuing.pem") + " -reqout " + question;
  REQUIRE(test::run(ask).status == 0);
  const auto answer_of = [&](ByteView asked) {
    return test::run("openssl ocsp -respin " +
                     folder.put("answer.der", ops::answer_ocsp(responder.provider, asked)))
        .output;
  };
  CHECK_THAT(answer_of(folder.get("question.der")), ContainsSubstring("unauthorized"));
  CHECK_THAT(answer_of(as_bytes(std::string_view("no question"))),
             ContainsSubstring("malformedrequest"));
}

TEST_CASE("openssl believes the answers of a TSP whose keys are RSA") {
  const test::Folder folder;
  Responder responder(test::found_home(folder.file("home"), kData, crypto::KeyAlgorithm::rsa_3072),
                      folder);
  const auto tsa = responder.provider.certificate_of_role("tsa");
  const std::string good = responder.answer(tsa, "sha256");
  CHECK_THAT(good, ContainsSubstring("Response verify OK"));
  CHECK_THAT(good, ContainsSubstring("asked.pem: good"));
  CHECK_THAT(
      test::run("openssl ocsp -noverify -resp_text -respin " + folder.file("answer.der")).output,
      ContainsSubstring("WithRSAEncryption"));
  ops::revoke_certificate(responder.provider, tsa.serial(), "superseded", false);
  const std::string revoked = responder.answer(tsa, "sha1");
  CHECK_THAT(revoked, ContainsSubstring("Response verify OK"));
  CHECK_THAT(revoked, ContainsSubstring("asked.pem: revoked"));
  CHECK_THAT(revoked, ContainsSubstring("Reason: superseded"));
}
