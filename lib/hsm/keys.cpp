#include "hsm/keys.h"

#include "crypto/der.h"
#include "hsm/fault.h"
#include "hsm/signer.h"

namespace tsp::hsm {
namespace {

constexpr std::uint8_t kF4[] = {0x01, 0x00, 0x01};  // 65537

Template public_template(const KeyKind& kind, Fate fate, const std::string& label) {
  Template wanted;
  wanted.flag(CKA_TOKEN, fate == Fate::token_object)
      .flags({CKA_PRIVATE, CKA_ENCRYPT, CKA_WRAP}, false)
      .flag(CKA_VERIFY, true);
  if (kind.type == CKK_RSA)
    wanted.number(CKA_MODULUS_BITS, kind.modulus_bits).bytes(CKA_PUBLIC_EXPONENT, kF4);
  else
    wanted.bytes(CKA_EC_PARAMS, ec_params(kind));
  if (fate == Fate::token_object)
    wanted.bytes(CKA_LABEL, as_bytes(label)).bytes(CKA_ID, as_bytes(label));
  return wanted;
}

Template private_template(Fate fate, const std::string& label) {
  Template wanted;
  wanted.flag(CKA_TOKEN, fate == Fate::token_object)
      .flags({CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN}, true)
      .flag(CKA_EXTRACTABLE, fate == Fate::session_to_wrap)
      .flags({CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN_RECOVER}, false);
  if (fate == Fate::token_object) {
    wanted.flags({CKA_MODIFIABLE, CKA_COPYABLE}, false)
        .bytes(CKA_LABEL, as_bytes(label))
        .bytes(CKA_ID, as_bytes(label));
  }
  return wanted;
}

Error not_offered(const KeyKind& kind) {
  return {Fault::policy_refused, "cannot make a key of " + std::string(name_of(kind.algorithm)),
          "the HSM does not offer it", "nothing was made; choose another algorithm"};
}

// The kind of a private key object that is fit for use.
KeyKind checked_kind(Live& live, CK_OBJECT_HANDLE key, const std::string& label) {
  const Values values = read_attributes(
      live, key,
      {CKA_LOCAL, CKA_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_KEY_TYPE, CKA_EC_PARAMS, CKA_MODULUS});
  refuse_exposed(label, is_true(values[0]), is_true(values[1]), is_true(values[2]));
  const auto kind =
      kind_from(number_of(values[3]).value_or(CK_UNAVAILABLE_INFORMATION), values[4], values[5]);
  if (!kind) {
    throw Error(Fault::policy_refused, "cannot use key " + label,
                "it is of a kind that this program does not use", "nothing was signed");
  }
  return *kind;
}

void destroy_all(Live& live, CK_OBJECT_CLASS kind, const std::string& label) {
  for (const CK_OBJECT_HANDLE object : find_all(live, kind, label)) {
    check(live.api->C_DestroyObject(live.session, object), "C_DestroyObject",
          "cannot destroy key " + label + " of token " + live.token);
  }
}

}  // namespace

KeyPair generate_pair(Live& live, const KeyKind& kind, Fate fate, const std::string& label) {
  if (!live.mechanisms->offers(kind.generation)) throw not_offered(kind);
  CK_MECHANISM mechanism{kind.generation, nullptr, 0};
  Template open = public_template(kind, fate, label);
  Template closed = private_template(fate, label);
  KeyPair pair{kNoObject, kNoObject};
  check(
      live.api->C_GenerateKeyPair(live.session, &mechanism, open.data(), open.size(), closed.data(),
                                  closed.size(), &pair.public_half, &pair.private_half),
      "C_GenerateKeyPair", "cannot make a key in token " + live.token);
  return pair;
}

crypto::PublicKey read_public_key(Live& live, CK_OBJECT_HANDLE public_half, const KeyKind& kind) {
  if (kind.type == CKK_RSA) {
    const Values values = read_attributes(live, public_half, {CKA_MODULUS, CKA_PUBLIC_EXPONENT});
    return crypto::PublicKey::from_spki(
        rsa_spki(values[0].value_or(Bytes{}), values[1].value_or(Bytes{})));
  }
  const Values values = read_attributes(live, public_half, {CKA_EC_POINT});
  return crypto::PublicKey::from_spki(ec_spki(kind, values[0].value_or(Bytes{})));
}

void refuse_taken(Live& live, const std::string& label) {
  if (find_all(live, CKO_PRIVATE_KEY, label).empty() &&
      find_all(live, CKO_SECRET_KEY, label).empty())
    return;
  throw Error(Fault::already_exists, "cannot make key " + label,
              "token " + live.token + " has a key of that name",
              "nothing was changed; take another name");
}

std::unique_ptr<crypto::Signer> Session::generate_signer(const std::string& label,
                                                         crypto::KeyAlgorithm algorithm) {
  const KeyKind& kind = kind_of(algorithm);
  return state_->live.with([&](Live& live) {
    refuse_taken(live, label);
    destroy_all(live, CKO_PUBLIC_KEY, label);  // left by a generation that was interrupted
    const KeyPair pair = generate_pair(live, kind, Fate::token_object, label);
    return make_signer(state_, pair.private_half, kind,
                       read_public_key(live, pair.public_half, kind), Stay::in_token);
  });
}

std::unique_ptr<crypto::Signer> Session::open_signer(const std::string& label) {
  return state_->live.with([&](Live& live) {
    const auto private_half = find_one(live, CKO_PRIVATE_KEY, label);
    if (!private_half) throw no_such_key(live, label);
    const KeyKind kind = checked_kind(live, *private_half, label);
    const auto public_half = find_one(live, CKO_PUBLIC_KEY, label);
    if (!public_half) {
      throw Error(Fault::not_found, "cannot use key " + label,
                  "its public half is not in token " + live.token + ": making it was interrupted",
                  "nothing was signed; destroy the key and make it again");
    }
    return make_signer(state_, *private_half, kind, read_public_key(live, *public_half, kind),
                       Stay::in_token);
  });
}

std::unique_ptr<crypto::Signer> Session::generate_one_time(crypto::KeyAlgorithm algorithm) {
  const KeyKind& kind = kind_of(algorithm);
  return state_->live.with([&](Live& live) {
    const KeyPair pair = generate_pair(live, kind, Fate::session_only, {});
    const SessionObject public_half(live, pair.public_half);
    SessionObject private_half(live, pair.private_half);
    crypto::PublicKey public_key = read_public_key(live, pair.public_half, kind);
    return make_signer(state_, private_half.release(), kind, std::move(public_key),
                       Stay::until_dropped);
  });
}

bool Session::has_key(const std::string& label) {
  return state_->live.with([&](Live& live) {
    return !find_all(live, CKO_PRIVATE_KEY, label).empty() ||
           !find_all(live, CKO_SECRET_KEY, label).empty();
  });
}

void Session::destroy_key(const std::string& label) {
  state_->live.with([&](Live& live) {
    forget_secret_key(live, label);
    // The private half first: interrupted here, no key is left that could sign.
    destroy_all(live, CKO_PRIVATE_KEY, label);
    destroy_all(live, CKO_SECRET_KEY, label);
    destroy_all(live, CKO_PUBLIC_KEY, label);
  });
}

}  // namespace tsp::hsm
