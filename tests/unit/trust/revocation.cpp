#include "trust/revocation.h"

#include "fixture.h"
#include "support/revocation.h"

using namespace tsp;
using namespace tsp::test;
using namespace tsp::trust;
using x509::CertStatus;

namespace {

using std::chrono::hours;

const Holder& responder() {
  static const Holder holder({"TEST OCSP", ocsp_extensions()}, issuing());
  return holder;
}

RevocationVerdict judge_revocation(const Evidence& evidence, const RevocationRules& rules = {},
                                   Time at = kNow, const Holder& holder = signer()) {
  return check_revocation(holder.certificate(), issuing().certificate(), evidence, at, rules);
}
RevocationVerdict by_crl(const CrlContent& content, const RevocationRules& rules = {}) {
  return judge_revocation({{make_crl(issuing(), content)}, {}}, rules);
}
RevocationVerdict by_ocsp(const OcspContent& content, const RevocationRules& rules = {}) {
  return judge_revocation(
      {{}, {make_ocsp(responder(), signer().certificate(), issuing().certificate(), content)}},
      rules);
}

// "good crl fresh", "revoked ocsp stale", "unknown".
std::string told_revocation(const RevocationVerdict& verdict) {
  switch (verdict.status) {
    case RevocationStatus::not_needed:
      return "not needed";
    case RevocationStatus::unknown:
      CHECK_FALSE(verdict.text.empty());
      return "unknown";
    default:
      break;
  }
  return std::string(verdict.status == RevocationStatus::good ? "good" : "revoked") +
         (verdict.source == RevocationSource::crl ? " crl" : " ocsp") +
         (verdict.fresh ? " fresh" : " stale");
}

CrlContent revoking(int reason = -1) {
  CrlContent content;
  content.entries = {{signer().certificate(), "20260601000000Z", reason}};
  return content;
}
CrlContent dated(const std::string& this_update, const std::string& next_update) {
  CrlContent content;
  content.this_update = this_update;
  content.next_update = next_update;
  return content;
}
CrlContent narrowed(const std::string& point) {
  CrlContent content;
  content.extensions = {{"issuingDistributionPoint", "critical," + point}};
  return content;
}

}  // namespace

TEST_CASE("without evidence nothing is known") {
  CHECK(told_revocation(judge_revocation({})) == "unknown");
  CHECK(judge_revocation({}).text == "there is no evidence about the certificate");
}

TEST_CASE("a CRL of the issuer says good or revoked") {
  CHECK(told_revocation(by_crl({})) == "good crl fresh");
  const RevocationVerdict verdict = by_crl(revoking(1));
  CHECK(told_revocation(verdict) == "revoked crl fresh");
  CHECK(verdict.revoked_at == from_rfc3339("2026-06-01T00:00:00Z"));
  CHECK(verdict.reason == "keyCompromise");
  CHECK(verdict.this_update == from_rfc3339("2026-11-21T00:00:00Z"));
  CHECK(by_crl(revoking()).reason == "unspecified");
}

TEST_CASE("an OCSP answer of an authorised responder says good, revoked or nothing") {
  CHECK(told_revocation(by_ocsp({})) == "good ocsp fresh");
  OcspContent content;
  content.status = CertStatus::revoked;
  content.reason = 3;
  const RevocationVerdict verdict = by_ocsp(content);
  CHECK(told_revocation(verdict) == "revoked ocsp fresh");
  CHECK(verdict.reason == "affiliationChanged");
  CHECK(verdict.responder == responder().certificate());
  content.status = CertStatus::unknown;
  CHECK(told_revocation(by_ocsp(content)) == "unknown");
}

TEST_CASE("the issuer may answer for itself") {
  CHECK(told_revocation(judge_revocation(
            {{}, {make_ocsp(issuing(), signer().certificate(), issuing().certificate())}})) ==
        "good ocsp fresh");
}

