// Names, encodings and errors of the CSC API that need neither store nor HSM.
#include "serve/csc.h"

#include "crypto/der.h"
#include "sam/sam.h"
#include "serve/router.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;
using crypto::HashAlgorithm;
namespace der = tsp::crypto::der;

namespace {

constexpr const char *kPss = "1.2.840.113549.1.1.10", *kEcdsa = "1.2.840.10045.4.3.2";

std::string words_of(const std::function<void()>& act) {
  try {
    act();
    return "fine";
  } catch (const Error& error) {
    return error.message;
  }
}

// RSASSA-PSS-params as RFC 4055 3.1 has them.
std::string pss(HashAlgorithm hash, std::int64_t salt, bool with_null) {
  const Bytes oid = der::oid(crypto::oid_of(hash));
  const Bytes identifier = with_null ? der::sequence(oid, der::null()) : der::sequence(oid);
  return to_base64(der::sequence(
      der::wrap(der::context(0), identifier),
      der::wrap(der::context(1), der::sequence(der::oid("1.2.840.113549.1.1.8"), identifier)),
      der::wrap(der::context(2), der::integer(salt))));
}

std::string algorithm(const Json& body, const char* key, HashAlgorithm hash) {
  return words_of([&] { csc::check_algorithm(body, key, hash); });
}

std::string later(const Json& body) {
  std::string out;
  const std::string words = words_of([&] {
    const auto kept = csc::later_of(body);
    out = kept ? std::to_string(kept->count()) : "now";
  });
  return words == "fine" ? out : words;
}

Json told(const Answer& answer) {
  return parse_json(answer.body, "an answer");
}

}  // namespace

TEST_CASE("an RSA key signs by PSS, with the parameters that we use and no others") {
  const auto check = [](const std::string& parameters, HashAlgorithm hash) {
    return algorithm({{"signAlgo", kPss}, {"signAlgoParams", parameters}}, "rsa-3072", hash);
  };
  CHECK(algorithm({{"signAlgo", kPss}}, "rsa-3072", HashAlgorithm::sha256) == "fine");
  for (const bool with_null : {true, false}) {
    CHECK(check(pss(HashAlgorithm::sha256, 32, with_null), HashAlgorithm::sha256) == "fine");
    CHECK(check(pss(HashAlgorithm::sha512, 64, with_null), HashAlgorithm::sha512) == "fine");
    CHECK(check(pss(HashAlgorithm::sha256, 20, with_null), HashAlgorithm::sha256) ==
          "Invalid parameter signAlgoParams");
    CHECK(check(pss(HashAlgorithm::sha384, 48, with_null), HashAlgorithm::sha256) ==
          "Invalid parameter signAlgoParams");
  }
  CHECK(check("%", HashAlgorithm::sha256) == "Invalid parameter signAlgoParams");
  CHECK(algorithm({{"signAlgo", kEcdsa}}, "rsa-3072", HashAlgorithm::sha256)
            .find("Invalid parameter signAlgo") == 0);
  CHECK(algorithm({{"signAlgo", kEcdsa}}, "ecdsa-p256", HashAlgorithm::sha256) == "fine");
}

TEST_CASE("how long an answer is kept has bounds") {
  CHECK(later(Json::object()) == "now");
  CHECK(later({{"operationMode", "S"}}) == "now");
  CHECK(later({{"operationMode", "A"}}) == "600000");
  CHECK(later({{"operationMode", "A"}, {"validity_period", 1000}}) == "1000");
  CHECK(later({{"operationMode", "A"}, {"validity_period", 3600000}}) == "3600000");
  for (const std::int64_t wrong : {std::int64_t{999}, std::int64_t{3600001}, std::int64_t{-1},
                                   std::int64_t{0}, INT64_MAX, INT64_MIN})
    CHECK(later({{"operationMode", "A"}, {"validity_period", wrong}}) ==
          "Out of bounds parameter validity_period");
  CHECK(later({{"operationMode", "A"}, {"validity_period", 1.5}}) ==
        "Invalid parameter validity_period");
  CHECK(later({{"operationMode", "a"}}) == "Invalid parameter operationMode");
  CHECK(later({{"response_uri", "x"}}) == "Invalid parameter response_uri");
}

TEST_CASE("an error is told in the specification's words, and once") {
  const sam::Refused refused("hash-not-approved", Error(Fault::policy_refused, "ours"));
  const Answer hash = csc::failure(csc::Version::v2, "signatures/signHash", refused);
  CHECK(hash.status == 400);
  CHECK(told(hash).at("error_description") == "Hash is not authorized by the SAD");
  const Answer document = csc::failure(csc::Version::v2, "signatures/signDoc", refused);
  CHECK(document.status == 403);
  CHECK(told(document).at("error") == "invalid_hash");
  // The front leaves alone what the worker said.
  CHECK(csc::error_of(document, "/csc/v2/signatures/signDoc", true).body == document.body);
  const Error wrong(Fault::factor_refused, "wrong");
  CHECK(told(csc::failure(csc::Version::v2, "credentials/authorize", wrong)).at("error") ==
        "invalid_authentication_data");
  CHECK(told(csc::failure(csc::Version::v1, "credentials/authorize", wrong)).at("error") ==
        "invalid_otp");
  const Error locked(Fault::locked_out, "locked");
  CHECK(told(csc::failure(csc::Version::v2, "credentials/authorize", locked))
            .at("error_description") == "Credential locked");
}

TEST_CASE("the front's own refusals keep what HTTP says") {
  const auto refusal = [](std::string_view method, std::string_view path) {
    try {
      target_of(Door::socket, method, path);
    } catch (const Error& error) {
      return csc::refusal(error, path);
    }
    return Answer();
  };
  const Answer method = refusal("GET", "/csc/v2/info");
  CHECK(method.status == 405);
  CHECK(method.allow == "POST");
  CHECK(told(method).at("error") == "invalid_request");
  CHECK(refusal("POST", "/csc/v2/oauth2/token").status == 501);
  CHECK(refusal("POST", "/csc/v3/info").status == 404);
  const Answer key = csc::error_of(failure(0, Error(Fault::not_permitted, "the API key")),
                                   "/csc/v2/credentials/list", true);
  CHECK(key.status == 401);
  CHECK(key.challenge == "Bearer realm=\"tsp\", error=\"invalid_token\"");
  const Answer role = csc::error_of(failure(0, Error(Fault::not_permitted, "no role")),
                                    "/csc/v2/credentials/list", false);
  CHECK(role.status == 403);
  CHECK(role.challenge.empty());
}
