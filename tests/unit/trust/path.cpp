#include "trust/path.h"

#include <algorithm>

#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
using namespace tsp::trust;

namespace {

// The ids and depths of a verdict, "path.expired@0 path.no-path@1"; empty when ok.
std::string told_path(const PathVerdict& verdict) {
  CHECK(verdict.ok == verdict.findings.empty());
  std::string out;
  for (const PathFinding& finding : verdict.findings)
    out += (out.empty() ? "" : " ") + std::string(finding.id) + "@" + std::to_string(finding.depth);
  return out;
}

std::string judge_path(const Holder& leaf, std::initializer_list<Holder> pool, Time at = kNow,
                       const PathRules& rules = {}) {
  return told_path(verify_path(leaf.certificate(), pool_of(pool), store_of(root()), at, rules));
}

// A path with an issuing CA of these extensions.
std::string judge_under(const Extensions& ca, const Extensions& leaf = signer_extensions()) {
  const Holder middle({"TEST Middle", ca}, root());
  return judge_path(Holder({"TEST Signer", leaf}, middle), {middle});
}

}  // namespace

TEST_CASE("a good path is found from leaf to anchor, whatever the pool's order") {
  for (const auto& pool :
       {pool_of({issuing(), root(), signer()}), pool_of({signer(), issuing(), issuing()})}) {
    const PathVerdict verdict = verify_path(signer().certificate(), pool, store_of(root()), kNow);
    CHECK(told_path(verdict).empty());
    REQUIRE(verdict.chain.size() == 3);
    CHECK(verdict.chain[0] == signer().certificate());
    CHECK(verdict.chain[1] == issuing().certificate());
    CHECK(verdict.chain[2] == root().certificate());
  }
}

TEST_CASE("without issuer or anchor there is no path, and the chain says how far it went") {
  CHECK(judge_path(signer(), {}) == "path.no-path@0");
  const PathVerdict verdict =
      verify_path(signer().certificate(), pool_of({issuing(), root()}), TrustStore(), kNow);
  CHECK(told_path(verdict) == "path.no-path@2");
  CHECK(verdict.chain.size() == 3);
}

TEST_CASE("a self-signed certificate that nobody trusts has no path") {
  CHECK(judge_path(Holder({"TEST Self"}), {}) == "path.no-path@0");
  const Holder impostor({"TEST Root", ca_extensions()});
  const Holder leaf({"TEST Signer"}, impostor);
  CHECK(judge_path(leaf, {impostor}) == "path.no-path@1");
}

TEST_CASE("validity includes its first and its last second and nothing more") {
  const CertificateOrder order{"TEST Signer", signer_extensions(), "20260101000000Z",
                               "20261231235959Z"};
  const Holder leaf(order, issuing());
  const auto at = [&](const char* moment) {
    return judge_path(leaf, {issuing()}, *from_rfc3339(moment));
  };
  CHECK(at("2025-12-31T23:59:59Z") == "path.not-yet-valid@0");
  CHECK(at("2026-01-01T00:00:00Z").empty());
  CHECK(at("2026-12-31T23:59:59Z").empty());
  CHECK(at("2026-12-31T23:59:59.999Z").empty());
  CHECK(at("2027-01-01T00:00:00Z") == "path.expired@0");
}

TEST_CASE("an expired issuer and an expired anchor are named at their depth") {
  const Holder old({"TEST Old", ca_extensions(), "20200101000000Z", "20210101000000Z"}, root());
  CHECK(judge_path(Holder({"TEST Signer"}, old), {old}) == "path.expired@1");
  const Holder anchor({"TEST Past", ca_extensions(), "20200101000000Z", "20210101000000Z"});
  const Holder leaf({"TEST Signer"}, anchor);
  CHECK(told_path(verify_path(leaf.certificate(), {}, store_of(anchor), kNow)) == "path.expired@1");
}

TEST_CASE("a false certificate of the right name does not hide the true one") {
  const Holder impostor({"TEST Issuing", without(ca_extensions(), "subjectKeyIdentifier")});
  const Holder other({"TEST Issuing", ca_extensions()}, root());
  CHECK(judge_path(signer(), {impostor, other, issuing()}).empty());
}

