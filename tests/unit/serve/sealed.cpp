// Factors on their way through the front: sealed to a module that shows who it is, opened once.
#include "serve/sealed.h"

#include "ops/backend_json.h"
#include "ops/certificates.h"
#include "ops/factor_octets.h"
#include "ops/keys.h"
#include "ops/seals.h"
#include "ops/users.h"
#include "sam/bare_manifest.h"
#include "sam/factors.h"
#include "serve/desks.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"
#include "x509/subject.h"

using namespace tsp;
using namespace tsp::serve;
using namespace std::chrono_literals;

namespace {

// The module's keys are of a day: tests that go ten minutes back and forth stay within it.
Time away_from_midnight(Time now) {
  const auto of_day = now - std::chrono::floor<std::chrono::days>(now);
  return of_day < 20min || of_day > 24h - 20min ? now + 40min : now;
}

struct ApprovalWorker {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{away_from_midnight(SystemClock().now())};
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};
  std::unique_ptr<Desk> desk = open_approval_desk(provider);
  std::vector<x509::Certificate> roots{provider.certificate_of_role("root")};
  sam::Manifest manifest = sam::bare_manifest(crypto::HashAlgorithm::sha256, {Bytes(32, 7)});
  std::string key = ops::LocalBackend(provider).credential("alice", "", nullptr).key;

  Answer ask(const std::string& verb, const Json& body = Json::object()) {
    Request request;
    request.id = 1;
    request.asker = {"uid:0", ops::Roles::all(), {}};
    request.verb = verb;
    request.body = to_bytes(as_bytes(dump(body)));
    std::vector<Request> requests;
    requests.push_back(std::move(request));
    return std::move(desk->serve(std::move(requests)).at(0));
  }
  Json json_of(const Answer& answer) { return parse_json(answer.body, "the answer"); }
  TransportStatement statement() { return statement_from_json(json_of(ask("sam"))); }

  Bytes sealed(std::string_view pin, std::string_view purpose = "authorize") {
    sam::Presented presented;
    presented.pin = Secret::copy_of(as_bytes(pin));
    presented.otp = Secret::copy_of(as_bytes(sam::hotp(
        as_bytes(test::kAliceSeed), static_cast<std::uint64_t>(sam::totp_step(clock.now())))));
    return seal_factors(statement().point, ops::encode(presented).view(), purpose,
                        sam::manifest_hash(manifest), clock.now());
  }
  // The code of the answer; "done" for none.
  std::string authorize(const Bytes& octets) { return authorize(octets, "alice", key); }
  std::string authorize(const Bytes& octets, const std::string& user, const std::string& with) {
    const Json answer = json_of(ask("authorize", {{"user", user},
                                                  {"key", with},
                                                  {"manifest", ops::manifest_json(manifest)},
                                                  {"sealed", to_base64(octets)}}));
    return answer.contains("error") ? answer.at("error").at("code").get<std::string>() : "done";
  }
  std::string last_reason() {
    std::string reason;
    audit::each(provider.database(), 0, [&](const audit::Record& record) {
      reason = record.event.details.value("reason", "");
      return true;
    });
    return reason;
  }
  std::string judged(const TransportStatement& statement,
                     const std::vector<x509::Certificate>& by) {
    try {
      check_statement(statement, by, clock.now());
    } catch (const Error& error) {
      return std::string(fault_row(error.fault).name);
    }
    return "trusted";
  }
  std::string judged(const std::function<void(TransportStatement&)>& change) {
    TransportStatement said = statement();
    change(said);
    return judged(said, roots);
  }
};

}  // namespace

TEST_CASE_METHOD(ApprovalWorker, "the transport key is certified under the TSP's root") {
  CHECK(judged(statement(), roots) == "trusted");
  const test::Holder stranger({"Root", test::ca_extensions()});
  CHECK(judged(statement(), {stranger.certificate()}) == "policy-refused");
  CHECK(judged([](auto&) {}) == "trusted");
  CHECK(judged([](auto& s) { s.point = crypto::ExchangeKey::generate().point(); }) ==
        "policy-refused");
  CHECK(judged([](auto& s) { s.service += "x"; }) == "policy-refused");
  CHECK(judged([](auto& s) { s.begins -= 1ms; }) == "policy-refused");
  CHECK(judged([](auto& s) { s.ends += 24h; }) == "policy-refused");
  CHECK(judged([](auto& s) { s.signature.back() ^= 1; }) == "policy-refused");
  CHECK(judged([](auto& s) { s.signature.clear(); }) == "policy-refused");
  CHECK(judged([](auto& s) { s.certificates.clear(); }) == "policy-refused");
  CHECK(judged([](auto& s) { s.certificates.pop_back(); }) == "policy-refused");
}

