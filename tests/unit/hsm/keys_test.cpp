#include "crypto/der.h"
#include "crypto/digest.h"
#include "expect.h"

using namespace tsp;
using namespace tsp::hsm;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Scheme;
using test::SoftHsm;

namespace {

constexpr std::array kHashes{HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512};

bool signs_well(crypto::Signer& signer, Scheme scheme, HashAlgorithm hash) {
  const Bytes digest = crypto::digest(hash, as_bytes("a document"));
  const Bytes value = signer.sign(scheme, hash, digest);
  const Bytes other = crypto::digest(hash, as_bytes("another"));
  return signer.public_key().verify(scheme, hash, digest, value) &&
         !signer.public_key().verify(scheme, hash, other, value);
}

bool signs_well(crypto::Signer& signer) {
  const bool rsa = signer.public_key().is_rsa();
  for (const HashAlgorithm hash : kHashes)
    for (const Scheme scheme : {Scheme::rsa_pss, Scheme::rsa_pkcs1})
      if (!signs_well(signer, rsa ? scheme : Scheme::ecdsa, hash)) return false;
  return true;
}

}  // namespace

TEST_CASE("keys of each algorithm sign in the HSM and verify in software") {
  SoftHsm hsm;
  const auto session = hsm.session();
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                                  KeyAlgorithm::ecdsa_p521, KeyAlgorithm::rsa_3072);
  const auto signer = session->generate_signer("key", algorithm);
  CHECK(signer->public_key().algorithm() == algorithm);
  CHECK(signs_well(*signer));
  const auto opened = session->open_signer("key");
  CHECK(opened->public_key().spki() == signer->public_key().spki());
  CHECK(signs_well(*opened));
}

TEST_CASE("RSA-4096 keys sign, wrapped and not", "[.slow]") {
  SoftHsm hsm;
  const auto session = hsm.session();
  session->generate_wrapping_key("master-1");
  CHECK(signs_well(*session->generate_signer("key", KeyAlgorithm::rsa_4096)));
  const WrappedKey key = session->generate_wrapped(KeyAlgorithm::rsa_4096, "master-1");
  CHECK(signs_well(*session->unwrap(key)));
}

TEST_CASE("Ed25519 keys sign messages, as token objects only") {
  SoftHsm hsm;
  const auto session = hsm.session();
  session->generate_wrapping_key("master-1");
  const auto signer = session->generate_signer("log", KeyAlgorithm::ed25519);
  const Bytes message = to_bytes(as_bytes("tsp.example/log\n1\n"));
  const Bytes value = signer->sign(Scheme::ed25519, HashAlgorithm::sha256, message);
  CHECK(signer->public_key().verify(Scheme::ed25519, HashAlgorithm::sha256, message, value));
  CHECK(session->open_signer("log")->sign(Scheme::ed25519, HashAlgorithm::sha256, message) ==
        value);
  CHECK(error_in([&] { session->generate_wrapped(KeyAlgorithm::ed25519, "master-1"); }).fault ==
        Fault::policy_refused);
}

TEST_CASE("an HSM without Edwards curves refuses Ed25519") {
  SoftHsm hsm;
  hsm.session();
  Impostor impostor(*hsm.module());
  impostor.functions.C_GetMechanismList = [](CK_SLOT_ID, CK_MECHANISM_TYPE* list,
                                             CK_ULONG* count) -> CK_RV {
    if (list) *list = CKM_EC_KEY_PAIR_GEN;
    *count = 1;
    return CKR_OK;
  };
  hsm.module()->state()->mechanisms.with([](auto& cached) { cached.clear(); });
  const auto session = hsm.session();
  CHECK(error_in([&] { session->generate_signer("log", KeyAlgorithm::ed25519); }).fault ==
        Fault::policy_refused);
  CHECK(error_in([&] { session->generate_wrapping_key("master-1"); }).fault ==
        Fault::policy_refused);
}

TEST_CASE("a key signs only by its own scheme and with a digest of the right length") {
  SoftHsm hsm;
  const auto signer = hsm.session()->generate_one_time(KeyAlgorithm::ecdsa_p256);
  const Bytes digest = crypto::sha256({});
  CHECK_THROWS_AS(signer->sign(Scheme::rsa_pss, HashAlgorithm::sha256, digest), Error);
  CHECK_THROWS_AS(signer->sign(Scheme::ed25519, HashAlgorithm::sha256, digest), Error);
  CHECK_THROWS_AS(signer->sign(Scheme::ecdsa, HashAlgorithm::sha384, digest), Error);
  CHECK_THROWS_AS(signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, {}), Error);
}