TEST_CASE("nothing is looked for above an issuer that did not sign") {
  const Holder lord({"TEST Lord", ca_extensions()});
  const Extensions nameless = without(ca_extensions(), "subjectKeyIdentifier");
  std::vector<x509::Certificate> pool{lord.certificate()};
  for (int i = 0; i < 200; ++i)
    pool.push_back(Holder({"TEST Issuing", nameless}, lord).certificate());
  const PathVerdict verdict = verify_path(signer().certificate(), pool, store_of(lord), kNow);
  CHECK(told_path(verdict) == "path.bad-signature@0 path.no-path@0");
  CHECK(verdict.chain.size() == 1);
  CHECK_THAT(verdict.findings.front().detail, ContainsSubstring("CN=TEST Issuing"));
  pool.push_back(issuing().certificate());
  CHECK(verify_path(signer().certificate(), pool, store_of(root()), kNow).ok);
}

TEST_CASE("an expired issuer certificate does not hide its valid renewal") {
  const Holder old({"TEST Renewed", ca_extensions(), "20200101000000Z", "20210101000000Z"}, root());
  const Holder renewed({"TEST Renewed", ca_extensions()}, root(), old.shared_key());
  CHECK(judge_path(Holder({"TEST Signer"}, old), {old, renewed}).empty());
}

TEST_CASE("a signature by another key is told") {
  const Holder twin({"TEST Root", without(ca_extensions(), "subjectKeyIdentifier")});
  const Holder leaf({"TEST Signer", without(signer_extensions(), "authorityKeyIdentifier")},
                    root());
  const PathVerdict verdict = verify_path(leaf.certificate(), {}, store_of(twin), kNow);
  CHECK(verdict.has(kBadSignature));
}

TEST_CASE("an issuer must be a CA, by basicConstraints and key usage") {
  CHECK_THAT(judge_under(signer_extensions()), ContainsSubstring("path.not-a-ca@1"));
  CHECK_THAT(judge_under(with(ca_extensions(), "basicConstraints", "critical,CA:FALSE")),
             ContainsSubstring("path.not-a-ca@1"));
  CHECK_THAT(judge_under(with(ca_extensions(), "keyUsage", "critical,cRLSign")),
             ContainsSubstring("path.key-usage@1"));
}

TEST_CASE("the path length of a CA is kept") {
  const Extensions none_below =
      with(ca_extensions(), "basicConstraints", "critical,CA:TRUE,pathlen:0");
  CHECK(judge_under(none_below).empty());
  const Holder upper({"TEST Upper", none_below}, root());
  const Holder lower({"TEST Lower", ca_extensions()}, upper);
  CHECK_THAT(judge_path(Holder({"TEST Signer"}, lower), {upper, lower}),
             ContainsSubstring("path.path-length@"));
}

TEST_CASE("name constraints are kept") {
  const auto constrained =
      with(ca_extensions(), "nameConstraints", "critical,permitted;email:example.org");
  const auto mail = [](const char* address) {
    return with(signer_extensions(), "subjectAltName", std::string("email:") + address);
  };
  CHECK(judge_under(constrained, mail("a@example.org")).empty());
  CHECK(judge_under(constrained, mail("a@example.com")) == "path.name-constraints@0");
}

TEST_CASE("an unknown critical extension is told, another is not") {
  CHECK(judge_under(ca_extensions(), with(signer_extensions(), "1.2.3.4", "DER:0500")).empty());
  CHECK(judge_under(ca_extensions(), with(signer_extensions(), "1.2.3.4", "critical,DER:0500")) ==
        "path.critical-extension@0");
}

TEST_CASE("certificates must be as RFC 5280 wants them, the anchor's need not") {
  CHECK(judge_under(without(ca_extensions(), "subjectKeyIdentifier"),
                    without(signer_extensions(), "authorityKeyIdentifier")) ==
        "path.not-rfc5280@0 path.not-rfc5280@1");
  const Holder direct({"TEST Signer", without(signer_extensions(), "authorityKeyIdentifier")},
                      root());
  CHECK(judge_path(direct, {}) == "path.not-rfc5280@0");
  PathRules lenient;
  lenient.form = Form::lenient;
  CHECK(judge_path(direct, {}, kNow, lenient) == "");
  const Holder bare(
      {"TEST Bare", {{"basicConstraints", "CA:TRUE"}, {"subjectKeyIdentifier", "hash"}}});
  const Holder under_bare({"TEST Middle", ca_extensions()}, bare);
  CHECK(told_path(verify_path(under_bare.certificate(), {}, store_of(bare), kNow)) == "");
}

