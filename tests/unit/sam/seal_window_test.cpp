// A machine signs for a legal person: in its window, so often as was approved, and no more.
#include "sam/seal_window.h"

#include <atomic>
#include <thread>

#include "activation_fixture.h"
#include "sam/seal.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

struct Machine : Tsp {
  std::string acme;  // its key
  Secret credential{Bytes()};
  Bytes window;

  Machine() {
    enrol("acme");
    tamper("UPDATE users SET kind = 'legal' WHERE name = 'acme'");
    acme = add_key("acme");
    serial = certify(acme, "acme").serial;
    open(10);
  }
  void open(std::int64_t count, std::int64_t operators = 1) {
    auto made =
        make_seal_window(*session, {"acme", acme, clock.now(), clock.now() + 1h, count, operators},
                         "uid:7", clock.now());
    window = made.row.id;
    credential = std::move(made.credential);
    commit([&](store::Transaction& t) { store::insert_seal_window(t, made.row); });
  }
  store::SealWindowRow row() { return store::find_seal_window(*database, window).value(); }
  void change(const std::function<void(store::SealWindowRow&)>& act) {
    store::SealWindowRow changed = row();
    act(changed);
    commit([&](store::Transaction& t) { store::update_seal_window(t, changed); });
  }
  void close() {
    change([&](auto& changed) { close_seal_window(*session, changed); });
  }
  void ask_for(std::int64_t operators) {
    auto group = store::find_group(*database, "default").value();
    group.seal_operators = operators;
    commit([&](store::Transaction& t) { store::update_group(t, group); });
  }
  Approval approve(const Manifest& manifest, const Caller& caller = kStaff) {
    return module().authorize_machine(caller, "acme", acme, manifest, credential, {});
  }
  std::string refused(const Caller& caller = kStaff) {
    return refusal_of([&] { approve(documents({"a.pdf"}), caller); });
  }
  // What signing under a given approval comes to, and that it is void from then on.
  std::string refused_later(const Approval& approval, const Manifest& manifest) {
    const std::string said = refusal_of([&] { sign(approval, manifest); });
    CHECK(refusal_of([&] { sign(approval, manifest); }) == "policy-refused approval-unknown");
    return said;
  }
};

}  // namespace

TEST_CASE_METHOD(Machine, "a machine signs without PIN and code, and the window counts") {
  const Manifest manifest = documents({"a.pdf", "b.pdf"});
  const auto signatures = sign(approve(manifest), manifest);
  REQUIRE(signatures.size() == 2);
  for (const Signature& signature : signatures) {
    REQUIRE_FALSE(signature.error);
    CHECK(certificate().public_key().verify(crypto::Scheme::ecdsa, manifest.hash, signature.dtbs,
                                            signature.value));
    const auto record = audit::find(*database, signature.audit_seq).value();
    CHECK(record.event.details.at("window") == to_hex(window));
  }
  CHECK(row().used == 2);
}

TEST_CASE_METHOD(Machine, "a window is open from its first moment to before its last") {
  const Time from = row().not_before, until = row().not_after;
  const auto at = [&](Time now) {
    clock.set(now);
    return refused();
  };
  CHECK(at(from - 1ms) == "policy-refused window-early");
  CHECK(at(from) == "usage without record");
  CHECK(at(until - 1ms) == "usage without record");
  CHECK(at(until) == "policy-refused window-over");
}

TEST_CASE_METHOD(Machine, "an approval ends with the window, whatever its own end") {
  clock.set(row().not_after - 10s);
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest);
  CHECK(approval.expires_at == row().not_after);
  clock.advance(10s);
  CHECK(refused_later(approval, manifest) == "policy-refused approval-expired");
}

TEST_CASE_METHOD(Machine, "a clock that steps back opens no window again") {
  const Manifest manifest = documents({"a.pdf"});
  clock.advance(30min);
  sign(approve(manifest), manifest);
  clock.advance(-10s);
  CHECK(refused() == "usage without record");
  clock.advance(-1ms);
  CHECK(refused() == "policy-refused clock-stepped-back");
}

TEST_CASE_METHOD(Machine, "closing wins at once, under a given approval, too") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest);
  close();
  CHECK(refused_later(approval, manifest) == "policy-refused window-closed");
  CHECK(row().used == 0);
}

TEST_CASE_METHOD(Machine, "a credential that was stolen is of no use after closing") {
  close();
  CHECK(refused() == "policy-refused window-closed");
  CHECK(refused(kOutsider) == "factor-refused machine-refused");
}

