#include "crypto/digest.h"
#include "expect.h"

using namespace tsp;
using namespace tsp::hsm;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Scheme;
using test::SoftHsm;

namespace {

const Bytes kOtherDigest = crypto::sha256(as_bytes("a document"));

// A token with a wrapping key and somebody else who is logged in, too.
struct Wrapping {
  SoftHsm hsm;
  std::shared_ptr<Session> session = hsm.session();
  OtherSession other{*hsm.module()};

  Wrapping() { session->generate_wrapping_key("master-1"); }

  WrappedKey make(KeyAlgorithm algorithm = KeyAlgorithm::ecdsa_p256) {
    return session->generate_wrapped(algorithm, "master-1");
  }
  CK_OBJECT_HANDLE master() { return find_one(other.live, CKO_SECRET_KEY, "master-1").value(); }

  // C_UnwrapKey by a caller of his own mind.
  CK_RV unwrap_as(const WrappedKey& key, bool extractable, bool sensitive, bool token) {
    Template wanted;
    wanted.number(CKA_CLASS, CKO_PRIVATE_KEY)
        .number(CKA_KEY_TYPE, CKK_EC)
        .flag(CKA_EXTRACTABLE, extractable)
        .flag(CKA_SENSITIVE, sensitive)
        .flag(CKA_TOKEN, token);
    CK_MECHANISM mechanism{CKM_AES_KEY_WRAP_PAD, nullptr, 0};
    CK_OBJECT_HANDLE got = 0;
    return other.live.api->C_UnwrapKey(other.live.session, &mechanism, master(),
                                       mutable_bytes(key.blob), key.blob.size(), wanted.data(),
                                       wanted.size(), &got);
  }
  std::size_t private_keys() { return other.session_objects(CKO_PRIVATE_KEY).size(); }
};

Scheme scheme_of(KeyAlgorithm algorithm) {
  return scheme_for(algorithm, crypto::Purpose::document);
}

}  // namespace

TEST_CASE("a wrapped key comes back, signs and is gone") {
  Wrapping at;
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                                  KeyAlgorithm::ecdsa_p521, KeyAlgorithm::rsa_3072);
  const WrappedKey key = at.make(algorithm);
  CHECK(at.private_keys() == 0);
  CHECK(at.other.session_objects(CKO_PUBLIC_KEY).empty());
  CHECK(key.mechanism == "aes-key-wrap-pad");
  CHECK(key.wrapping_key == "master-1");
  auto signer = at.session->unwrap(key);
  CHECK(at.private_keys() == 1);
  CHECK(signer->public_key().spki() == key.spki);
  CHECK(signer->public_key().algorithm() == algorithm);
  const Bytes value = signer->sign(scheme_of(algorithm), HashAlgorithm::sha256, kOtherDigest);
  CHECK(signer->public_key().verify(scheme_of(algorithm), HashAlgorithm::sha256, kOtherDigest,
                                    value));
  signer.reset();
  CHECK(at.private_keys() == 0);
}

TEST_CASE("a wrapped key is still good after the HSM was shut down") {
  SoftHsm hsm;
  hsm.session()->generate_wrapping_key("master-1");
  const WrappedKey key = hsm.session()->generate_wrapped(KeyAlgorithm::ecdsa_p256, "master-1");
  hsm.unload();
  const auto signer = hsm.session()->unwrap(key);
  const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kOtherDigest);
  CHECK(signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha256, kOtherDigest, value));
}

