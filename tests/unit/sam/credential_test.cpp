#include "sam/credential.h"

#include <functional>

#include "crypto/der.h"
#include "signers_token.h"
#include "support/catch.h"
#include "support/command.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct Keys : SignersToken {
  store::KeyRow alice = generate("alice");
  store::KeyRow generate(const std::string& owner) {
    return generate_key(*session, owner, {}, crypto::KeyAlgorithm::ecdsa_p256, "",
                        from_unix(1800000000));
  }
  std::string fault(const store::KeyRow& key) {
    return fault_of([&] { check_link(*session, key); });
  }
};

}  // namespace

TEST_CASE_METHOD(Keys, "a generated key is linked to its owner") {
  CHECK(alice.owner == "alice");
  CHECK(alice.scal == 1);
  CHECK(alice.state == "active");
  CHECK(fault(alice) == "none");
}

TEST_CASE_METHOD(Keys, "openssl accepts the request, which is signed by the very key") {
  const test::Folder folder;
  const std::string request = folder.put("request.der", alice.request);
  const std::string key = folder.put("key.der", alice.spki);
  CHECK(test::run("openssl req -inform DER -verify -noout -in " + request).status == 0);
  CHECK(test::run("openssl req -inform DER -pubkey -noout -in " + request +
                  " | openssl pkey -pubin -outform DER | cmp - " + key)
            .status == 0);
}

TEST_CASE_METHOD(Keys, "the store holds no private key in clear") {
  CHECK(fault_of([&] {
          session->unwrap({alice.spki, alice.blob, alice.mechanism, alice.wrapping_key});
        }) == "none");
  CHECK_FALSE(crypto::der::children(alice.blob));
}

TEST_CASE_METHOD(Keys, "a blob swapped between two signers' rows is tampered") {
  store::KeyRow bob = generate("bob");
  std::swap(alice.blob, bob.blob);
  CHECK(fault(alice) == "tampered");
  CHECK(fault(bob) == "tampered");
}

TEST_CASE_METHOD(Keys, "blob, public key and MAC moved together to another owner are tampered") {
  store::KeyRow moved = alice;
  moved.owner = "mallory";
  CHECK(fault(moved) == "tampered");
}

TEST_CASE_METHOD(Keys, "every bound column is bound") {
  const std::pair<const char*, std::function<void(store::KeyRow&)>> changes[] = {
      {"id", [](store::KeyRow& key) { key.id[0] = key.id[0] == '0' ? '1' : '0'; }},
      {"owner", [](store::KeyRow& key) { key.owner += "x"; }},
      {"algorithm", [](store::KeyRow& key) { key.algorithm = "ecdsa-p384"; }},
      {"scal", [](store::KeyRow& key) { key.scal = 2; }},
      {"spki", [](store::KeyRow& key) { key.spki.back() ^= 1; }},
      {"blob", [](store::KeyRow& key) { key.blob.back() ^= 1; }},
      {"mechanism", [](store::KeyRow& key) { key.mechanism += "x"; }},
      {"wrapping_key", [](store::KeyRow& key) { key.wrapping_key = "master-2"; }},
      {"link_mac", [](store::KeyRow& key) { key.link_mac[0] ^= 1; }},
      {"link_mac gone", [](store::KeyRow& key) { key.link_mac.clear(); }},
  };
  for (const auto& [name, change] : changes) {
    store::KeyRow changed = alice;
    change(changed);
    INFO(name);
    CHECK(fault(changed) == "tampered");
  }
}

TEST_CASE_METHOD(Keys, "a MAC made by another token is tampered") {
  const auto other = with_keys("stolen");
  alice.link_mac = link_mac(*other, alice);
  CHECK(fault(alice) == "tampered");
}
