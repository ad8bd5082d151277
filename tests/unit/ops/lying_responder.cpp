// OCSP responders that lie or talk nonsense: a table of answers, none of which becomes evidence;
// the error names the certificate, the address and the reason. And what is taken instead.
#include <functional>
#include <set>

#include "base/error.h"
#include "net/fetcher.h"
#include "ops/evidence_collector.h"
#include "support/catch.h"
#include "support/fixed_clock.h"
#include "support/pki_story.h"
#include "support/revocation.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kProof = "2026-11-21T12:00:00Z", kAnsweredAt = "2026-11-21T12:00:10Z";
constexpr const char* kUrl = "http://ocsp.example/";

const Story& responder_story() {
  static const Story made;
  return made;
}

const Holder& responder() {
  static const Holder made({"TEST Responder", ocsp_extensions()}, responder_story().issuing());
  return made;
}

Holder signer_with(const char* access, const char* lists = nullptr) {
  Extensions extensions = signer_extensions();
  extensions.emplace_back("authorityInfoAccess", access);
  if (lists != nullptr) extensions.emplace_back("crlDistributionPoints", lists);
  return Holder({"Dora Example", extensions}, responder_story().issuing());
}

const Holder& dora() {
  static const Holder made = signer_with("OCSP;URI:http://ocsp.example/");
  return made;
}

// True at the moment, and five seconds after the proof.
OcspContent truth() {
  OcspContent content;
  content.this_update = content.produced_at = "20261121120005Z";
  content.next_update = "20261122120005Z";
  return content;
}

Bytes told(const Holder& by, const OcspContent& content,
           const x509::Certificate& about = dora().certificate(),
           const x509::Certificate& issuer = responder_story().issuing().certificate()) {
  return make_ocsp(by, about, issuer, content).der();
}

using Answer = std::function<Bytes(const net::Request&)>;

class Server final : public net::Fetcher {
 public:
  net::Response fetch(const net::Request& request) override {
    ++asked[request.url];
    const auto found = answers.find(request.url);
    if (found == answers.end())
      throw Error(Fault::evidence_missing, "cannot fetch " + request.url, "no such host");
    Bytes body = found->second(request);
    if (body.size() > request.limits.size)
      throw Error(Fault::evidence_missing, "cannot fetch " + request.url,
                  "the answer is larger than " + std::to_string(request.limits.size) + " octets");
    return {200, "", std::move(body), request.url};
  }
  std::map<std::string, Answer> answers;
  std::map<std::string, int> asked;
};

struct ResponderDesk {
  FixedClock clock{at(kAnsweredAt)};
  Server server;
  ops::World world{clock, nullptr, &server, "system", "", std::chrono::seconds(1)};
  ops::OwnTsp nobody{nullptr};
  ops::EvidenceLibrary library{nobody, world, {responder_story().root().certificate()}, ""};
  ops::EvidenceCollector collector{library};

  explicit ResponderDesk(Answer answer = {}) {
    if (answer) server.answers[kUrl] = std::move(answer);
    collector.at_hand().add(responder_story().issuing().certificate());
    collector.at_hand().add(x509::Crl::from_der(
        responder_story().crl_of_root(at(kAnsweredAt) - std::chrono::hours(1))));
  }
  ops::Evidence evidence(const Holder& holder = dora()) {
    return collector.collect({holder.certificate(), at(kProof)});
  }
  std::string outcome(const Holder& holder = dora()) {
    try {
      evidence(holder);
    } catch (const Error& error) {
      return error.fault == Fault::evidence_missing ? error.message : "another fault";
    }
    return "taken";
  }
};

Answer answer_saying(const Bytes& body) {
  return [body](const net::Request&) { return body; };
}
Answer answer_saying(const std::string& text) {
  return answer_saying(to_bytes(as_bytes(text)));
}
Answer with(const std::function<void(OcspContent&)>& change) {
  OcspContent content = truth();
  change(content);
  return answer_saying(told(responder(), content));
}
Answer by(const Holder& other) {
  return answer_saying(told(other, truth()));
}
Answer damaged_answer(const std::function<void(Bytes&)>& change) {
  Bytes octets = told(responder(), truth());
  change(octets);
  return answer_saying(octets);
}

