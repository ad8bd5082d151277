#include "sam/weak_for_tests.h"
#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct FactorsToken : SignersToken {
  Bytes verifier = make_pin_verifier_for_tests(*session, "alice", secret("246813"), kQuick);
  bool check(std::string_view user, std::string_view pin) {
    return check_pin(*session, user, secret(pin), verifier);
  }
};

}  // namespace

TEST_CASE_METHOD(FactorsToken, "the right PIN fits its verifier and no other does") {
  CHECK(check("alice", "246813"));
  CHECK_FALSE(check("alice", "246814"));
  CHECK_FALSE(check("alice", ""));
}

TEST_CASE_METHOD(FactorsToken, "a verifier copied to another signer fits no PIN there") {
  CHECK_FALSE(check("bob", "246813"));
}

TEST_CASE_METHOD(FactorsToken,
                 "the store alone checks no guess: another pepper, the right PIN fails") {
  const auto other = with_keys("stolen");
  CHECK_FALSE(check_pin(*other, "alice", secret("246813"), verifier));
}

TEST_CASE_METHOD(FactorsToken, "the verifier holds neither the PIN nor its Argon2id value") {
  const Secret hashed =
      crypto::argon2id(as_bytes("246813"), ByteView(verifier).subspan(13, 16), kQuick);
  CHECK(as_text(verifier).find(hashed.text()) == std::string_view::npos);
  CHECK(as_text(verifier).find("246813") == std::string_view::npos);
}

TEST_CASE_METHOD(FactorsToken, "two verifiers of one PIN differ") {
  CHECK(verifier != make_pin_verifier_for_tests(*session, "alice", secret("246813"), kQuick));
}

TEST_CASE_METHOD(FactorsToken, "a verifier whose cost was lowered in the store fits no PIN") {
  verifier[4] = 32;  // memory_kib: 64 becomes 32
  CHECK_FALSE(check("alice", "246813"));
}

TEST_CASE_METHOD(FactorsToken, "a verifier of another length, version or absurd cost is tampered") {
  const auto fault = [&](Bytes damaged) {
    return fault_of([&] { check_pin(*session, "alice", secret("246813"), damaged); });
  };
  Bytes shorter(verifier.begin(), verifier.end() - 1), longer = verifier, version = verifier,
                                                       huge = verifier, none = verifier;
  longer.push_back(0);
  version[0] = 2;
  huge[1] = 0xff;
  none[12] = 0;  // lanes
  for (const Bytes& damaged : {shorter, longer, version, huge, none, Bytes{}})
    CHECK(fault(damaged) == "tampered");
}

TEST_CASE_METHOD(FactorsToken, "a decoy reads like a verifier and no PIN fits it") {
  const Bytes decoy = decoy_verifier(kQuick);
  CHECK(decoy.size() == verifier.size());
  CHECK_FALSE(check_pin(*session, "alice", secret("246813"), decoy));
}

TEST_CASE_METHOD(FactorsToken, "the product makes no verifier under 64 MiB") {
  const auto fault = [&](const crypto::Argon2& cost) {
    return fault_of([&] { make_pin_verifier(*session, "alice", secret("246813"), cost); });
  };
  CHECK(fault(kQuick) == "policy-refused");
  CHECK(fault({65535, 9, 4}) == "policy-refused");
  CHECK(fault(crypto::kLeastArgon2) == "none");
}

TEST_CASE_METHOD(FactorsToken, "a seed opens for its signer only, and unchanged only") {
  const Secret seed = secret("12345678901234567890");
  Bytes sealed = seal_seed(*session, "alice", seed);
  CHECK(open_seed(*session, "alice", sealed).text() == seed.text());
  CHECK(as_text(sealed).find(seed.text()) == std::string_view::npos);
  CHECK(fault_of([&] { open_seed(*session, "bob", sealed); }) == "tampered");
  const auto other = with_keys("stolen");
  CHECK(fault_of([&] { open_seed(*other, "alice", sealed); }) == "tampered");
  sealed[15] ^= 1;
  CHECK(fault_of([&] { open_seed(*session, "alice", sealed); }) == "tampered");
}