TEST_CASE("evidence of somebody else does not count") {
  const Holder twin({"TEST Issuing", ca_extensions()}, root());
  CHECK(told_revocation(judge_revocation({{make_crl(twin)}, {}})) == "unknown");
  CHECK(told_revocation(judge_revocation({{make_crl(root())}, {}})) == "unknown");
  const Holder foreign({"TEST OCSP", ocsp_extensions()}, twin);
  CHECK(told_revocation(judge_revocation(
            {{}, {make_ocsp(foreign, signer().certificate(), issuing().certificate())}})) ==
        "unknown");
  const Holder plain({"TEST OCSP", signer_extensions()}, issuing());
  CHECK(told_revocation(judge_revocation(
            {{}, {make_ocsp(plain, signer().certificate(), issuing().certificate())}})) ==
        "unknown");
  CHECK(told_revocation(judge_revocation(
            {{}, {make_ocsp(responder(), responder().certificate(), issuing().certificate())}})) ==
        "unknown");
}

TEST_CASE("a certificate of another issuer is not judged") {
  const Holder twin({"TEST Issuing", ca_extensions()}, root());
  const Holder other({"TEST Signer"}, twin);
  CHECK(told_revocation(judge_revocation({{make_crl(issuing())}, {}}, {}, kNow, other)) ==
        "unknown");
}

TEST_CASE("a CA that may not sign CRLs is not believed") {
  const Holder mute({"TEST Mute", with(ca_extensions(), "keyUsage", "critical,keyCertSign")},
                    root());
  const Holder leaf({"TEST Signer"}, mute);
  const auto verdict =
      check_revocation(leaf.certificate(), mute.certificate(), {{make_crl(mute)}, {}}, kNow);
  CHECK(told_revocation(verdict) == "unknown");
}

TEST_CASE("freshness is nextUpdate's, or the rule's") {
  const auto crl = dated("20261120000000Z", "20261121000000Z");  // 33.5 hours ago, for 24
  CHECK(told_revocation(by_crl(crl)) == "good crl stale");
  RevocationRules rules;
  rules.max_age = hours(34);
  CHECK(told_revocation(by_crl(crl, rules)) == "good crl fresh");
  rules.max_age = hours(33);
  CHECK(told_revocation(by_crl(crl, rules)) == "good crl stale");
  CHECK(told_revocation(by_crl(dated("20261121092959Z", ""))) == "good crl stale");
  CHECK(told_revocation(by_crl(dated("20261121092959Z", ""), rules)) == "good crl fresh");
}

TEST_CASE("freshness ends exactly at the maximal age") {
  const Time made = *from_rfc3339("2026-11-21T00:00:00Z");
  RevocationRules rules;
  rules.max_age = hours(1);
  CHECK(is_fresh(made, {}, made + hours(1) - std::chrono::milliseconds(1), rules));
  CHECK_FALSE(is_fresh(made, {}, made + hours(1), rules));
  CHECK(is_fresh(made, {}, made - hours(5), rules));
  CHECK_FALSE(is_fresh(made, {}, made, {}));
}

TEST_CASE("evidence made after the moment is refused unless the rules take it") {
  const auto later = dated("20261122000000Z", "20261125000000Z");
  RevocationRules accepting;
  accepting.made_after = Later::accept;
  CHECK(told_revocation(by_crl(later)) == "unknown");
  CHECK(told_revocation(by_crl(later, accepting)) == "good crl fresh");
  OcspContent answer;
  answer.produced_at = answer.this_update = "20261122000000Z";
  answer.next_update = "20261123000000Z";
  CHECK(told_revocation(by_ocsp(answer)) == "unknown");
  CHECK(told_revocation(by_ocsp(answer, accepting)) == "good ocsp fresh");
  CHECK(told_revocation(by_crl(dated("20261121093059Z", "20261125000000Z"))) == "good crl fresh");
}

TEST_CASE("evidence that claims to be later than it was seen is false") {
  Evidence evidence{{make_crl(issuing(), dated("20261122000000Z", "20261125000000Z"))}, {}};
  evidence.proof = kNow;
  RevocationRules accepting;
  accepting.made_after = Later::accept;
  CHECK(told_revocation(judge_revocation(evidence, accepting)) == "unknown");
  evidence.proof = *from_rfc3339("2026-11-22T00:00:01Z");
  CHECK(told_revocation(judge_revocation(evidence, accepting)) == "good crl fresh");
}