Holder responder_with(Extensions extensions, std::string begin = "20200101000000Z",
                      std::string end = "20491231235959Z") {
  return Holder({"Other Responder", std::move(extensions), std::move(begin), std::move(end)},
                responder_story().issuing());
}

struct ResponderLie {
  const char* what;
  Answer answer;
  const char* reason;
};

std::vector<ResponderLie> about_the_certificate() {
  const auto& issuing = responder_story().issuing().certificate();
  return {
      {"another certificate",
       answer_saying(told(responder(), truth(), responder_story().anna().certificate())),
       "another certificate"},
      {"a serial that nobody has",
       answer_saying(told(
           responder(), truth(),
           Holder({"Nobody", signer_extensions()}, responder_story().issuing()).certificate())),
       "another certificate"},
      {"the same serial of another issuer",
       answer_saying(told(responder(), truth(), dora().certificate(),
                          responder_story().root().certificate())),
       "another certificate"},
      {"the issuer instead",
       answer_saying(told(responder(), truth(), issuing, responder_story().root().certificate())),
       "another certificate"},
      {"unknown", with([](auto& c) { c.status = x509::CertStatus::unknown; }), "does not know"}};
}

std::vector<ResponderLie> about_times() {
  const auto updated = [](std::string time) {
    return with([time](auto& c) { c.this_update = c.produced_at = time; });
  };
  return {{"a second before the proof", updated("20261121115959Z"), "older than the time-stamp"},
          {"an hour before the proof", updated("20261121110000Z"), "older than the time-stamp"},
          {"last year", updated("20251121110000Z"), "older than the time-stamp"},
          {"tomorrow", updated("20261122120000Z"), "later than it was seen"},
          {"in a hundred years", updated("21261122120000Z"), "later than it was seen"},
          {"out of date", with([](auto& c) {
             c.this_update = c.produced_at = "20261120000000Z";
             c.next_update = "20261121000000Z";
           }),
           "out of date"},
          {"made long after what it knows", with([](auto& c) {
             c.this_update = "20261120000000Z";
             c.next_update.clear();
           }),
           "older than the time-stamp"},
          {"knowing what came later", with([](auto& c) { c.produced_at = "20261121110000Z"; }),
           "what came after it"},
          {"before its issuer began",
           with([](auto& c) { c.this_update = c.produced_at = "20190101000000Z"; }),
           "validity of the issuer"}};
}

std::vector<ResponderLie> about_the_responder() {
  const Extensions plain{{"keyUsage", "critical,digitalSignature"}};
  const Extensions unchecked{{"keyUsage", "critical,digitalSignature"},
                             {"extendedKeyUsage", "OCSPSigning"}};
  const Holder root_responder({"TEST Responder", ocsp_extensions()}, responder_story().root());
  return {
      {"the signer itself", by(dora()), "not signed by the issuer"},
      {"another person", by(responder_story().anna()), "not signed by the issuer"},
      {"the root", by(responder_story().root()), "not signed by the issuer"},
      {"the root's responder", by(root_responder), "not signed by the issuer"},
      {"a stranger who certified himself", by(Holder({"TEST Responder", ocsp_extensions()})),
       "not signed by the issuer"},
      {"a certificate without the purpose", by(responder_with(plain)), "not signed by the issuer"},
      {"a certificate for time-stamps", by(responder_story().unit()), "not signed by the issuer"},
      {"a key that is not for signatures",
       by(responder_with({{"keyUsage", "critical,keyEncipherment"},
                          {"extendedKeyUsage", "OCSPSigning"},
                          {"noCheck", "ignored"}})),
       "not signed by the issuer"},
      {"a responder that expired",
       by(responder_with(ocsp_extensions(), "20200101000000Z", "20251231235959Z")),
       "outside the validity of the responder"},
      {"a responder that has not begun",
       by(responder_with(ocsp_extensions(), "20270101000000Z", "20271231235959Z")),
       "outside the validity of the responder"},
      {"a responder whose own status nobody knows", by(responder_with(unchecked)),
       "own status is not known"}};
}

