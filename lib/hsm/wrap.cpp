// Signers' keys: made as session objects, wrapped, and used as session objects again.
#include "crypto/der.h"
#include "hsm/fault.h"
#include "hsm/keys.h"
#include "hsm/signer.h"

namespace tsp::hsm {
namespace {

constexpr std::size_t kBlobRoom = 8192;  // octets: more than RSA-16384 needs

const WrapMechanism& best_wrapping(const Live& live) {
  if (!live.mechanisms->wrapping.empty()) return *live.mechanisms->wrapping.front();
  throw Error(Fault::policy_refused, "cannot wrap keys in token " + live.token,
              "the HSM offers neither CKM_AES_KEY_WRAP_PAD nor CKM_AES_KEY_WRAP_KWP",
              "nothing was made; use an HSM that does");
}

const WrapMechanism& wrapping_named(const Live& live, std::string_view name) {
  for (const WrapMechanism* mechanism : live.mechanisms->wrapping)
    if (mechanism->name == name) return *mechanism;
  throw Error(Fault::policy_refused, "cannot unwrap a key in token " + live.token,
              "the HSM does not offer " + std::string(name), "nothing was signed");
}

// What an unwrapped key must be, whoever asks: part of the wrapping key itself.
Template forced_on_unwrapped() {
  Template forced;
  forced.flag(CKA_EXTRACTABLE, false).flag(CKA_SENSITIVE, true).flag(CKA_TOKEN, false);
  return forced;
}

// The HSM compares this with the wrapping key's unwrap template, so the three stand here too.
Template unwrapped_template(const KeyKind& kind) {
  Template wanted = forced_on_unwrapped();
  wanted.number(CKA_CLASS, CKO_PRIVATE_KEY)
      .number(CKA_KEY_TYPE, kind.type)
      .flags({CKA_PRIVATE, CKA_SIGN}, true)
      .flags({CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN_RECOVER}, false);
  return wanted;
}

KeyKind kind_of_key(const crypto::PublicKey& key) {
  if (const auto algorithm = key.algorithm()) return kind_of(*algorithm);
  throw Error(Fault::policy_refused, "cannot unwrap a key",
              key.description() + " is not used by this program", "nothing was signed");
}

Error does_not_fit(const std::string& why) {
  return {Fault::tampered, "cannot use a wrapped key", why,
          "nothing was signed; the stored key was damaged or exchanged: restore it from a backup"};
}

// The HSM's "no" to a blob, told apart from an HSM that is gone.
Error unwrap_error(Live& live, CK_RV answer) {
  if (is_bad_data(answer) || answer == CKR_ATTRIBUTE_VALUE_INVALID ||
      answer == CKR_TEMPLATE_INCONSISTENT || (is_vague(answer) && alive(live)))
    return does_not_fit("the HSM cannot unwrap it (C_UnwrapKey answered " + name_of(answer) + ")");
  return error_of(answer, "C_UnwrapKey", "cannot unwrap a key in token " + live.token);
}

// Checks what the module really made of the unwrapped key.
void check_unwrapped(Live& live, CK_OBJECT_HANDLE key, const KeyKind& kind,
                     const crypto::PublicKey& expected) {
  const Values values = read_attributes(live, key,
                                        {CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_TOKEN, CKA_KEY_TYPE,
                                         CKA_EC_PARAMS, CKA_MODULUS, CKA_PUBLIC_EXPONENT});
  if (!is_true(values[0]) || !is_false(values[1]) || !is_false(values[2])) {
    throw Error(Fault::policy_refused, "cannot use a wrapped key",
                "the HSM would let it out once it is unwrapped",
                "nothing was signed; the key was removed from the HSM");
  }
  const auto got =
      kind_from(number_of(values[3]).value_or(CK_UNAVAILABLE_INFORMATION), values[4], values[5]);
  if (!got || got->algorithm != kind.algorithm)
    throw does_not_fit("it is no key of " + std::string(name_of(kind.algorithm)));
  if (kind.type != CKK_RSA) return;
  if (!values[6] || rsa_spki(*values[5], *values[6]) != expected.spki())
    throw does_not_fit("it does not belong to its public key");
}

Bytes wrap_key(Live& live, CK_OBJECT_HANDLE wrapping, const WrapMechanism& how,
               CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{how.type, nullptr, 0};
  Bytes blob(kBlobRoom);
  CK_ULONG size = blob.size();
  check(live.api->C_WrapKey(live.session, &mechanism, wrapping, key, blob.data(), &size),
        "C_WrapKey", "cannot wrap a key in token " + live.token);
  blob.resize(size);
  return blob;
}

}  // namespace

void Session::generate_wrapping_key(const std::string& label) {
  state_->live.with([&](Live& live) {
    refuse_taken(live, label);
    const Template forced = forced_on_unwrapped();
    Template wanted;
    wanted.flags({CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_WRAP, CKA_UNWRAP}, true)
        .flags({CKA_EXTRACTABLE, CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_DERIVE,
                CKA_MODIFIABLE, CKA_COPYABLE},
               false)
        .number(CKA_VALUE_LEN, 32)
        .bytes(CKA_LABEL, as_bytes(label))
        .bytes(CKA_ID, as_bytes(label))
        .mechanisms({best_wrapping(live).type})
        .unwrap_template(forced);
    CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = kNoObject;
    check(live.api->C_GenerateKey(live.session, &mechanism, wanted.data(), wanted.size(), &key),
          "C_GenerateKey", "cannot make key " + label + " in token " + live.token);
  });
}

WrappedKey Session::generate_wrapped(crypto::KeyAlgorithm algorithm,
                                     const std::string& wrapping_key) {
  const KeyKind& kind = kind_of(algorithm);
  if (algorithm == crypto::KeyAlgorithm::ed25519) {
    throw Error(Fault::policy_refused, "cannot make a signer's key of ed25519",
                "HSMs do not wrap such keys", "nothing was made; choose another algorithm");
  }
  return state_->live.with([&](Live& live) {
    const WrapMechanism& how = best_wrapping(live);
    const CK_OBJECT_HANDLE wrapping = secret_key(live, wrapping_key);
    const KeyPair pair = generate_pair(live, kind, Fate::session_to_wrap, {});
    const SessionObject public_half(live, pair.public_half);
    const SessionObject private_half(live, pair.private_half);
    return WrappedKey{read_public_key(live, pair.public_half, kind).spki(),
                      wrap_key(live, wrapping, how, pair.private_half), std::string(how.name),
                      wrapping_key};
  });
}

std::unique_ptr<crypto::Signer> Session::unwrap(const WrappedKey& key) {
  return unwrap(key, crypto::PublicKey::from_spki(key.spki));
}

std::unique_ptr<crypto::Signer> Session::unwrap(const WrappedKey& key,
                                                crypto::PublicKey public_key) {
  if (!equal(public_key.spki(), key.spki))
    throw does_not_fit("it does not belong to its public key");
  const KeyKind kind = kind_of_key(public_key);
  return state_->live.with([&](Live& live) {
    CK_MECHANISM mechanism{wrapping_named(live, key.mechanism).type, nullptr, 0};
    const CK_OBJECT_HANDLE wrapping = secret_key(live, key.wrapping_key);
    Template wanted = unwrapped_template(kind);
    CK_OBJECT_HANDLE handle = kNoObject;
    const CK_RV answer =
        live.api->C_UnwrapKey(live.session, &mechanism, wrapping, mutable_bytes(key.blob),
                              key.blob.size(), wanted.data(), wanted.size(), &handle);
    if (answer != CKR_OK) throw unwrap_error(live, answer);
    SessionObject unwrapped(live, handle);
    check_unwrapped(live, handle, kind, public_key);
    return make_signer(state_, unwrapped.release(), kind, std::move(public_key),
                       Stay::until_dropped);
  });
}

}  // namespace tsp::hsm