TEST_CASE("the latest evidence counts, and a fresh one of those that agree") {
  const auto old_good = make_crl(issuing(), dated("20261120000000Z", "20261123000000Z"));
  const auto new_good = make_crl(issuing());
  CHECK(judge_revocation({{old_good, new_good}, {}}).index == 1);
  CHECK(judge_revocation({{new_good, old_good}, {}}).index == 0);
  OcspContent brief;
  brief.this_update = brief.produced_at = "20261121090000Z";
  brief.next_update = "20261121091000Z";
  const auto stale = make_ocsp(responder(), signer().certificate(), issuing().certificate(), brief);
  CHECK(told_revocation(judge_revocation({{new_good}, {stale}})) == "good crl fresh");
  CHECK(told_revocation(judge_revocation({{}, {stale}})) == "good ocsp stale");
}

TEST_CASE("a suspension ends with later evidence, a revocation never") {
  CrlContent held = revoking(6);
  held.this_update = "20261120000000Z";
  CrlContent revoked = revoking(4);
  revoked.this_update = "20261120000000Z";
  const auto good = make_crl(issuing());
  CHECK(told_revocation(judge_revocation({{make_crl(issuing(), held), good}, {}})) ==
        "good crl fresh");
  CHECK(judge_revocation({{make_crl(issuing(), held)}, {}}).reason == "certificateHold");
  CHECK(told_revocation(judge_revocation({{make_crl(issuing(), revoked), good}, {}})) ==
        "revoked crl fresh");
  CHECK(told_revocation(judge_revocation(
            {{good}, {make_ocsp(responder(), signer().certificate(), issuing().certificate())}})) ==
        "good ocsp fresh");
}

TEST_CASE("a CRL narrowed to others does not cover the certificate") {
  CHECK(told_revocation(by_crl(narrowed("onlyuser:TRUE"))) == "good crl fresh");
  CHECK(told_revocation(by_crl(narrowed("onlyCA:TRUE"))) == "unknown");
  CHECK(told_revocation(by_crl(narrowed("onlyAA:TRUE"))) == "unknown");
  CHECK(told_revocation(by_crl(narrowed("onlysomereasons:keyCompromise"))) == "unknown");
  CHECK(told_revocation(by_crl(narrowed("fullname:URI:http://crl.example/a"))) == "unknown");
}

TEST_CASE("a CRL of the certificate's own distribution point covers it") {
  const Holder pointed({"TEST Signer", with(signer_extensions(), "crlDistributionPoints",
                                            "URI:http://crl.example/a")},
                       issuing());
  const auto judge_by = [&](const std::string& url) {
    return told_revocation(judge_revocation(
        {{make_crl(issuing(), narrowed("fullname:URI:" + url))}, {}}, {}, kNow, pointed));
  };
  CHECK(judge_by("http://crl.example/a") == "good crl fresh");
  CHECK(judge_by("http://crl.example/b") == "unknown");
}

TEST_CASE("CRLs narrowed by reasons count together, and a revocation in one counts alone") {
  // IssuingDistributionPoint with onlySomeReasons, RFC 5280 section 5.2.5: bits 1 to 3, and 4 to 8.
  CrlContent some, rest;
  some.extensions = {{"2.5.29.28", "critical,DER:300483020470"}};
  rest.extensions = {{"2.5.29.28", "critical,DER:30058303070F80"}};
  CHECK(told_revocation(judge_revocation({{make_crl(issuing(), some)}, {}})) == "unknown");
  CHECK(told_revocation(judge_revocation(
            {{make_crl(issuing(), some), make_crl(issuing(), rest)}, {}})) == "good crl fresh");
  rest.entries = {{signer().certificate(), "20260601000000Z", 4}};
  CHECK(told_revocation(judge_revocation({{make_crl(issuing(), rest)}, {}})) ==
        "revoked crl fresh");
}

