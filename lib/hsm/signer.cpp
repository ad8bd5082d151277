#include "hsm/signer.h"

#include "crypto/der.h"
#include "hsm/excused_leak.h"
#include "hsm/fault.h"
#include "hsm/objects.h"

namespace tsp::hsm {
namespace {

std::size_t signature_size(const KeyKind& kind) {
  return kind.type == CKK_RSA ? kind.modulus_bits / 8 : 2 * kind.field_size;
}

// r ‖ s, PKCS#11 v2.40 section 2.3.1, as Ecdsa-Sig-Value, RFC 3279 section 2.2.3.
Bytes ecdsa_value(ByteView pair) {
  const std::size_t half = pair.size() / 2;
  return crypto::der::sequence(crypto::der::unsigned_integer(pair.first(half)),
                               crypto::der::unsigned_integer(pair.subspan(half)));
}

Bytes sign_now(Live& live, CK_OBJECT_HANDLE key, const KeyKind& kind, SignCall& call) {
  CK_MECHANISM mechanism{call.mechanism, call.has_pss ? &call.pss : nullptr,
                         call.has_pss ? sizeof call.pss : 0};
  {
    const ExcusedLeak excused(call.mechanism == CKM_EDDSA);
    check(live.api->C_SignInit(live.session, &mechanism, key), "C_SignInit",
          "cannot sign in token " + live.token);
  }
  Bytes signature(signature_size(kind));
  CK_ULONG size = signature.size();
  check(live.api->C_Sign(live.session, mutable_bytes(call.data), call.data.size(), signature.data(),
                         &size),
        "C_Sign", "cannot sign in token " + live.token);
  if (size != signature.size()) {
    throw Error(Fault::hsm_unavailable, "cannot sign in token " + live.token,
                "the HSM's signature has a wrong length", "the value was thrown away");
  }
  return signature;
}

class HsmSigner final : public crypto::Signer {
 public:
  HsmSigner(std::shared_ptr<Session::State> session, CK_OBJECT_HANDLE key, const KeyKind& kind,
            crypto::PublicKey public_key, Stay stay)
      : session_(std::move(session)),
        key_(key),
        kind_(kind),
        public_key_(std::move(public_key)),
        stay_(stay) {}
  HsmSigner(const HsmSigner&) = delete;
  HsmSigner& operator=(const HsmSigner&) = delete;

  ~HsmSigner() override {
    if (stay_ == Stay::in_token || !session_->module->state()->in_own_process()) return;
    // Where the HSM is gone, the object went with it.
    session_->live.with([this](Live& live) { destroy_for_certain(live, key_); });
  }

  const crypto::PublicKey& public_key() const override { return public_key_; }

  Bytes sign(crypto::Scheme scheme, crypto::HashAlgorithm hash, ByteView digest) override {
    SignCall call = sign_call(kind_, scheme, hash, digest);
    const Bytes value =
        session_->live.with([&](Live& live) { return sign_now(live, key_, kind_, call); });
    return scheme == crypto::Scheme::ecdsa ? ecdsa_value(value) : value;
  }

 private:
  std::shared_ptr<Session::State> session_;
  CK_OBJECT_HANDLE key_;
  KeyKind kind_;
  crypto::PublicKey public_key_;
  Stay stay_;
};

}  // namespace

std::unique_ptr<crypto::Signer> make_signer(std::shared_ptr<Session::State> session,
                                            CK_OBJECT_HANDLE key, const KeyKind& kind,
                                            crypto::PublicKey public_key, Stay stay) {
  return std::make_unique<HsmSigner>(std::move(session), key, kind, std::move(public_key), stay);
}

}  // namespace tsp::hsm
