// What the server does on its own when its time has come.
#include "ops/upkeep.h"

#include <filesystem>

#include "ops/audit_log.h"
#include "ops/certificates.h"
#include "ops/crls.h"
#include "ops/refusals.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"

using namespace tsp;
using namespace std::chrono_literals;

namespace {

constexpr auto kDay = 24h;

struct UpkeepTsp {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  std::unique_ptr<ops::Provider> provider;
  std::unique_ptr<ops::Upkeep> upkeep;

  UpkeepTsp() {
    reopen({});
    settle();
  }
  void reopen(const std::map<std::string, std::string>& settings) {
    ops::Config config;
    for (const auto& [name, value] : settings) config.set(name, value, "test");
    upkeep.reset();
    provider = std::make_unique<ops::Provider>(
        home, config, ops::World{clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"});
    upkeep = std::make_unique<ops::Upkeep>(*provider);
  }
  // Everything that is due: the tasks that did something, in order.
  std::vector<std::string> settle() {
    std::vector<std::string> done;
    while (const auto step = upkeep->step()) {
      done.push_back(step->task + (step->failed ? " failed" : ""));
      REQUIRE(done.size() < 100);
    }
    return done;
  }
  std::vector<std::string> after(std::chrono::milliseconds time) {
    clock.advance(time);
    return settle();
  }
  std::vector<audit::Record> records(const std::string& event) {
    std::vector<audit::Record> out;
    audit::each(provider->database(), 0, [&](const audit::Record& record) {
      if (record.event.event == event) out.push_back(record);
      return true;
    });
    return out;
  }
  std::string serial(const std::string& role) {
    return store::current_certificate(provider->database(), role)->serial;
  }
  std::int64_t crl_number(const std::string& ca) {
    return store::current_crl(provider->database(), ca)->number;
  }
};

bool has(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

TEST_CASE_METHOD(UpkeepTsp, "the first look makes a checkpoint, the next one nothing") {
  CHECK(store::last_checkpoint(provider->database()));
  CHECK(settle().empty());
  CHECK(after(10min).empty());
}

TEST_CASE_METHOD(UpkeepTsp, "a CRL is made before it is overdue, and nobody finds it so") {
  ops::issue_crl(*provider, "issuing");  // now: the template may be hours old
  ops::issue_crl(*provider, "root");
  settle();
  const auto number = crl_number("issuing");
  CHECK_FALSE(has(after(10h), "crl"));
  CHECK(has(after(1h), "crl"));
  CHECK(crl_number("issuing") == number + 1);
  const auto made = records("crl.issue").back();
  CHECK(made.event.actor == "system");
  CHECK(made.event.outcome == audit::Outcome::done);
  const auto root = crl_number("root");
  ops::issue_due_crls(*provider);  // what a verb does
  CHECK(crl_number("issuing") == number + 1);
  CHECK(crl_number("root") == root);
}

TEST_CASE_METHOD(UpkeepTsp,
                 "the root's CRL is made where its PIN is kept, and missed where it is not") {
  const auto number = crl_number("root");
  after(164 * kDay);
  CHECK(crl_number("root") == number);
  after(2 * kDay);
  CHECK(crl_number("root") == number + 1);
  std::filesystem::remove(home.pin("root"));
  CHECK(has(after(166 * kDay), "crl failed"));
  CHECK(crl_number("root") == number + 1);
  CHECK_FALSE(has(after(30s), "crl failed"));  // a minute later, then ever later
  CHECK(has(after(31s), "crl failed"));
}

TEST_CASE_METHOD(UpkeepTsp, "certificates of OCSP and TSA are renewed before their end") {
  const std::string ocsp = serial("ocsp"), tsa = serial("tsa");
  after(369 * kDay);
  CHECK(serial("ocsp") == ocsp);
  const auto done = after(2 * kDay);
  CHECK(std::count(done.begin(), done.end(), "certificate") == 2);
  CHECK(serial("ocsp") != ocsp);
  CHECK(serial("tsa") != tsa);  // for the end of its key's use, not of the certificate
  CHECK(records("cert.renew").back().event.actor == "system");
  CHECK_FALSE(has(after(1 * kDay), "certificate"));
}

TEST_CASE_METHOD(UpkeepTsp, "a checkpoint is made when the log grew, at most once an interval") {
  const auto size = [&] { return store::last_checkpoint(provider->database())->size; };
  ops::make_checkpoint(*provider);  // the template's may be older than an hour
  const auto before = size();
  provider->record(provider->event("test", audit::Outcome::done, "", Json::object()));
  CHECK_FALSE(has(after(59min), "checkpoint"));
  CHECK(has(after(2min), "checkpoint"));
  CHECK(size() > before);
  CHECK_FALSE(has(after(2h), "checkpoint"));
}

TEST_CASE_METHOD(UpkeepTsp, "signers are told once that their certificate ends") {
  std::string alice;
  Time end{};
  for (const auto& each : ops::list_certificates(*provider, "", 100).certificates)
    if (each.row.owner == test::kAlice) alice = each.row.serial, end = each.row.not_after;
  reopen({{"notices.channel", "command"}, {"notices.command", "/bin/true"}});
  {
    store::Transaction transaction(provider->database());
    transaction.prepare("UPDATE users SET email = 'alice@example.org' WHERE name = 'alice'").run();
    transaction.commit();
  }
  after(end - 31 * kDay - clock.now());
  CHECK(records("cert.expiring").empty());
  CHECK(has(after(2 * kDay), "expiry"));
  const auto told = records("cert.expiring");
  REQUIRE(told.size() == 1);
  CHECK(told[0].event.subject == alice);
  CHECK(told[0].event.details["user"] == "alice");
  const auto notices = store::due_notices(provider->database(), clock.now(), 10);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].user == "alice");
  CHECK_THAT(notices[0].body, ContainsSubstring(alice));
  CHECK_FALSE(has(after(5 * kDay), "expiry"));
  reopen({});
  CHECK_FALSE(has(settle(), "expiry"));
  CHECK(records("cert.expiring").size() == 1);
}

TEST_CASE_METHOD(UpkeepTsp, "who has a later certificate for the key is told nothing") {
  store::CertificateRow row;
  for (const auto& each : ops::list_certificates(*provider, "", 100).certificates)
    if (each.row.owner == test::kAlice) row = each.row;
  clock.advance(60 * kDay);
  ops::issue_certificate(
      *provider, {.key = row.key, .user = {}, .profile = {}, .lifetime = {}, .dry_run = false});
  after(row.not_after - 10 * kDay - clock.now());
  for (const auto& record : records("cert.expiring")) CHECK(record.event.subject != row.serial);
}

TEST_CASE_METHOD(UpkeepTsp, "refusals of past minutes go on record though nobody asks") {
  provider->act_for("uid:1", {});
  for (int i = 0; i < 3; ++i)
    ops::refused(*provider, {"sign.authorize", "", "pin", Json::object()},
                 Error(Fault::factor_refused, "x"), ops::Keep::one_a_minute);
  after(61s);
  std::size_t found = 0;
  audit::each(provider->database(), 0, [&](const audit::Record& record) {
    if (record.event.event == "refusals" && record.event.actor == "uid:1") ++found;
    return true;
  });
  CHECK(found == 1);
}

TEST_CASE_METHOD(UpkeepTsp, "a clock that is put back keeps nothing waiting") {
  after(100 * kDay);
  clock.advance(-99 * kDay);
  provider->record(provider->event("test", audit::Outcome::done, "", Json::object()));
  CHECK(settle().empty());  // the last checkpoint is of the future
  CHECK(has(after(100 * kDay), "checkpoint"));
}