std::vector<ResponderLie> about_the_answer() {
  const auto error = [](int status) { return answer_saying(x509::ocsp_error_response(status)); };
  return {{"another nonce", with([](auto& c) { c.nonce = Bytes(16, 7); }), "nonce"},
          {"a nonce of one octet", with([](auto& c) { c.nonce = Bytes{1}; }), "nonce"},
          {"a critical extension", with([](auto& c) { c.critical_extension = true; }), "critical"},
          {"malformed request", error(1), "malformedrequest"},
          {"internal error", error(2), "internalerror"},
          {"try later", error(3), "trylater"},
          {"signature needed", error(5), "sigrequired"},
          {"unauthorised", error(6), "unauthorized"},
          {"nothing", answer_saying(""), "damaged or not DER"},
          {"a web page", answer_saying("<html><body>Welcome</body></html>"), "damaged or not DER"},
          {"plain words", answer_saying("good"), "damaged or not DER"},
          {"zeros", answer_saying(Bytes(4096)), "damaged or not DER"},
          {"one octet less", damaged_answer([](Bytes& b) { b.pop_back(); }), "damaged or not DER"},
          {"one octet more", damaged_answer([](Bytes& b) { b.push_back(0); }), "follows"},
          {"half of it", damaged_answer([](Bytes& b) { b.resize(b.size() / 2); }),
           "damaged or not DER"},
          {"a date changed after signing", damaged_answer([](Bytes& b) {
             const std::string text(as_text(b));
             b.at(text.find("20261121120005Z") + 13) ^= 1;
           }),
           "not signed by the issuer"},
          {"larger than any answer", answer_saying(Bytes(5 << 20, 0x30)), "larger"},
          {"the request", [](const net::Request& request) { return request.body; },
           "damaged or not DER"},
          {"a list", answer_saying(responder_story().crl_of_issuing(at(kAnsweredAt))),
           "damaged or not DER"},
          {"a certificate", answer_saying(dora().certificate().der()), "damaged or not DER"}};
}

void check_responder_lies(const std::vector<ResponderLie>& rows) {
  for (const ResponderLie& row : rows) {
    CHECK(*row.reason != '\0');
    INFO(row.what);
    ResponderDesk desk(row.answer);
    const std::string outcome = desk.outcome();
    CHECK(outcome != "taken");
    CHECK_THAT(outcome, ContainsSubstring("CN=Dora Example"));
    CHECK_THAT(outcome, ContainsSubstring("(serial " + dora().certificate().serial() + ")"));
    CHECK_THAT(outcome, ContainsSubstring(kUrl));
    CHECK_THAT(outcome, ContainsSubstring(row.reason));
  }
}

}  // namespace

