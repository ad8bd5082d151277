// Operations by name: who may ask, what a request may hold, and what a caller learns who is no
// staff.
#include "ops/call.h"

#include <fmt/format.h>

#include <regex>
#include <set>

#include "base/files.h"
#include "ops/backend.h"
#include "ops/keys.h"
#include "sam/device.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;
using ops::Role;

namespace {

std::string row_of(const ops::Operation& operation) {
  return fmt::format("| `{}` | {} | {} | {} |", operation.name,
                     fmt::join(operation.roles.names(), ", "),
                     operation.worker == ops::Worker::signers ? "signers" : "pki",
                     operation.changes_state ? "yes" : "no");
}

struct Calls {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  SystemClock clock;
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};
  int callers = 0;

  Json run(ops::Call call) { return ops::run_operation(provider, call); }
  Json run(const std::string& operation, Json request) {
    return run({.operation = operation, .request = std::move(request)});
  }
  // An application whose own tries nobody counted before.
  void as_application() {
    provider.act_for(fmt::format("uid:{}", 7000 + ++callers), {Role::application});
  }
  std::string fault_of(ops::Call call) {
    try {
      run(std::move(call));
    } catch (const Error& error) {
      return std::string(fault_row(error.fault).name);
    }
    return "done";
  }
  std::string fault_of(const std::string& operation, Json request) {
    return fault_of({.operation = operation, .request = std::move(request)});
  }
  // All that a caller is told, with the name he gave taken out.
  std::string told(const std::string& operation, const std::string& user, Json request,
                   const std::map<std::string, std::string>& secrets) {
    as_application();
    ops::Call call{.operation = operation, .request = std::move(request)};
    call.request["user"] = user;
    for (const auto& [name, value] : secrets)
      call.secrets.emplace(name, Secret::copy_of(as_bytes(value)));
    call.hand_out = [](const std::string&, const Secret&) {};
    std::string text;
    try {
      text = dump(run(std::move(call)));
    } catch (const Error& error) {
      text = fmt::format("{}: {}; {}", fault_row(error.fault).name, error.message, error.next);
    }
    // Each time another caller asks (as_application()).
    return std::regex_replace(std::regex_replace(text, std::regex(user), "NAME"),
                              std::regex("uid:[0-9]+"), "CALLER");
  }
  std::size_t records_of(const std::string& event) {
    std::size_t count = 0;
    audit::each(provider.database(), 0, [&](const audit::Record& record) {
      count += record.event.event == event ? 1 : 0;
      return true;
    });
    return count;
  }
};

}  // namespace

TEST_CASE("docs/roles.md tells of each operation who may ask for it") {
  const std::string document(
      as_text(read_file(TSP_SOURCE_DIR "/docs/roles.md", std::size_t{1} << 20)));
  std::size_t rows = 0;
  for (std::size_t at = document.find("\n| `", document.find("## Operations"));
       at != std::string::npos; at = document.find("\n| `", at + 1))
    ++rows;
  std::string missing;
  for (const ops::Operation& operation : ops::operations())
    if (document.find(row_of(operation)) == std::string::npos) missing += row_of(operation) + "\n";
  CHECK(missing == "");
  CHECK(rows == ops::operations().size());
}

TEST_CASE("an operation stands in the table once, and nobody is a gateway's equal") {
  std::set<std::string_view> names;
  for (const ops::Operation& operation : ops::operations()) {
    CHECK(names.insert(operation.name).second);
    CHECK(!operation.roles.empty());
    CHECK(!operation.roles.has(Role::gateway));
  }
}

TEST_CASE_METHOD(Calls, "a request with members that an operation does not know is refused") {
  for (const ops::Operation& operation : ops::operations()) {
    INFO(operation.name);
    CHECK(fault_of(std::string(operation.name), {{"surprise", 1}}) == "usage");
    ops::Call call{.operation = std::string(operation.name)};
    call.secrets.emplace("surprise", Secret::copy_of(as_bytes("1")));
    CHECK(fault_of(std::move(call)) == "usage");
    CHECK(fault_of(std::string(operation.name), Json::array()) == "usage");
  }
  CHECK(fault_of("user promote", Json::object()) == "usage");
}

