// A queue of orders: one run of intents, the HSM, one run of results, each order for itself.
#include "activation_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct Queue : Tsp {
  std::vector<Manifest> manifests;
  std::vector<Approval> approvals;
  std::int64_t before = 0;

  Queue() {
    for (const char* name : {"a.pdf", "b.pdf", "c.pdf"}) {
      manifests.push_back(documents({name}));
      approvals.push_back(authorize(manifests.back()));
      next_code();
    }
    before = audit::size(*database);
  }
  std::vector<SigningOrder> orders() {
    std::vector<SigningOrder> out;
    for (std::size_t at = 0; at < approvals.size(); ++at)
      out.push_back({&kStaff, &approvals[at], &manifests[at]});
    return out;
  }
  std::vector<std::string> faults(const std::vector<SigningResult>& results) {
    std::vector<std::string> out;
    for (const SigningResult& result : results)
      out.push_back(result.error ? std::string(fault_row(result.error->fault).name) : "signed");
    return out;
  }
  using Words = std::vector<std::string>;
};

}  // namespace

TEST_CASE_METHOD(Queue, "a queue is signed with one run of intents and one run of results") {
  const auto results = module().sign_all(orders());
  CHECK(faults(results) == Words{"signed", "signed", "signed"});
  CHECK(log(before) ==
        Words{"sign intent", "sign intent", "sign intent", "sign done", "sign done", "sign done"});
  for (std::size_t at = 0; at < 3; ++at) {
    const Signature& signature = results[at].signatures.at(0);
    CHECK(signature.audit_seq == before + 3 + static_cast<std::int64_t>(at));
    const auto record = audit::find(*database, signature.audit_seq).value();
    CHECK(record.event.details.at("document") == manifests[at].entries[0].name);
    CHECK(record.event.details.at("intent") == before + static_cast<std::int64_t>(at));
    CHECK(certificate().public_key().verify(crypto::Scheme::ecdsa, manifests[at].hash,
                                            signature.dtbs, signature.value));
  }
  CHECK(store::open_intents(*database).empty());
}

TEST_CASE_METHOD(Queue,
                 "a wrong order of a queue is refused and on record, the others are signed") {
  manifests[1] = documents({"other.pdf"});
  const auto results = module().sign_all(orders());
  CHECK(faults(results) == Words{"signed", "policy-refused", "signed"});
  CHECK(log(before) ==
        Words{"sign intent", "sign refused", "sign intent", "sign done", "sign done"});
  CHECK(results[1].error->audit_seq == static_cast<std::uint64_t>(before + 1));
  CHECK(results[1].signatures.empty());
}

TEST_CASE_METHOD(Queue, "one approval in two orders of a queue signs each hash once") {
  auto twice = orders();
  twice[1] = twice[0];
  CHECK(faults(module().sign_all(twice)) == Words{"signed", "policy-refused", "signed"});
}

TEST_CASE_METHOD(Queue, "intents that cannot be written keep every order from being signed") {
  tamper("UPDATE audit_head SET frontier = x'00'");
  const auto results = module().sign_all(orders());
  CHECK(faults(results) ==
        Words{"audit-before-signing", "audit-before-signing", "audit-before-signing"});
  for (const Approval& approval : approvals)
    CHECK(store::unconsumed(*database, crypto::sha256(approval.secret.view())) == 1);
}

TEST_CASE_METHOD(Queue, "results that cannot be written wipe every signature, intents stay open") {
  policy.tell = [](store::Transaction&, const KeyUse&) { throw Error(Fault::failed, "no room"); };
  manifests[2] = documents({"other.pdf"});
  const auto results = module().sign_all(orders());
  CHECK(faults(results) == Words{"audit-after-signing", "audit-after-signing", "policy-refused"});
  CHECK(results[0].signatures.empty());
  CHECK(log(before) == Words{"sign intent", "sign intent", "sign refused"});
  CHECK(store::open_intents(*database).size() == 2);
}

TEST_CASE_METHOD(Queue, "who stops his order stops nobody else's") {
  auto some = orders();
  some[0].progress = [](std::size_t) { throw Error(Fault::interrupted, "enough"); };
  const auto results = module().sign_all(some);
  CHECK(faults(results) == Words{"signed", "signed", "signed"});
  CHECK_FALSE(results[0].signatures.at(0).error);
}

TEST_CASE_METHOD(Queue, "an empty queue is no error and writes nothing") {
  CHECK(module().sign_all({}).empty());
  CHECK(audit::size(*database) == before);
}