TEST_CASE("lists narrowed by reasons are as old as the oldest") {
  CrlContent some = dated("20261101000000Z", "20261102000000Z"), rest;
  some.extensions = {{"2.5.29.28", "critical,DER:300483020470"}};
  rest.extensions = {{"2.5.29.28", "critical,DER:30058303070F80"}};
  CHECK(told_revocation(judge_revocation(
            {{make_crl(issuing(), rest), make_crl(issuing(), some)}, {}})) == "good crl stale");
}

TEST_CASE("a delta CRL and one with an unknown critical extension are not enough") {
  CrlContent delta;
  delta.extensions = {{"2.5.29.27", "critical,DER:020101"}, {"2.5.29.20", "DER:020102"}};
  CHECK(told_revocation(by_crl(delta)) == "unknown");
  CrlContent odd;
  odd.extensions = {{"1.2.3.4", "critical,DER:0500"}};
  CHECK(told_revocation(by_crl(odd)) == "unknown");
}

TEST_CASE("an OCSP answer with an unknown critical extension is not enough") {
  OcspContent content;
  content.critical_extension = true;
  CHECK(told_revocation(by_ocsp(content)) == "unknown");
}

TEST_CASE("a key that the issuer certified for its CRLs may sign them") {
  const Extensions for_crls =
      with(without(ca_extensions(), "basicConstraints"), "keyUsage", "critical,cRLSign");
  const Holder list_key({"TEST Issuing", for_crls}, issuing());
  Evidence evidence{{make_crl(list_key)}, {}};
  CHECK(told_revocation(judge_revocation(evidence)) == "unknown");
  evidence.certificates = pool_of({list_key});
  CHECK(told_revocation(judge_revocation(evidence)) == "good crl fresh");
  CrlContent self_revoking;
  self_revoking.entries = {{list_key.certificate()}};
  evidence.crls = {make_crl(list_key, self_revoking)};
  CHECK(told_revocation(judge_revocation(evidence)) == "unknown");
  const Holder self_made({"TEST Issuing", for_crls});
  CHECK(told_revocation(judge_revocation({{make_crl(self_made)}, {}, pool_of({self_made})})) ==
        "unknown");
}

TEST_CASE("after expiry silence is good only where the evidence keeps expired certificates") {
  const Holder past({"TEST Past", signer_extensions(), "20250101000000Z", "20260101000000Z"},
                    issuing());
  CrlContent content;
  const auto crl = [&] {
    return told_revocation(judge_revocation({{make_crl(issuing(), content)}, {}}, {}, kNow, past));
  };
  CHECK(crl() == "unknown");
  content.expired_certs_since = "20260201000000Z";
  CHECK(crl() == "unknown");
  content.expired_certs_since = "20200101000000Z";
  CHECK(crl() == "good crl fresh");
  content.expired_certs_since.clear();
  content.entries = {{past.certificate()}};
  CHECK(crl() == "revoked crl fresh");
  OcspContent answer;
  const auto ocsp = [&] {
    return told_revocation(judge_revocation(
        {{}, {make_ocsp(responder(), past.certificate(), issuing().certificate(), answer)}}, {},
        kNow, past));
  };
  CHECK(ocsp() == "unknown");
  answer.archive_cutoff = "20260201000000Z";
  CHECK(ocsp() == "unknown");
  answer.archive_cutoff = "20200101000000Z";
  CHECK(ocsp() == "good ocsp fresh");
}