TEST_CASE("ECDSA values are minimal DER, whatever their first octets") {
  SoftHsm hsm;
  const auto signer = hsm.session()->generate_one_time(KeyAlgorithm::ecdsa_p521);
  const Bytes digest = crypto::digest(HashAlgorithm::sha512, {});
  for (int i = 0; i < 300; ++i) {
    const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha512, digest);
    REQUIRE(signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha512, digest, value));
  }
}

TEST_CASE("a one-time key is gone with its signer") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  auto signer = session->generate_one_time(KeyAlgorithm::ecdsa_p256);
  CHECK(signs_well(*signer));
  CHECK(other.session_objects(CKO_PRIVATE_KEY).size() == 1);
  CHECK(other.session_objects(CKO_PUBLIC_KEY).empty());
  signer.reset();
  CHECK(other.session_objects(CKO_PRIVATE_KEY).empty());
}

TEST_CASE("a one-time key is gone where the module refuses to destroy it") {
  SoftHsm hsm;
  Impostor impostor(*hsm.module());
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  auto signer = session->generate_one_time(KeyAlgorithm::ecdsa_p256);
  REQUIRE(other.session_objects(CKO_PRIVATE_KEY).size() == 1);
  const auto destroys = impostor.functions.C_DestroyObject;
  impostor.functions.C_DestroyObject = [](CK_SESSION_HANDLE, CK_OBJECT_HANDLE) -> CK_RV {
    return CKR_FUNCTION_FAILED;
  };
  signer.reset();
  impostor.functions.C_DestroyObject = destroys;
  CHECK(other.session_objects(CKO_PRIVATE_KEY).empty());
  // Its session went, too, which whoever goes on with it is told.
  CHECK(error_in([&] { session->generate_one_time(KeyAlgorithm::ecdsa_p256); }).fault ==
        Fault::hsm_unavailable);
  CHECK(signs_well(*hsm.session()->generate_one_time(KeyAlgorithm::ecdsa_p256)));
}

TEST_CASE("a key that is not there is not found") {
  SoftHsm hsm;
  const auto session = hsm.session();
  CHECK(error_in([&] { session->open_signer("issuing"); }).fault == Fault::not_found);
  CHECK(error_in([&] { session->mac("pepper", {}); }).fault == Fault::not_found);
  CHECK(error_in([&] { session->generate_wrapped(KeyAlgorithm::ecdsa_p256, "master-1"); }).fault ==
        Fault::not_found);
  CHECK_FALSE(session->has_key("issuing"));
  CHECK_NOTHROW(session->destroy_key("issuing"));
}

TEST_CASE("a label is given once, whatever the kind of key") {
  SoftHsm hsm;
  const auto session = hsm.session();
  session->generate_mac_key("taken");
  CHECK(error_in([&] { session->generate_mac_key("taken"); }).fault == Fault::already_exists);
  CHECK(error_in([&] { session->generate_seal_key("taken"); }).fault == Fault::already_exists);
  CHECK(error_in([&] { session->generate_wrapping_key("taken"); }).fault == Fault::already_exists);
  CHECK(error_in([&] { session->generate_signer("taken", KeyAlgorithm::ecdsa_p256); }).fault ==
        Fault::already_exists);
}

TEST_CASE("a destroyed key leaves nothing behind and its label is free") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  session->destroy_key("issuing");
  CHECK_FALSE(session->has_key("issuing"));
  CHECK(find_all(other.live, CKO_PUBLIC_KEY, "issuing").empty());
  CHECK_NOTHROW(session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256));
}

TEST_CASE("a private half without its public half is said to be incomplete") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  for (const auto half : find_all(other.live, CKO_PUBLIC_KEY, "issuing"))
    other.live.api->C_DestroyObject(other.live.session, half);
  CHECK_THAT(error_in([&] { session->open_signer("issuing"); }).why,
             ContainsSubstring("interrupted"));
}

TEST_CASE("a public half that an interrupted generation left is replaced") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  for (const auto half : find_all(other.live, CKO_PRIVATE_KEY, "issuing"))
    other.live.api->C_DestroyObject(other.live.session, half);
  CHECK_FALSE(session->has_key("issuing"));
  const auto again = session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256);
  CHECK(session->open_signer("issuing")->public_key().spki() == again->public_key().spki());
}