TEST_CASE_METHOD(Calls, "members of another kind are refused, and so is a request without them") {
  for (const ops::Operation& operation : ops::operations())
    for (const std::string_view member : operation.members) {
      INFO(operation.name << " " << member);
      CHECK(fault_of(std::string(operation.name), {{std::string(member), Json::object()}}) ==
            "usage");
    }
  CHECK(fault_of("user show", Json::object()) == "usage");
  CHECK(fault_of("user show", {{"user", nullptr}}) == "usage");
  CHECK(fault_of("user list", {{"after", 7}}) == "usage");
  CHECK(fault_of("audit show", {{"after", -2}}) == "usage");
  CHECK(fault_of("audit show", {{"after", INT64_MAX}}) == "usage");
  CHECK(fault_of("audit show", {{"after", UINT64_MAX}}) == "usage");
  CHECK(fault_of("audit show", {{"since", "yesterday"}}) == "usage");
  CHECK(fault_of("timestamp", {{"imprint", "xyz"}}) == "usage");
  CHECK(fault_of("timestamp", {{"imprint", "00"}}) == "usage");
  CHECK(fault_of("key generate", {{"user", "alice"}, {"scal", 3}}) == "usage");
  CHECK(fault_of("user factor add", {{"user", "alice"}, {"type", "pin|totp"}}) == "usage");
  CHECK(fault_of("sign receipt", {{"records", Json::array({"1"})}}) == "usage");
  CHECK(fault_of("sign receipt", {{"records", std::vector<int>(101)}}) == "usage");
}

TEST_CASE_METHOD(Calls, "a caller without a role is refused everything, on record once a minute") {
  provider.act_for("uid:7", {});
  for (const ops::Operation& operation : ops::operations()) {
    INFO(operation.name);
    CHECK(fault_of(std::string(operation.name), Json::object()) == "not-permitted");
  }
  provider.act_for("uid:8", {Role::gateway});
  CHECK(fault_of("status", Json::object()) == "not-permitted");
  const std::size_t refused = records_of("caller.refused");
  CHECK(refused >= 2);
  CHECK(refused <= 4);  // a minute may have ended meanwhile
}

TEST_CASE_METHOD(Calls, "certificates of signers are the officers', the TSP's own are not") {
  std::string signer, issuing;
  const Json all = run("cert list", Json::object());
  for (const Json& each : all.at("certificates")) {
    if (each.at("role") == "signer") signer = each.at("serial").get<std::string>();
    if (each.at("role") == "issuing") issuing = each.at("serial").get<std::string>();
  }
  const auto revoke = [&](const std::string& serial) {
    return fault_of("cert revoke",
                    {{"serial", serial}, {"reason", "superseded"}, {"dry_run", true}});
  };
  provider.act_for("uid:7", {Role::officer});
  CHECK(revoke(issuing) == "not-permitted");
  CHECK(revoke(signer) == "done");
  CHECK(fault_of("cert renew", {{"certificate", "ocsp"}, {"dry_run", true}}) == "not-permitted");
  CHECK(fault_of("cert renew", {{"certificate", signer}, {"dry_run", true}}) == "done");
  provider.act_for("uid:8", {Role::administrator});
  CHECK(revoke(signer) == "not-permitted");
  CHECK(fault_of("cert renew", {{"certificate", "ocsp"}, {"dry_run", true}}) == "done");
}

TEST_CASE_METHOD(Calls, "an application is told the same of a signer and of a name nobody has") {
  const std::map<std::string, std::string> wrong{{"pin", "135790"}};
  const auto same = [&](const std::string& operation, const Json& request,
                        const std::map<std::string, std::string>& secrets) {
    INFO(operation);
    const std::string of_signer = told(operation, "alice", request, secrets);
    CHECK(of_signer == told(operation, "nobody", request, secrets));
  };
  same("user activate", Json::object(), {{"enrolment_code", "ABCD-EFGH"}, {"pin", "864209"}});
  same("user activate", {{"dry_run", true}}, {{"pin", "864209"}});
  same("user pin", Json::object(), {{"pin", "135790"}, {"new_pin", "864209"}});
  same("user pin", {{"dry_run", true}}, {});
  same("user pin ask", Json::object(), wrong);
  same("user pin ask", Json::object(), {});
  same("user factor list", Json::object(), wrong);
  same("user factor list", Json::object(), {});
  same("user factor add", {{"type", "totp"}}, wrong);
  same("user factor add", {{"type", "oob"}, {"dry_run", true}}, {});
  same("user factor remove", {{"factor", 1}}, wrong);
  same("user factor reset", {{"factor", 1}}, {});
  same("key generate", Json::object(), {});
  same("key generate", {{"scal", 2}}, wrong);
  same("key generate check", {{"scal", 2}}, {});
  const auto card = sam::Device::generate("phone", crypto::KeyAlgorithm::ecdsa_p256).card();
  same("device list", {{"card", to_base64(sam::encode(card))}}, {});
}

