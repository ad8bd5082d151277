// HMAC-SHA-256 and AES-256-GCM with keys that stay in the HSM.
#include "hsm/fault.h"
#include "hsm/keys.h"
#include "hsm/objects.h"

namespace tsp::hsm {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16, kMac = 32;  // octets

// AES-GCM, PKCS#11 v2.40 section 2.12.3. The views must outlive it.
struct Gcm {
  CK_GCM_PARAMS params;
  CK_MECHANISM mechanism;
  Gcm(ByteView nonce, ByteView associated)
      : params{mutable_bytes(nonce),      nonce.size(),      nonce.size() * 8,
               mutable_bytes(associated), associated.size(), kTag * 8},
        mechanism{CKM_AES_GCM, &params, sizeof params} {}
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
};

struct SecretKind {
  CK_MECHANISM_TYPE generation, use;
  std::initializer_list<CK_ATTRIBUTE_TYPE> allowed, forbidden;
};

void generate_secret(Live& live, const std::string& label, const SecretKind& kind) {
  refuse_taken(live, label);
  Template wanted;
  wanted.flags({CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE}, true)
      .flags({CKA_EXTRACTABLE, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE, CKA_MODIFIABLE, CKA_COPYABLE},
             false)
      .flags(kind.allowed, true)
      .flags(kind.forbidden, false)
      .number(CKA_VALUE_LEN, 32)
      .bytes(CKA_LABEL, as_bytes(label))
      .bytes(CKA_ID, as_bytes(label))
      .mechanisms({kind.use});
  CK_MECHANISM mechanism{kind.generation, nullptr, 0};
  CK_OBJECT_HANDLE key = kNoObject;
  check(live.api->C_GenerateKey(live.session, &mechanism, wanted.data(), wanted.size(), &key),
        "C_GenerateKey", "cannot make key " + label + " in token " + live.token);
}

Bytes encrypt(Live& live, CK_OBJECT_HANDLE key, ByteView plain, ByteView associated) {
  Bytes sealed = random_bytes(kNonce);
  const Bytes nonce = sealed;
  Gcm gcm(nonce, associated);
  const std::string what = "cannot encrypt in token " + live.token;
  check(live.api->C_EncryptInit(live.session, &gcm.mechanism, key), "C_EncryptInit", what);
  sealed.resize(kNonce + plain.size() + kTag);
  CK_ULONG size = sealed.size() - kNonce;
  check(live.api->C_Encrypt(live.session, mutable_bytes(plain), plain.size(),
                            sealed.data() + kNonce, &size),
        "C_Encrypt", what);
  if (size != plain.size() + kTag)
    throw Error(Fault::hsm_unavailable, what, "the HSM's ciphertext has a wrong length", "");
  return sealed;
}

std::optional<Secret> decrypt(Live& live, CK_OBJECT_HANDLE key, ByteView sealed,
                              ByteView associated) {
  Gcm gcm(sealed.first(kNonce), associated);
  const ByteView body = sealed.subspan(kNonce);
  const std::string what = "cannot decrypt in token " + live.token;
  check(live.api->C_DecryptInit(live.session, &gcm.mechanism, key), "C_DecryptInit", what);
  Secret room(Bytes(body.size()));  // modules want room for the tag, too
  CK_ULONG size = room.size();
  const CK_RV answer = live.api->C_Decrypt(live.session, mutable_bytes(body), body.size(),
                                           room.writable().data(), &size);
  if (is_bad_data(answer) || (is_vague(answer) && alive(live))) return std::nullopt;
  check(answer, "C_Decrypt", what);
  if (size != body.size() - kTag)
    throw Error(Fault::hsm_unavailable, what, "the HSM's answer has a wrong length", "");
  return Secret::copy_of(room.view().first(size));
}

}  // namespace

void Session::generate_mac_key(const std::string& label) {
  state_->live.with([&](Live& live) {
    generate_secret(live, label,
                    {CKM_GENERIC_SECRET_KEY_GEN,
                     CKM_SHA256_HMAC,
                     {CKA_SIGN},
                     {CKA_VERIFY, CKA_ENCRYPT, CKA_DECRYPT}});
  });
}

void Session::generate_seal_key(const std::string& label) {
  state_->live.with([&](Live& live) {
    generate_secret(
        live, label,
        {CKM_AES_KEY_GEN, CKM_AES_GCM, {CKA_ENCRYPT, CKA_DECRYPT}, {CKA_SIGN, CKA_VERIFY}});
  });
}

Bytes Session::mac(const std::string& key, ByteView data) {
  return state_->live.with([&](Live& live) {
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    const std::string what = "cannot compute a MAC in token " + live.token;
    check(live.api->C_SignInit(live.session, &mechanism, secret_key(live, key)), "C_SignInit",
          what);
    Bytes value(kMac);
    CK_ULONG size = value.size();
    check(live.api->C_Sign(live.session, mutable_bytes(data), data.size(), value.data(), &size),
          "C_Sign", what);
    if (size != kMac)
      throw Error(Fault::hsm_unavailable, what, "the HSM's answer has a wrong length", "");
    return value;
  });
}

Bytes Session::seal(const std::string& key, ByteView plain, ByteView associated) {
  return state_->live.with(
      [&](Live& live) { return encrypt(live, secret_key(live, key), plain, associated); });
}

std::optional<Secret> Session::open(const std::string& key, ByteView sealed, ByteView associated) {
  if (sealed.size() < kNonce + kTag) return std::nullopt;
  return state_->live.with(
      [&](Live& live) { return decrypt(live, secret_key(live, key), sealed, associated); });
}

}  // namespace tsp::hsm