TEST_CASE("policies are asked for by the rules") {
  const auto under = [](const std::string& policy) {
    return with(signer_extensions(), "certificatePolicies", policy);
  };
  const Holder middle({"TEST Middle", with(ca_extensions(), "certificatePolicies", "2.5.29.32.0")},
                      root());
  const Holder leaf({"TEST Signer", under("1.2.3.4")}, middle);
  PathRules rules;
  rules.explicit_policy = Explicit::yes;
  rules.policies = {"1.2.3.4"};
  CHECK(judge_path(leaf, {middle}, kNow, rules).empty());
  rules.policies = {"1.2.3.5"};
  CHECK_THAT(judge_path(leaf, {middle}, kNow, rules), ContainsSubstring("path.policy@"));
  rules.explicit_policy = Explicit::no;
  CHECK(judge_path(leaf, {middle}, kNow, rules).empty());
}

TEST_CASE("time-stamping asks for its critical and only purpose") {
  PathRules rules;
  rules.usage = Usage::timestamping;
  const Holder unit({"TEST TSU", tsu_extensions()}, issuing());
  CHECK(judge_path(unit, {issuing()}, kNow, rules).empty());
  CHECK(judge_path(signer(), {issuing()}, kNow, rules) == "path.purpose@0");
  const Holder loose({"TEST TSU", with(tsu_extensions(), "extendedKeyUsage", "timeStamping")},
                     issuing());
  CHECK(judge_path(loose, {issuing()}, kNow, rules) == "path.purpose@0");
  CHECK(judge_path(loose, {issuing()}).empty());
}

TEST_CASE("weak algorithms are judged at the moment, if at all") {
  const auto weak_key = std::make_shared<SoftwareSigner>(generate_rsa(1024));
  const Holder leaf({"TEST Signer"}, issuing(), weak_key);
  CHECK(judge_path(leaf, {issuing()}) == "path.weak-algorithm@0");
  PathRules rules;
  rules.strength = Strength::leave;
  CHECK(judge_path(leaf, {issuing()}, kNow, rules).empty());
  CertificateOrder order{"TEST Signer"};
  order.hash = "SHA1";
  const Holder sha1(order, issuing());
  CHECK(judge_path(sha1, {issuing()}) == "path.weak-algorithm@0");
}

TEST_CASE("an anchor need not be self-signed, and a leaf may be one") {
  CHECK(told_path(verify_path(signer().certificate(), {}, store_of(issuing()), kNow)).empty());
  const PathVerdict direct = verify_path(signer().certificate(), {}, store_of(signer()), kNow);
  CHECK(told_path(direct).empty());
  CHECK(direct.chain.size() == 1);
}

TEST_CASE("cross certificates in a ring end, with and without an anchor") {
  const Holder a({"TEST A", ca_extensions()});
  const Holder b({"TEST B", ca_extensions()});
  const Holder a_by_b({"TEST A", ca_extensions()}, b, a.shared_key());
  const Holder b_by_a({"TEST B", ca_extensions()}, a, b.shared_key());
  const Holder leaf({"TEST Signer"}, a);
  CHECK_THAT(judge_path(leaf, {a_by_b, b_by_a, a, b}), ContainsSubstring("path.no-path@"));
  const Holder a_by_root({"TEST A", ca_extensions()}, root(), a.shared_key());
  CHECK(judge_path(leaf, {a_by_b, b_by_a, a, b, a_by_root}).empty());
}

TEST_CASE("a pool full of twins does not take for ever") {
  const Holder a({"TEST A", ca_extensions()});
  std::vector<x509::Certificate> pool;
  for (int i = 0; i < 40; ++i)
    pool.push_back(Holder({"TEST A", ca_extensions()}, a, a.shared_key()).certificate());
  const Holder leaf({"TEST Signer"}, a);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(verify_path(leaf.certificate(), pool, store_of(root()), kNow).ok);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a trust store reads PEM, holds each once and finds issuers by name and key") {
  TrustStore store = TrustStore::from_pem(
      root().certificate().pem() + issuing().certificate().pem() + root().certificate().pem());
  CHECK(store.anchors().size() == 2);
  CHECK(store.contains(root().certificate()));
  CHECK_FALSE(store.contains(signer().certificate()));
  CHECK(store.issuers_of(signer().certificate()) == pool_of({issuing()}));
  store.add(Holder({"TEST Issuing", ca_extensions()}, root()).certificate());
  CHECK(store.issuers_of(signer().certificate()) == pool_of({issuing()}));
}