TEST_CASE("a true answer is taken, with all certificates that lead to it") {
  ResponderDesk desk(with([](OcspContent&) {}));
  const ops::Evidence evidence = desk.evidence();
  CHECK(evidence.ocsp_responses.size() == 1);
  CHECK(evidence.crls.size() == 1);
  CHECK(evidence.certificates == std::set<Bytes>{dora().certificate().der(),
                                                 responder_story().issuing().certificate().der(),
                                                 responder_story().root().certificate().der(),
                                                 responder().certificate().der()});
  CHECK(evidence.revoked.empty());
}
TEST_CASE("an answer with the nonce of the request is taken") {
  ResponderDesk desk([](const net::Request& request) {
    OcspContent content = truth();
    content.nonce = x509::parse_ocsp_request(request.body).nonce;
    return told(responder(), content);
  });
  CHECK(desk.outcome() == "taken");
}
TEST_CASE("answers about something else are refused") {
  check_responder_lies(about_the_certificate());
}
TEST_CASE("answers of another time are refused") {
  check_responder_lies(about_times());
}
TEST_CASE("answers of the wrong responder are refused") {
  check_responder_lies(about_the_responder());
}
TEST_CASE("answers that are none are refused") {
  check_responder_lies(about_the_answer());
}
TEST_CASE("there are at least forty lying answers, each another") {
  std::set<std::string> names;
  std::set<Bytes> answers;
  std::size_t count = 0;
  const net::Request request{};
  for (const auto& rows :
       {about_the_certificate(), about_times(), about_the_responder(), about_the_answer()})
    for (const ResponderLie& row : rows) {
      names.insert(row.what);
      answers.insert(row.answer(request));
      ++count;
    }
  CHECK(names.size() == count);
  CHECK(answers.size() + 1 >= count);  // the request alone is empty here, as is one answer
  CHECK(count >= 40);
}

TEST_CASE("a revocation is evidence, and told") {
  ResponderDesk desk(
      with([](OcspContent& content) { content.status = x509::CertStatus::revoked; }));
  const auto revoked = desk.evidence().revoked;
  REQUIRE(revoked.size() == 1);
  CHECK(revoked.front().certificate == dora().certificate());
  CHECK(revoked.front().before_proof);
}

TEST_CASE("a server that is gone is asked once, however many documents there are") {
  ResponderDesk desk;
  for (int i = 0; i < 5; ++i) CHECK_THAT(desk.outcome(), ContainsSubstring("no such host"));
  CHECK(desk.server.asked[kUrl] == 1);
}

TEST_CASE("what was found for one document serves the next") {
  ResponderDesk desk(with([](OcspContent&) {}));
  for (int i = 0; i < 5; ++i) CHECK(desk.outcome() == "taken");
  CHECK(desk.server.asked[kUrl] == 1);
}

TEST_CASE("where the responder lies, the list is taken, and the other way round") {
  constexpr const char* kList = "http://crl.example/issuing.crl";
  const Holder both =
      signer_with("OCSP;URI:http://ocsp.example/", "URI:http://crl.example/issuing.crl");
  const Bytes list = responder_story().crl_of_issuing(at(kAnsweredAt) - std::chrono::hours(1));
  SECTION("the responder says nothing usable") {
    ResponderDesk desk(answer_saying("<html>"));
    desk.server.answers[kList] = answer_saying(list);
    const ops::Evidence evidence = desk.evidence(both);
    CHECK(evidence.ocsp_responses.empty());
    CHECK(evidence.crls.count(list) == 1);
  }
  SECTION("the list is not asked for where the responder answers") {
    ResponderDesk desk(answer_saying(told(responder(), truth(), both.certificate())));
    CHECK(desk.outcome(both) == "taken");
    CHECK(desk.server.asked[kList] == 0);
  }
  SECTION("neither: both are named, each with its answer") {
    ResponderDesk desk(answer_saying(x509::ocsp_error_response(3)));
    desk.server.answers[kList] = answer_saying("<html>");
    const std::string outcome = desk.outcome(both);
    CHECK_THAT(outcome, ContainsSubstring(kUrl));
    CHECK_THAT(outcome, ContainsSubstring("trylater"));
    CHECK_THAT(outcome, ContainsSubstring(kList));
  }
}