TEST_CASE_METHOD(ApprovalWorker, "no other certificate of the TSP certifies a transport key") {
  for (const char* role : {"tsa", "ocsp", "issuing", "root"})
    CHECK(judged([&](auto& s) { s.certificates[0] = provider.certificate_of_role(role); }) ==
          "policy-refused");
  CHECK(provider.certificate_of_role("sam").has_extended_key_usage(x509::kActivationModule));
}

TEST_CASE_METHOD(ApprovalWorker, "a transport key of another day is not taken") {
  const TransportStatement today = statement();
  clock.advance(24h);
  CHECK(judged(today, roots) == "trusted");  // until its end: it was asked for before midnight
  CHECK(statement().point != today.point);
  clock.advance(24h);
  CHECK(judged(today, roots) == "policy-refused");
  clock.advance(-72h);
  CHECK(judged(today, roots) == "policy-refused");
}

TEST_CASE_METHOD(ApprovalWorker, "sealed factors are good once") {
  const Bytes octets = sealed(test::kAlicePin);
  CHECK(authorize(octets) == "done");
  CHECK(authorize(octets) == "already-exists");
  CHECK(last_reason() == "sealed-again");
  desk = open_approval_desk(provider);  // another worker
  CHECK(authorize(octets) == "already-exists");
}

TEST_CASE_METHOD(ApprovalWorker, "a machine's sealed credential is good once") {
  ops::EnrollUser acme;
  acme.name = acme.common_name = acme.organization = "acme";
  acme.kind = "legal";
  acme.organization_id = "VATLU-12345678";
  acme.country = "LU";
  acme.pin = Secret::copy_of(as_bytes(std::string_view("864209")));
  acme.hand_out = [](const Secret&) {};
  ops::enroll_user(provider, acme);
  ops::GenerateKey order;
  order.user = "acme";
  const std::string seal = ops::generate_key(provider, order).row.id;
  ops::issue_certificate(provider, {seal, "", "", {}, false});
  sam::Presented presented;
  ops::OpenSealWindow window;
  window.user = "acme";
  window.not_after = clock.now() + 1h;
  window.count = 10;
  window.hand_out = [&](const Secret& credential) { presented.machine = credential.clone(); };
  ops::open_seal_window(provider, window);
  const Bytes octets = seal_factors(statement().point, ops::encode(presented).view(), "authorize",
                                    sam::manifest_hash(manifest), clock.now());
  CHECK(authorize(octets, "acme", seal) == "done");
  CHECK(authorize(octets, "acme", seal) == "already-exists");
  CHECK(last_reason() == "sealed-again");
}

TEST_CASE_METHOD(ApprovalWorker, "whoever repeats a wrong try locks nobody") {
  const Bytes octets = sealed("000000");
  CHECK(authorize(octets) == "factor-refused");
  for (int i = 0; i < 6; ++i) CHECK(authorize(octets) == "already-exists");
  CHECK(store::attempts_of(provider.database(), "alice") == 1);
}

TEST_CASE_METHOD(ApprovalWorker, "sealed factors are good for ten minutes and nothing else") {
  const Bytes octets = sealed(test::kAlicePin);
  clock.advance(10min + 1ms);
  CHECK(authorize(octets) == "policy-refused");
  clock.advance(-20min - 2ms);
  CHECK(authorize(octets) == "policy-refused");
  clock.advance(10min + 1ms);
  CHECK(authorize(sealed(test::kAlicePin, "user pin")) == "usage");
  for (const std::size_t at : {std::size_t{0}, std::size_t{20}, octets.size() - 1}) {
    Bytes changed = octets;
    changed[at] ^= 1;
    CHECK(authorize(changed) == "usage");
  }
  for (std::size_t size : {std::size_t{0}, std::size_t{16}, std::size_t{24}, octets.size() - 1})
    CHECK(authorize(Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size))) ==
          "usage");
  CHECK(authorize(octets) == "done");
}