TEST_CASE_METHOD(Machine, "suspension, revocation and a stricter group win at once") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest);
  SECTION("suspended") {
    commit([](store::Transaction& t) { store::set_user_state(t, "acme", "suspended"); });
    CHECK(refused_later(approval, manifest) == "policy-refused signer-suspended");
  }
  SECTION("revoked") {
    commit([&](store::Transaction& t) {
      store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
    });
    CHECK(refused_later(approval, manifest) == "policy-refused certificate-revoked");
  }
  SECTION("no machines any more") {
    ask_for(0);
    CHECK(refused_later(approval, manifest) == "policy-refused machine-not-allowed");
  }
  SECTION("one operator more") {
    ask_for(2);
    CHECK(refused_later(approval, manifest) == "policy-refused window-unapproved");
  }
}

TEST_CASE_METHOD(Machine, "two operators approve where two are asked for") {
  ask_for(2);
  open(10, 2);
  CHECK(refused() == "policy-refused window-unapproved");
  change([&](auto& changed) { approve_seal_window(*session, changed, "uid:8"); });
  CHECK(approvers_of(row()) == std::vector<std::string>{"uid:7", "uid:8"});
  CHECK(refused() == "usage without record");
}

TEST_CASE_METHOD(Machine, "a batch for which not enough is left is not signed at all") {
  open(2);
  CHECK(refusal_of([&] {
          approve(documents({"a", "b", "c"}));
        }) == "policy-refused window-used-up");
  const Manifest two = documents({"a", "b"}), one = documents({"c"});
  const Approval first = approve(two), second = approve(one);
  sign(first, two);
  CHECK(refused_later(second, one) == "policy-refused window-used-up");
  CHECK(row().used == 2);
}

TEST_CASE_METHOD(Machine, "of many at once so many sign as the window allows") {
  const Manifest manifest = documents({"a.pdf"});
  std::atomic<int> made{0}, refusals{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i)
    threads.emplace_back([&] {
      const auto connection = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule module(*connection, clock, session, policy);
      try {
        const Approval approval =
            module.authorize_machine(kStaff, "acme", acme, manifest, credential, {});
        if (!module.sign(kStaff, approval, manifest).at(0).error) ++made;
      } catch (const Error& error) {
        if (error.fault == Fault::policy_refused) ++refusals;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(made == 10);
  CHECK(refusals == 22);
  CHECK(row().used == 10);
}

TEST_CASE_METHOD(Machine, "a credential is good for its key and signer, and for no other") {
  const Manifest manifest = documents({"a.pdf"});
  const auto with = [&](const std::string& signer, const std::string& of, const Secret& text) {
    return refusal_of(
        [&] { module().authorize_machine(kOutsider, signer, of, manifest, text, {}); });
  };
  CHECK(with("acme", add_key("acme"), credential) == "factor-refused machine-refused");
  CHECK(with("alice", key, credential) == "factor-refused machine-refused");
  CHECK(with("nobody", acme, credential) == "factor-refused machine-refused");
  std::string other(credential.text());
  other.back() = other.back() == 'A' ? 'Q' : 'A';
  CHECK(with("acme", acme, secret(other)) == "factor-refused machine-refused");
  for (const char* text : {"", "tsp_seal_", "tsp_seal_!", "246813"})
    CHECK(with("acme", acme, secret(text)) == "factor-refused machine-refused");
  CHECK(store::attempts_of(*database, "acme") == 0);
  CHECK(with("acme", acme, credential) == "usage without record");
}

TEST_CASE_METHOD(Machine, "only a legal person's key of SCAL 1 is used by a machine") {
  SECTION("a natural person") {
    tamper("UPDATE users SET kind = 'natural' WHERE name = 'acme'");
    CHECK(refused() == "policy-refused machine-not-allowed");
  }
  SECTION("SCAL 2") {
    auto key_row = store::find_key(*database, acme).value();
    key_row.scal = 2;
    database->prepare("UPDATE keys SET scal = 2, link_mac = ? WHERE id = ?")
        .bind(link_mac(*session, key_row))
        .bind(acme)
        .run();
    CHECK(refused() == "policy-refused scal");
  }
}

TEST_CASE_METHOD(Machine, "whoever writes the store neither lengthens nor approves a window") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest);
  SECTION("count") {
    tamper("UPDATE seal_windows SET allowed = 1000");
  }
  SECTION("end") {
    tamper("UPDATE seal_windows SET not_after = not_after + 1");
  }
  SECTION("operator") {
    tamper("UPDATE seal_windows SET approved_by = approved_by || x'0a' || 'uid:8'");
  }
  SECTION("operators") {
    tamper("UPDATE seal_windows SET operators = 2");
  }
  CHECK(refused() == "tampered window-forged");
  CHECK(refused_later(approval, manifest) == "tampered window-forged");
}

TEST_CASE_METHOD(Machine, "an approval is not cut loose from its window") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest);
  tamper("UPDATE approvals SET window_id = x''");
  CHECK(refused_later(approval, manifest) == "tampered approval-forged");
}