TEST_CASE_METHOD(Calls, "no credential is no credential, whoever is or is not there") {
  const auto refused = [&](const std::string& user) {
    as_application();
    ops::LocalBackend backend(provider);
    try {
      backend.credential(user, "00112233445566778899aabbccddeeff", nullptr);
    } catch (const Error& error) {
      return std::regex_replace(error.message + "; " + error.next, std::regex(user), "NAME");
    }
    return std::string("a credential");
  };
  run("user suspend", {{"user", "alice"}});
  const std::string of_signer = refused("alice");
  CHECK(of_signer != "a credential");
  CHECK(of_signer == refused("nobody"));
}

TEST_CASE_METHOD(Calls, "an application sees and changes a signer's factors with his PIN") {
  const std::map<std::string, std::string> right{{"pin", std::string(test::kAlicePin)}};
  CHECK(told("user factor list", "alice", Json::object(), right).find("totp") != std::string::npos);
  CHECK(told("user factor add", "alice", {{"type", "ocra"}}, right).find("\"ocra\"") !=
        std::string::npos);
  // There is no SCAL 1 key without an officer, PIN or not.
  CHECK(told("key generate", "alice", Json::object(), right).starts_with("not-permitted"));
}

TEST_CASE_METHOD(Calls, "records are proven to whoever made them, and to auditors") {
  provider.act_for("uid:7", {Role::application});
  CHECK(fault_of("sign receipt", {{"records", {0}}}) == "not-found");
  CHECK(fault_of("sign receipt", {{"records", {1000000}}}) == "not-found");
  const std::int64_t seq = provider.record(
      provider.event("sign", audit::Outcome::refused, "alice", {{"reason", "test"}}));
  const Json proven = run("sign receipt", {{"records", {seq}}});
  CHECK(proven.at("records").at(0).at("record").at("actor") == "uid:7");
  CHECK(proven.at("records").at(0).at("proof").get<std::string>().starts_with("c2sp.org"));
  provider.act_for("uid:8", {Role::auditor, Role::application});
  CHECK(fault_of("sign receipt", {{"records", {0}}}) == "done");
}

TEST_CASE_METHOD(Calls, "the log is shown page by page, and each record once") {
  Json request{{"event", "user.enroll"}};
  std::vector<Json> found;
  while (true) {
    const Json page = run("audit show", request);
    for (const Json& record : page.at("records")) found.push_back(record);
    if (!page.contains("next")) break;
    request["after"] = page.at("next");
  }
  REQUIRE(found.size() == 1);
  CHECK(found[0].at("subject") == "alice");
  CHECK(run("audit show", {{"after", found[0].at("seq")}, {"event", "user.enroll"}})
            .at("records")
            .empty());
}

TEST_CASE_METHOD(Calls, "a CRL comes in parts, of the newest list alone") {
  const Json all = run("crl publish", Json::object());
  const Json& issuing = all.at("authorities").at(1);
  CHECK(issuing.at("ca") == "issuing");
  const Json part = run("crl publish part", {{"ca", "issuing"}, {"number", issuing.at("number")}});
  CHECK(from_base64(part.at("der").get<std::string>())->size() ==
        part.at("size").get<std::size_t>());
  CHECK(fault_of("crl publish part", {{"ca", "issuing"}, {"number", 999}}) == "busy");
  CHECK(fault_of("crl publish part", {{"ca", "issuing"},
                                      {"number", issuing.at("number")},
                                      {"offset", part.at("size").get<int>() + 1}}) == "usage");
  CHECK(fault_of("crl publish part",
                 {{"ca", "issuing"}, {"number", issuing.at("number")}, {"offset", -1}}) == "usage");
}