TEST_CASE("an unwrapped key cannot be read or wrapped again") {
  Wrapping at;
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072);
  const WrappedKey key = at.make(algorithm);
  const auto signer = at.session->unwrap(key);
  const auto handles = at.other.session_objects(CKO_PRIVATE_KEY);
  REQUIRE(handles.size() == 1);
  Bytes room(4096);
  CK_ATTRIBUTE secret{algorithm == KeyAlgorithm::rsa_3072 ? CKA_PRIVATE_EXPONENT : CKA_VALUE,
                      room.data(), room.size()};
  CHECK(at.other.live.api->C_GetAttributeValue(at.other.live.session, handles[0], &secret, 1) ==
        CKR_ATTRIBUTE_SENSITIVE);
  CK_MECHANISM mechanism{CKM_AES_KEY_WRAP_PAD, nullptr, 0};
  CK_ULONG size = room.size();
  CHECK(at.other.live.api->C_WrapKey(at.other.live.session, &mechanism, at.master(), handles[0],
                                     room.data(), &size) == CKR_KEY_UNEXTRACTABLE);
  Template change;
  change.flag(CKA_EXTRACTABLE, true);
  CHECK(at.other.live.api->C_SetAttributeValue(at.other.live.session, handles[0], change.data(),
                                               change.size()) != CKR_OK);
  CK_OBJECT_HANDLE copy = 0;
  CHECK(at.other.live.api->C_CopyObject(at.other.live.session, handles[0], change.data(),
                                        change.size(), &copy) != CKR_OK);
}

TEST_CASE("whoever holds the PIN unwraps only as the wrapping key allows") {
  Wrapping at;
  const WrappedKey key = at.make();
  CHECK(at.unwrap_as(key, false, true, false) == CKR_OK);
  CHECK(at.unwrap_as(key, true, true, false) == CKR_TEMPLATE_INCONSISTENT);
  CHECK(at.unwrap_as(key, false, false, false) == CKR_TEMPLATE_INCONSISTENT);
  CHECK(at.unwrap_as(key, false, true, true) == CKR_TEMPLATE_INCONSISTENT);
}

TEST_CASE("the wrapping key cannot be read, copied, changed or used to decrypt") {
  Wrapping at;
  const WrappedKey key = at.make();
  Live& live = at.other.live;
  CK_MECHANISM ecb{CKM_AES_ECB, nullptr, 0};
  CHECK(live.api->C_DecryptInit(live.session, &ecb, at.master()) != CKR_OK);
  CHECK(live.api->C_EncryptInit(live.session, &ecb, at.master()) != CKR_OK);
  CHECK_FALSE(read_attributes(live, at.master(), {CKA_VALUE})[0]);
  Template nothing, change;
  CK_OBJECT_HANDLE copy = 0;
  CHECK(live.api->C_CopyObject(live.session, at.master(), nothing.data(), nothing.size(), &copy) !=
        CKR_OK);
  change.flag(CKA_DECRYPT, true);
  CHECK(live.api->C_SetAttributeValue(live.session, at.master(), change.data(), change.size()) !=
        CKR_OK);
  CK_MECHANISM cbc{CKM_AES_KEY_WRAP, nullptr, 0};
  Bytes room(8192);
  CK_ULONG size = room.size();
  CHECK(live.api->C_WrapKey(live.session, &cbc, at.master(), at.master(), room.data(), &size) !=
        CKR_OK);
}

TEST_CASE("a blob with a flipped bit is refused wherever it is flipped") {
  Wrapping at;
  const WrappedKey key = at.make();
  for (std::size_t bit = 0; bit < key.blob.size() * 8; bit += 37) {
    WrappedKey damaged = key;
    damaged.blob[bit / 8] = static_cast<std::uint8_t>(damaged.blob[bit / 8] ^ (1 << bit % 8));
    REQUIRE(error_in([&] { at.session->unwrap(damaged); }).fault == Fault::tampered);
  }
  CHECK(at.private_keys() == 0);
  CHECK_NOTHROW(at.session->unwrap(key));
}

TEST_CASE("what is no blob is refused") {
  Wrapping at;
  WrappedKey key = at.make();
  const auto size = GENERATE(0, 1, 7, 8, 15, 16, 24, 100, 9000);
  key.blob.resize(static_cast<std::size_t>(size));
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::tampered);
  CHECK(at.private_keys() == 0);
}