TEST_CASE_METHOD(Machine, "PIN and code sign as before, and take nothing from the window") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval =
      module().authorize(kStaff, "acme", acme, manifest, presented(kPin, code()));
  sign(approval, manifest);
  CHECK(row().used == 0);
}

TEST_CASE_METHOD(Machine, "the credential is nowhere in the store or the log") {
  const Manifest manifest = documents({"a.pdf"});
  sign(approve(manifest), manifest);
  const auto said = parse_machine_credential(credential).value();
  CHECK(said.window == window);
  database.reset();
  for (const char* end : {"", "-wal"}) {
    if (!exists(path + end)) continue;
    const Bytes all = read_file(path + end, 1 << 28);
    CHECK(std::search(all.begin(), all.end(), said.secret.view().begin(),
                      said.secret.view().end()) == all.end());
    CHECK(as_text(all).find(credential.text()) == std::string_view::npos);
  }
}

TEST_CASE_METHOD(SignersToken, "window and credential are what docs/formats/seal-window.md says") {
  const Time now = from_unix(1767225600);
  const auto made =
      make_seal_window(*session, {"acme", "k1", now, now + 1h, 1000, 1}, "uid:1000", now);
  const auto said = parse_machine_credential(made.credential).value();
  const auto field = [](Bytes& to, std::string_view text) { append_field(to, as_bytes(text)); };
  const auto message_of = [&](const store::SealWindowRow& row) {
    Bytes message;
    field(message, "tsp seal window 1");
    append_field(message, row.id);
    field(message, "acme");
    field(message, "k1");
    append_u64(message, 1767225600000);
    append_u64(message, 1767225600000 + 3600000);
    append_u64(message, 1767225600000);
    append_u64(message, 1000);
    append_u32(message, 1);
    field(message, "uid:1000");
    append_field(message, row.credential_mac);
    return message;
  };
  const auto credential_message = [&](ByteView id, ByteView secret_octets) {
    Bytes message;
    field(message, "tsp machine credential 1");
    append_field(message, id);
    field(message, "acme");
    field(message, "k1");
    append_field(message, secret_octets);
    return message;
  };
  CHECK(made.row.mac == session->mac(kLinkKey, message_of(made.row)));
  CHECK(made.row.credential_mac ==
        session->mac(kPepperKey, credential_message(made.row.id, said.secret.view())));
  CHECK(made.credential.size() == 9 + 77);

  const auto counting = [](std::uint8_t first, std::size_t size) {
    Bytes out;
    while (out.size() < size) out.push_back(first++);
    return out;
  };
  store::SealWindowRow example;
  example.id = counting(0xf0, 16);
  example.credential_mac = crypto::hmac(crypto::HashAlgorithm::sha256, counting(0, 32),
                                        credential_message(example.id, counting(0x40, 32)));
  CHECK(to_hex(example.credential_mac) ==
        "036e9b81b73488d9fe602edf8948481296b96431160ff2bb9a58fcf44dc6e0d7");
  CHECK(to_hex(
            crypto::hmac(crypto::HashAlgorithm::sha256, counting(0x20, 32), message_of(example))) ==
        "f2bbceb2af658d52bea99f2ef8647f2754c3d2ae054b62154d738ad4da64c4d3");
  const auto typed = parse_machine_credential(
      secret("tsp_seal_6DY7F47U6X3PP6HZ7L57Z7P675AECQSDIRCUMR2IJFFEWTCNJZHVAUKSKNKFKVSXLBMVUW24LVPF"
             "6"));
  REQUIRE(typed);
  CHECK(typed->window == example.id);
  CHECK(equal(typed->secret.view(), counting(0x40, 32)));
}