TEST_CASE("a responder must have been valid when it answered, and unrevoked") {
  const Holder late({"TEST OCSP", ocsp_extensions(), "20261121080000Z", "20271121000000Z"},
                    issuing());
  const auto by = [&](const Holder& holder, const OcspContent& content) {
    return make_ocsp(holder, signer().certificate(), issuing().certificate(), content);
  };
  CHECK(told_revocation(judge_revocation({{}, {by(late, {})}})) == "unknown");
  OcspContent now;
  now.produced_at = "20261121090000Z";
  CHECK(told_revocation(judge_revocation({{}, {by(late, now)}})) == "good ocsp fresh");
  const Holder asked({"TEST OCSP", without(ocsp_extensions(), "noCheck")}, issuing());
  CHECK(told_revocation(judge_revocation({{}, {by(asked, {})}})) == "unknown");
  const auto list = [&](const std::string& when, int reason) {
    CrlContent content;
    content.entries = {{asked.certificate(), when, reason}};
    return std::vector{make_crl(issuing(), content)};
  };
  Evidence evidence{{make_crl(issuing())}, {by(asked, now)}};
  CHECK(told_revocation(judge_revocation(evidence)) == "good ocsp fresh");
  evidence.crls = list("20260601000000Z", 4);
  CHECK(told_revocation(judge_revocation(evidence)) == "good crl fresh");
  evidence.crls = list("20261121091500Z", 4);
  CHECK(told_revocation(judge_revocation(evidence)) == "good ocsp fresh");
  for (const int compromised : {-1, 0, 1, 2}) {
    evidence.crls = list("20261121091500Z", compromised);
    CHECK(told_revocation(judge_revocation(evidence)) == "good crl fresh");
  }
}

TEST_CASE("what a responder answered before its key was in wrong hands needs a proof") {
  const Holder asked({"TEST OCSP", without(ocsp_extensions(), "noCheck")}, issuing());
  CrlContent content;
  content.entries = {{asked.certificate(), "20261121080000Z", 1}};
  const Evidence evidence{{make_crl(issuing(), content)},
                          {make_ocsp(asked, signer().certificate(), issuing().certificate())}};
  const auto proven_at = [&](const char* moment) {
    RevocationRules rules;
    rules.proven = [&](RevocationSource source, std::size_t index) {
      CHECK((source == RevocationSource::ocsp && index == 0));
      return *from_rfc3339(moment);
    };
    return told_revocation(judge_revocation(evidence, rules));
  };
  CHECK(proven_at("2026-11-21T08:00:00Z") == "good ocsp fresh");
  CHECK(proven_at("2026-11-21T08:00:01Z") == "good crl fresh");
}

TEST_CASE("evidence made outside the issuer's validity is not believed") {
  const Holder old({"TEST Old", ca_extensions(), "20200101000000Z", "20260101000000Z"}, root());
  const Holder leaf({"TEST Signer"}, old);
  CHECK(told_revocation(check_revocation(leaf.certificate(), old.certificate(),
                                         {{make_crl(old)}, {}}, kNow)) == "unknown");
  CHECK(told_revocation(check_revocation(
            leaf.certificate(), old.certificate(),
            {{}, {make_ocsp(old, leaf.certificate(), old.certificate())}}, kNow)) == "unknown");
}

TEST_CASE("certificates that say so need no evidence, unless they have no right to") {
  const auto exempt = [](const Extensions& extensions) {
    return told_revocation(
        judge_revocation({}, {}, kNow, Holder({"TEST Exempt", extensions}, issuing())));
  };
  CHECK(exempt(with(signer_extensions(), "2.5.29.56", "DER:0500")) == "not needed");
  CHECK(exempt(with(signer_extensions(), "0.4.0.194121.2.1", "DER:0500")) == "not needed");
  CHECK(exempt(ocsp_extensions()) == "not needed");
  CHECK(exempt(with(signer_extensions(), "noCheck", "ignored")) == "unknown");
  CHECK(exempt(with(ca_extensions(), "2.5.29.56", "DER:0500")) == "unknown");
}

TEST_CASE("a revocation that lies after the moment is told with its time") {
  CrlContent content = dated("20261201000000Z", "20261204000000Z");
  content.entries = {{signer().certificate(), "20261130000000Z", 1}};
  RevocationRules accepting;
  accepting.made_after = Later::accept;
  const RevocationVerdict verdict = by_crl(content, accepting);
  CHECK(told_revocation(verdict) == "revoked crl fresh");
  CHECK(verdict.revoked_at > kNow);
}