TEST_CASE("lists that do not serve are refused") {
  constexpr const char* kList = "http://crl.example/issuing.crl";
  const Holder listed =
      signer_with("caIssuers;URI:http://ca.example/", "URI:http://crl.example/issuing.crl");
  struct Case {
    const char* what;
    Bytes list;
  };
  CrlContent old{"20261118000000Z", "20261120000000Z"};
  CrlContent forged;
  for (const Case& each :
       {Case{"out of date", make_crl(responder_story().issuing(), old).der()},
        Case{"by another authority", make_crl(responder_story().root(), {}).der()},
        Case{"by another key of the same name",
             make_crl(Holder({"TEST Issuing", ca_extensions()}), {}).der()},
        Case{"an OCSP answer", told(responder(), truth())}, Case{"nothing", {}}}) {
    INFO(each.what);
    ResponderDesk desk;
    desk.server.answers[kList] = answer_saying(each.list);
    CHECK_THAT(desk.outcome(listed), ContainsSubstring(kList));
  }
}

TEST_CASE("a list of 50 MB, which no document could keep, is not taken; a responder's answer is") {
  constexpr const char* kList = "http://crl.example/large.crl";
  const Holder both =
      signer_with("OCSP;URI:http://ocsp.example/", "URI:http://crl.example/large.crl");
  const Bytes large(50'000'000, 0x30);
  ResponderDesk desk(answer_saying("nonsense"));
  desk.server.answers[kList] = answer_saying(large);
  const std::string why = desk.outcome(both);
  CHECK_THAT(why, ContainsSubstring(std::string(kList) + ": the answer is larger than 12582912"));
  CHECK_THAT(why, ContainsSubstring(both.certificate().subject()));

  ResponderDesk other(answer_saying(told(responder(), truth(), both.certificate())));
  other.server.answers[kList] = answer_saying(large);
  CHECK(other.outcome(both) == "taken");
}

TEST_CASE("an issuer that is not at hand is fetched, or named with where it was looked for") {
  const Holder orphan =
      signer_with("OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/issuing.cer");
  constexpr const char* kIssuer = "http://ca.example/issuing.cer";
  ResponderDesk desk(answer_saying(told(responder(), truth(), orphan.certificate())));
  desk.collector.at_hand() = ops::EvidencePool();
  CHECK_THAT(desk.outcome(orphan), ContainsSubstring(std::string(kIssuer) + ": no such host"));

  ResponderDesk other(answer_saying(told(responder(), truth(), orphan.certificate())));
  other.collector.at_hand() = ops::EvidencePool();
  other.collector.at_hand().add(
      x509::Crl::from_der(responder_story().crl_of_root(at(kAnsweredAt))));
  SECTION("in DER") {
    other.server.answers[kIssuer] = answer_saying(responder_story().issuing().certificate().der());
    CHECK(other.outcome(orphan) == "taken");
  }
  SECTION("in PEM") {
    other.server.answers[kIssuer] = answer_saying(responder_story().issuing().certificate().pem());
    CHECK(other.outcome(orphan) == "taken");
  }
  SECTION("somebody else's") {
    other.server.answers[kIssuer] = answer_saying(responder_story().root().certificate().der());
    CHECK_THAT(other.outcome(orphan), ContainsSubstring("not the issuer's certificate"));
  }
}

TEST_CASE("what a document brings along leads no other document's way") {
  const Holder rogue({"TEST Rogue Root", ca_extensions()});
  const Holder crossed({responder_story().issuing().certificate().common_name(), ca_extensions()},
                       rogue, responder_story().issuing().shared_key());
  ResponderDesk desk;
  ops::EvidenceCollector first(desk.library), second(desk.library);
  first.at_hand().add(rogue.certificate());
  first.at_hand().add(crossed.certificate());
  CHECK(first.known_path(dora().certificate()).back() == rogue.certificate());
  second.at_hand().add(responder_story().issuing().certificate());
  CHECK(second.known_path(dora().certificate()).back() == responder_story().root().certificate());

  // What the library knows itself goes before what a document brings along.
  desk.library.add(responder_story().issuing().certificate());
  ops::EvidenceCollector third(desk.library);
  third.at_hand().add(rogue.certificate());
  third.at_hand().add(crossed.certificate());
  CHECK(third.known_path(dora().certificate()).back() == responder_story().root().certificate());
}