TEST_CASE("private halves are sensitive, fixed and never extractable") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  session->generate_signer("issuing", KeyAlgorithm::rsa_3072);
  const auto key = find_one(other.live, CKO_PRIVATE_KEY, "issuing");
  REQUIRE(key);
  const Values values =
      read_attributes(other.live, *key,
                      {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_DECRYPT,
                       CKA_UNWRAP, CKA_PRIVATE_EXPONENT, CKA_PRIME_1});
  CHECK(is_true(values[0]));
  CHECK(is_true(values[1]));
  CHECK(is_true(values[2]));
  CHECK(is_false(values[3]));
  CHECK(is_false(values[4]));
  CHECK_FALSE(values[5]);
  CHECK_FALSE(values[6]);
  Template change;
  change.flag(CKA_DECRYPT, true);
  CHECK(other.live.api->C_SetAttributeValue(other.live.session, *key, change.data(),
                                            change.size()) != CKR_OK);
}

namespace {

// A P-256 pair made by hand, so that a test can make it weaker than ours.
void make_pair(Live& live, const std::string& label, bool sensitive, bool extractable) {
  Template open, closed;
  open.flag(CKA_TOKEN, true)
      .bytes(CKA_LABEL, as_bytes(label))
      .bytes(CKA_EC_PARAMS, crypto::der::oid("1.2.840.10045.3.1.7"));
  closed.flags({CKA_TOKEN, CKA_PRIVATE, CKA_SIGN}, true)
      .flag(CKA_SENSITIVE, sensitive)
      .flag(CKA_EXTRACTABLE, extractable)
      .bytes(CKA_LABEL, as_bytes(label));
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE one = 0, two = 0;
  REQUIRE(live.api->C_GenerateKeyPair(live.session, &mechanism, open.data(), open.size(),
                                      closed.data(), closed.size(), &one, &two) == CKR_OK);
}

}  // namespace

TEST_CASE("a key that could be read or taken out is refused at load") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  make_pair(other.live, "readable", false, false);
  make_pair(other.live, "extractable", true, true);
  CHECK(error_in([&] { session->open_signer("readable"); }).fault == Fault::policy_refused);
  CHECK(error_in([&] { session->open_signer("extractable"); }).fault == Fault::policy_refused);
}

TEST_CASE("a key that was brought in from outside is refused at load") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  Template brought;
  brought.number(CKA_CLASS, CKO_SECRET_KEY)
      .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .flags({CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN}, true)
      .flag(CKA_EXTRACTABLE, false)
      .bytes(CKA_LABEL, as_bytes("pepper"))
      .bytes(CKA_VALUE, Bytes(32));
  CK_OBJECT_HANDLE key = 0;
  REQUIRE(other.live.api->C_CreateObject(other.live.session, brought.data(), brought.size(),
                                         &key) == CKR_OK);
  const Error error = error_in([&] { session->mac("pepper", {}); });
  CHECK(error.fault == Fault::policy_refused);
  CHECK_THAT(error.why, ContainsSubstring("not made in this HSM"));
}

TEST_CASE("of two keys of one name neither is used") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  make_pair(other.live, "issuing", true, false);
  make_pair(other.live, "issuing", true, false);
  CHECK(error_in([&] { session->open_signer("issuing"); }).fault == Fault::tampered);
}

TEST_CASE("a search does not stop at 32, nor at 64") {
  SoftHsm hsm;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  for (int i = 0; i < 70; ++i) {
    Template data;
    data.number(CKA_CLASS, CKO_DATA).flag(CKA_TOKEN, true).bytes(CKA_LABEL, as_bytes("many"));
    CK_OBJECT_HANDLE object = 0;
    REQUIRE(other.live.api->C_CreateObject(other.live.session, data.data(), data.size(), &object) ==
            CKR_OK);
  }
  CHECK(find_all(other.live, CKO_DATA, "many").size() == 70);
}

TEST_CASE("a full token is said to be full") {
  SoftHsm hsm;
  hsm.session();
  Impostor impostor(*hsm.module());
  impostor.functions.C_GenerateKeyPair =
      [](CK_SESSION_HANDLE, CK_MECHANISM*, CK_ATTRIBUTE*, CK_ULONG, CK_ATTRIBUTE*, CK_ULONG,
         CK_OBJECT_HANDLE*, CK_OBJECT_HANDLE*) -> CK_RV { return CKR_DEVICE_MEMORY; };
  const auto session = hsm.session();
  const Error error =
      error_in([&] { session->generate_signer("issuing", KeyAlgorithm::ecdsa_p256); });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.why, ContainsSubstring("the token is full"));
  CHECK_THAT(error.next, ContainsSubstring("make room"));
}
