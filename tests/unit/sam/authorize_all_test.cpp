// Approvals that are asked for at once: tries counted together, each judged for itself.
#include "activation_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct AskedTsp : Tsp {
  std::map<std::string, std::string> keys{{"alice", key}};
  std::map<std::string, Manifest> manifests;
  std::vector<Presented> given;
  std::vector<ApprovalOrder> orders;
  std::int64_t before = 0;
  using Words = std::vector<std::string>;

  AskedTsp() {
    given.reserve(20);
    manifests["alice"] = documents({"a.pdf"});
    for (const char* name : {"bob", "carl"}) {
      enrol(name);
      keys[name] = add_key(name);
      serial = certify(keys[name], name).serial;
      manifests[name] = documents({std::string(name) + ".pdf"});
    }
    before = audit::size(*database);
  }
  void ask(const std::string& signer, std::string_view pin = kPin, const Caller& caller = kStaff) {
    given.push_back(presented(pin, code()));
    orders.push_back({&caller, signer, keys[signer], &manifests[signer], &given.back()});
  }
  Words outcome() {
    Words out;
    for (const ApprovalResult& result : module().authorize_all(orders)) {
      CHECK(result.approval.has_value() != result.error.has_value());
      out.push_back(result.error ? std::string(fault_row(result.error->fault).name) : "approved");
    }
    return out;
  }
};

}  // namespace

TEST_CASE_METHOD(AskedTsp, "what is right is approved, what is wrong refused, in one group") {
  ask("alice");
  ask("bob", "999999");
  ask("carl");
  CHECK(outcome() == Words{"approved", "factor-refused", "approved"});
  CHECK(log(before) ==
        Words{"sign.authorize refused", "sign.authorize done", "sign.authorize done"});
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(store::attempts_of(*database, "bob") == 1);
}

TEST_CASE_METHOD(AskedTsp, "a code that comes twice in a group is good once") {
  ask("alice");
  ask("bob");
  ask("alice");
  CHECK(outcome() == Words{"approved", "approved", "factor-refused"});
}

TEST_CASE_METHOD(AskedTsp, "a group evaluates no try above the limit") {
  for (int i = 0; i < 8; ++i) ask("bob", "999999");
  ask("bob");
  const Words words = outcome();
  CHECK(std::count(words.begin(), words.end(), "factor-refused") == 4);
  CHECK(std::count(words.begin(), words.end(), "locked-out") == 5);
  CHECK(store::attempts_of(*database, "bob") == 5);
}

TEST_CASE_METHOD(AskedTsp, "a caller whose tries were wrong waits, within a group too") {
  for (const char* name : {"d1", "d2", "d3", "d4"}) {
    enrol(name);
    keys[name] = add_key(name);
    manifests[name] = manifests["alice"];
  }
  for (const char* name : {"d1", "d2", "d3"}) ask(name, "999999", kOutsider);
  ask("d4", kPin, kOutsider);
  ask("bob");
  CHECK(outcome() ==
        Words{"factor-refused", "factor-refused", "factor-refused", "busy", "approved"});
  CHECK(store::attempts_of(*database, "d4") == 0);  // it was not evaluated
}

TEST_CASE_METHOD(AskedTsp, "tries that cannot be counted are no tries") {
  ask("alice");
  ask("bob");
  tamper("CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'full'); END");
  CHECK(outcome() == Words{"audit-before-signing", "audit-before-signing"});
  CHECK(audit::size(*database) == before);
}

TEST_CASE_METHOD(AskedTsp,
                 "approvals that cannot be stored fail together, and their codes stay good") {
  ask("alice");
  ask("bob");
  tamper("CREATE TRIGGER full BEFORE INSERT ON approvals BEGIN SELECT RAISE(ABORT, 'full'); END");
  CHECK(outcome() == Words{"audit-before-signing", "audit-before-signing"});
  tamper("DROP TRIGGER full");
  CHECK(outcome() == Words{"approved", "approved"});
}