TEST_CASE("a blob of another wrapping key is refused") {
  Wrapping at;
  at.session->generate_wrapping_key("master-2");
  WrappedKey key = at.make();
  key.wrapping_key = "master-2";
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::tampered);
  key.wrapping_key = "master-3";
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::not_found);
  key.wrapping_key = "master-1";
  key.mechanism = "aes-cbc-pad";
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::policy_refused);
}

TEST_CASE("a key under a public key of another curve is refused") {
  Wrapping at;
  WrappedKey key = at.make(KeyAlgorithm::ecdsa_p256);
  key.spki = at.make(KeyAlgorithm::ecdsa_p384).spki;
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::tampered);
  CHECK(at.private_keys() == 0);
}

TEST_CASE("an RSA key under another RSA key's name is refused") {
  Wrapping at;
  WrappedKey key = at.make(KeyAlgorithm::rsa_3072);
  key.spki = at.make(KeyAlgorithm::rsa_3072).spki;
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::tampered);
  key.spki = at.make(KeyAlgorithm::ecdsa_p256).spki;
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::tampered);
  CHECK(at.private_keys() == 0);
}

TEST_CASE("an elliptic key under another's name shows when its signature is verified") {
  Wrapping at;
  WrappedKey key = at.make();
  key.spki = at.make().spki;
  const auto signer = at.session->unwrap(key);
  const Bytes value = signer->sign(Scheme::ecdsa, HashAlgorithm::sha256, kOtherDigest);
  CHECK_FALSE(
      signer->public_key().verify(Scheme::ecdsa, HashAlgorithm::sha256, kOtherDigest, value));
}

TEST_CASE("a damaged public key is bad input") {
  Wrapping at;
  WrappedKey key = at.make();
  key.spki.resize(20);
  CHECK(error_in([&] { at.session->unwrap(key); }).fault == Fault::bad_input);
}

namespace {

CK_C_GetAttributeValue real_get = nullptr;

// An HSM that heeds no template: what should stay in may leave.
CK_RV says_extractable(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                       CK_ULONG count) {
  const CK_RV answer = real_get(session, object, attributes, count);
  for (CK_ULONG i = 0; i < count; ++i)
    if (attributes[i].type == CKA_EXTRACTABLE)
      *static_cast<CK_BBOOL*>(attributes[i].pValue) = CK_TRUE;
  return answer;
}

}  // namespace

TEST_CASE("an unwrapped key that the HSM would let out is not used") {
  SoftHsm hsm;
  hsm.session();
  Impostor impostor(*hsm.module());
  real_get = impostor.functions.C_GetAttributeValue;
  impostor.functions.C_GetAttributeValue = says_extractable;
  const auto session = hsm.session();
  OtherSession other(*hsm.module());
  session->generate_wrapping_key("master-1");
  const WrappedKey key = session->generate_wrapped(KeyAlgorithm::ecdsa_p256, "master-1");
  CHECK(error_in([&] { session->unwrap(key); }).fault == Fault::policy_refused);
  CHECK(other.session_objects(CKO_PRIVATE_KEY).empty());
}

TEST_CASE("an HSM that fails while unwrapping is not taken for a damaged blob") {
  SoftHsm hsm;
  hsm.session();
  Impostor impostor(*hsm.module());
  const auto session = hsm.session();
  session->generate_wrapping_key("master-1");
  const WrappedKey key = session->generate_wrapped(KeyAlgorithm::ecdsa_p256, "master-1");
  impostor.functions.C_UnwrapKey = [](CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE, CK_BYTE*,
                                      CK_ULONG, CK_ATTRIBUTE*, CK_ULONG,
                                      CK_OBJECT_HANDLE*) -> CK_RV { return CKR_GENERAL_ERROR; };
  CHECK(error_in([&] { session->unwrap(key); }).fault == Fault::tampered);
  impostor.functions.C_GetSessionInfo = [](CK_SESSION_HANDLE, CK_SESSION_INFO*) -> CK_RV {
    return CKR_DEVICE_REMOVED;
  };
  CHECK(error_in([&] { session->unwrap(key); }).fault == Fault::hsm_unavailable);
}
