// Alice with a SCAL 2 key, a device and an activation file.
#pragma once

#include <atomic>
#include <cctype>
#include <map>
#include <thread>

#include "activation_fixture.h"
#include "sam/codes.h"
#include "sam/seal.h"

namespace tsp::sam {

struct Scal2 : Tsp {
  Secret share{Bytes()};
  std::string sealed_key = seal_for("alice");
  Device device = Device::generate("phone", crypto::KeyAlgorithm::ecdsa_p256);
  std::int64_t device_id = add_factor("device", encode(device.card()));
  Bytes ocra_seed = Bytes(kOcraSeed, 0x33);

  Secret first_share = share.clone();

  Scal2() { key = sealed_key; }

  Presented with_share() const {
    Presented out;
    out.share = share.clone();
    return out;
  }
  void change_pin(std::string_view pin, std::string_view new_pin, Presented opens) {
    std::map<std::string, Presented> shares;
    shares[key] = std::move(opens);
    module().change_pin(kStaff, "alice", secret(pin), std::move(shares), secret(new_pin));
  }

  // A key of SCAL 2 with a certificate. The cost is a test's.
  std::string seal_for(const std::string& owner) {
    store::KeyRow row =
        generate_key(*session, owner, {}, crypto::KeyAlgorithm::ecdsa_p256, "", clock.now());
    share = Secret::random(kShareSize);
    row.blob = make_seal_for_tests(*session, row.id, secret(kPin), share, kQuick, row.blob).blob;
    row.scal = 2;
    row.link_mac = link_mac(*session, row);
    commit([&](store::Transaction& t) { store::insert_key(t, row); });
    serial = certify(row.id, owner).serial;
    return row.id;
  }
  std::int64_t add_factor(const std::string& type, const Bytes& data) {
    std::int64_t id = 0;
    commit([&](store::Transaction& t) {
      id = store::insert_factor(t, {0, "alice", type, data, 0, clock.now()});
      if (type == "device")
        store::insert_share(t, {sealed_key, id, seal_share(decode_card(data), sealed_key, share)});
    });
    return id;
  }
  void require(const std::string& factors) {
    auto group = store::find_group(*database, "default").value();
    group.factors_scal2 = factors;
    commit([&](store::Transaction& t) { store::update_group(t, group); });
  }
  Asked ask(const Manifest& manifest, AnswerKey where = AnswerKey::with_caller,
            const Caller& caller = kStaff) {
    return module().ask(caller, "alice", key, &manifest, where);
  }
  // What the device fetches itself: a caller who is not staff has no questions.
  DeviceQuestion own_question(const Asked& asked) {
    DeviceQuestion question{asked.request, asked.manifest, {}};
    for (const store::ShareRow& held : store::shares_of(*database, key))
      if (held.factor == device_id) question.sealed_share = held.sealed;
    return question;
  }
  // What the device makes of the request, and the PIN.
  Presented answered(const Asked& asked, bool approved = true, std::string_view pin = kPin) {
    Presented out = pin_only(pin);
    out.request = asked.request.id;
    out.answer = device.answer(own_question(asked), approved);
    out.answer_key = asked.answer_key;
    return out;
  }
  Approval approve(const Manifest& manifest, const Presented& factors,
                   const Caller& caller = kStaff) {
    return module().authorize(caller, "alice", key, manifest, factors);
  }
  std::string refused(const Manifest& manifest, const Presented& factors,
                      const Caller& caller = kStaff) {
    return refusal_of([&] { approve(manifest, factors, caller); });
  }
};

}  // namespace tsp::sam
