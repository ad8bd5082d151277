// SCAL 2, and everything that is wrong: each refusal has its own code, exit status and record, and
// nothing was signed.
#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct BadInput : Scal2 {
  Manifest shown = documents({"a.pdf", "b.pdf"});

  // "exit reason" of what comes; no intent may be on record, and with it no signature.
  std::string said(const std::function<void()>& act) {
    const Error error = error_in(act);
    const auto intents = [&] {
      const auto all = log();
      return std::count(all.begin(), all.end(), "sign intent");
    };
    CHECK(intents() == signed_before);
    const std::string exit = std::to_string(fault_row(error.fault).exit_status);
    REQUIRE(error.audit_seq);
    const auto record = audit::find(*database, static_cast<std::int64_t>(*error.audit_seq)).value();
    CHECK(record.event.outcome == audit::Outcome::refused);
    return exit + " " + record.event.details.at("reason").get<std::string>();
  }
  Approval approved() { return approve(shown, answered(ask(shown))); }
  // Whatever was wrong, the approval is void from then on.
  std::string voided(const Approval& approval, const Manifest& manifest) {
    std::string first = said([&] { sign(approval, manifest); });
    CHECK(said([&] { sign(approval, shown); }) == "11 approval-unknown");
    return first;
  }
  Manifest only(std::size_t at) const { return {shown.hash, {shown.entries.at(at)}}; }

  std::ptrdiff_t signed_before = 0;
};

}  // namespace

TEST_CASE_METHOD(BadInput, "an expired approval") {
  const Approval approval = approved();
  clock.advance(std::chrono::seconds(300));
  CHECK(voided(approval, shown) == "11 approval-expired");
}

TEST_CASE_METHOD(BadInput, "an approval that is used up, presented once more") {
  const Approval approval = approved();
  sign(approval, shown);
  signed_before = 2;
  CHECK(said([&] { sign(approval, shown); }) == "11 approval-unknown");
}

TEST_CASE_METHOD(BadInput, "an altered approval: in its secret, in its row") {
  const Approval approval = approved();
  Bytes other = to_bytes(approval.secret.view());
  other[31] ^= 1;
  const Approval altered{Secret(std::move(other)), approval.expires_at, approval.audit_seq};
  CHECK(said([&] { sign(altered, shown); }) == "11 approval-unknown");
  tamper("UPDATE approvals SET allowed = allowed + 1");
  CHECK(voided(approval, shown) == "3 approval-forged");
}

TEST_CASE_METHOD(BadInput, "a hash that is not in the approval") {
  CHECK(voided(approved(), documents({"c.pdf"})) == "11 hash-not-approved");
}

TEST_CASE_METHOD(BadInput, "an approved document under another name, or with other pages") {
  Manifest renamed = only(0);
  renamed.entries[0].name = "c.pdf";
  CHECK(voided(approved(), renamed) == "11 hash-not-approved");
  Manifest shortened = only(0);
  shortened.entries[0].pages = 1;
  CHECK(voided(approved(), shortened) == "11 hash-not-approved");
}

TEST_CASE_METHOD(BadInput, "a hash twice: in one manifest, and one call after the other") {
  Manifest twice = only(0);
  twice.entries.push_back(twice.entries[0]);
  CHECK(said([&] { ask(twice); }) == "1 manifest");
  const Approval approval = approved();
  CHECK(voided(approval, twice) == "1 manifest");
  const Approval second = approved();
  sign(second, only(0));
  signed_before = 1;
  CHECK(said([&] { sign(second, only(0)); }) == "11 hash-not-approved");
  CHECK(said([&] { sign(second, only(1)); }) == "11 approval-unknown");
}

TEST_CASE_METHOD(BadInput, "more hashes than were approved") {
  CHECK(voided(approved(), documents({"a.pdf", "b.pdf", "c.pdf"})) == "11 hash-not-approved");
}

TEST_CASE_METHOD(BadInput, "attributes that hold another digest, or name another certificate") {
  Manifest digest = shown;
  digest.entries[0].content_digest[0] ^= 1;
  CHECK(said([&] { ask(digest); }) == "11 manifest");
  CHECK(voided(approved(), digest) == "11 manifest");
  Manifest certificate = shown;
  certificate.entries[0].signed_attributes =
      cms::signed_attributes(shown.hash, shown.entries[0].content_digest, authority.certificate());
  CHECK(said([&] { ask(certificate); }) == "11 manifest");
  CHECK(voided(approved(), certificate) == "11 manifest");
}

TEST_CASE_METHOD(BadInput, "another signer's credential") {
  const Asked asked = ask(shown);
  enrol("bob");
  CHECK(said([&] { module().authorize(kStaff, "bob", key, shown, answered(asked)); }) ==
        "11 key-of-another");
  const std::string own = key;
  key = add_key("alice");
  certify(key, "alice");
  CHECK(said([&] { approve(shown, answered(asked)); }) != "");
  key = own;
  approve(shown, answered(asked));  // the answer is good still
}

TEST_CASE_METHOD(BadInput, "a factor of the wrong kind for SCAL 2") {
  CHECK(said([&] { approve(shown, presented(kPin, code())); }) == "12 factor-missing");
  CHECK(said([&] { approve(shown, with_share()); }) == "12 factor-missing");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(BadInput, "a clock that steps back") {
  const Asked asked = ask(shown);
  clock.advance(std::chrono::seconds(-11));
  CHECK(said([&] { approve(shown, answered(asked)); }) == "11 clock-stepped-back");
  const Approval approval = approved();
  clock.advance(std::chrono::seconds(-11));
  CHECK(voided(approval, shown) == "11 clock-stepped-back");
}

TEST_CASE_METHOD(BadInput, "a sealed blob swapped between two signers") {
  const Approval approval = approved();
  enrol("bob");
  const std::string other = seal_for("bob");
  const auto a = store::find_key(*database, key).value(), b = *store::find_key(*database, other);
  database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(b.blob).bind(key).run();
  database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(a.blob).bind(other).run();
  CHECK(said([&] { ask(shown); }) == "3 key-link");
  CHECK(voided(approval, shown) == "3 key-link");
}

TEST_CASE_METHOD(BadInput, "a wrong PIN, then a locked signer") {
  for (int i = 0; i < 4; ++i)
    CHECK(said([&] { approve(shown, answered(ask(shown), true, "135790")); }) ==
          "5 factor-refused");
  CHECK(said([&] { approve(shown, answered(ask(shown), true, "135790")); }) == "6 factor-refused");
  CHECK(said([&] { approve(shown, answered(ask(shown))); }) == "6 locked");
}
