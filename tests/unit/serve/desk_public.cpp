// The PKI worker's desk without its processes: what relying parties ask, well and badly.
#include "serve/desk_public.h"

#include "cms/timestamp.h"
#include "ops/audit_log.h"
#include "ops/certificates.h"
#include "ops/crls.h"
#include "serve/desks.h"
#include "serve/http_caching.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"

using namespace tsp;
using namespace tsp::serve;
using namespace std::chrono_literals;

namespace {

struct PkiWorker {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};
  x509::Certificate issuer = provider.certificate_of_role("issuing");
  std::unique_ptr<Desk> desk = open_pki_desk(provider);

  Answer ask(const std::string& verb, ByteView body, ops::Roles roles = {}) {
    Request request;
    request.id = 1;
    request.asker = {"public", roles, {}};
    request.verb = verb;
    request.body = to_bytes(body);
    std::vector<Request> requests;
    requests.push_back(std::move(request));
    auto answers = desk->serve(std::move(requests));
    REQUIRE(answers.size() == 1);
    CHECK(answers.front().id == 1);
    return std::move(answers.front());
  }
  Answer ask(const std::string& verb, const std::string& text) { return ask(verb, as_bytes(text)); }
  // What is due is done one step at a time.
  void idle() {
    for (int i = 0; i < 10; ++i) desk->idle();
  }
  Bytes question(const std::optional<Bytes>& nonce = std::nullopt) {
    return x509::make_ocsp_request(provider.certificate_of_role("tsa"), issuer, nonce);
  }
  std::vector<audit::Record> records(const std::string& event) {
    std::vector<audit::Record> out;
    audit::each(provider.database(), 0, [&](const audit::Record& record) {
      if (record.event.event == event) out.push_back(record);
      return true;
    });
    return out;
  }
};

std::string percent(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '/' ? "%2F" : c == '+' ? "%2b" : c == '=' ? "%3D" : std::string(1, c);
  return out;
}

cms::TimestampRequest stamp_request() {
  cms::TimestampRequest request;
  request.hash = crypto::HashAlgorithm::sha256;
  request.imprint = Bytes(32, 7);
  request.nonce = Bytes{1, 2, 3};
  return request;
}

}  // namespace

TEST_CASE_METHOD(PkiWorker, "an OCSP answer may be kept until another takes its place") {
  const Answer answer = ask("ocsp", question());
  CHECK(answer.status == 200);
  CHECK(answer.type == "application/ocsp-response");
  CHECK(answer.max_age == 12 * 3600);
  CHECK(answer.last_modified == to_unix(clock.now()));
  CHECK_FALSE(answer.fault);
  clock.advance(1h);
  const Answer again = ask("ocsp-get", percent(to_base64(question())));
  CHECK(again.body == answer.body);
  CHECK(again.max_age == 11 * 3600);
  CHECK(ask("ocsp-get", to_base64(question())).body == answer.body);
}

TEST_CASE_METHOD(PkiWorker, "an OCSP answer with a nonce may not be kept") {
  const Answer answer = ask("ocsp", question(Bytes(16, 9)));
  CHECK(x509::OcspResponse::from_der(answer.body).nonce() == Bytes(16, 9));
  CHECK_FALSE(answer.max_age);
}

TEST_CASE_METHOD(PkiWorker, "what is no OCSP request is answered in OCSP, and is on record") {
  const Bytes malformed = x509::ocsp_error_response(ops::kOcspMalformed);
  const Bytes whole = question();
  Bytes longer = whole;
  longer.push_back(0);
  for (const ByteView body : {ByteView(), ByteView(longer), ByteView(whole).first(20)}) {
    const Answer answer = ask("ocsp", body);
    CHECK(answer.body == malformed);
    CHECK(answer.status == 200);
    CHECK(answer.fault == Fault::bad_input);
    CHECK_FALSE(answer.max_age);
  }
  const std::string good = to_base64(whole);
  for (const std::string& path :
       {std::string("%"), std::string("%4"), std::string("%zz"), good + "%", good + "=",
        good.substr(1), "-" + good.substr(1), good + "\n", std::string(100, 'A')}) {
    INFO(path);
    CHECK(ask("ocsp-get", path).body == malformed);
  }
  CHECK(records("refusals").empty());
  idle();
  CHECK(records("refusals").empty());  // the minute is not over
  clock.advance(1min);
  idle();
  const auto on_record = records("refusals");
  REQUIRE(on_record.size() == 1);
  CHECK(on_record[0].event.actor == "public");
  CHECK(on_record[0].event.details["reason"] == "ocsp-malformed");
  CHECK(on_record[0].event.details["count"] == 12);
}

TEST_CASE_METHOD(PkiWorker, "a time-stamp is granted to anybody") {
  const auto request = stamp_request();
  const Answer answer = ask("tsa", cms::make_request(request));
  CHECK(answer.status == 200);
  CHECK(answer.type == "application/timestamp-reply");
  CHECK_FALSE(answer.max_age);
  const auto token = cms::parse_token(cms::token_of_reply(answer.body));
  CHECK_FALSE(cms::mismatch(token, request));
  CHECK(cms::verify_token(token).tsu);
}

TEST_CASE_METHOD(PkiWorker,
                 "time-stamps that are queued are made as one group, each for its caller") {
  const auto request_of = [](std::uint64_t id, const char* caller, ops::Roles roles,
                             const char* verb, Bytes body) {
    Request request;
    request.id = id;
    request.asker = {caller, roles, {}};
    request.verb = verb;
    request.body = std::move(body);
    return request;
  };
  auto other = stamp_request();
  other.policy = "1.2.3.4";
  const std::string imprint = to_base64(Bytes(32, 5));
  const std::string own = R"({"hash_algorithm":"sha256","imprint":")" + imprint + "\"}";
  const std::string csc = R"({"hashAlgo":"2.16.840.1.101.3.4.2.1","hash":")" + imprint + "\"}";
  std::vector<Request> requests;
  requests.push_back(request_of(1, "public", {}, "tsa", cms::make_request(stamp_request())));
  requests.push_back(
      request_of(2, "uid:7", {ops::Role::application}, "timestamp", to_bytes(as_bytes(own))));
  requests.push_back(request_of(3, "public", {}, "tsa", cms::make_request(other)));
  requests.push_back(request_of(4, "public", {}, "tsa", Bytes{1, 2, 3}));
  requests.push_back(request_of(5, "uid:8", {}, "timestamp", to_bytes(as_bytes(own))));
  requests.push_back(request_of(6, "uid:9", {ops::Role::application}, "csc/v2/signatures/timestamp",
                                to_bytes(as_bytes(csc))));
  requests.push_back(request_of(7, "public", {}, "checkpoint", {}));
  const auto size = audit::size(provider.database());
  std::map<std::uint64_t, Answer> answers;
  for (Answer& answer : desk->serve(std::move(requests))) answers[answer.id] = std::move(answer);
  REQUIRE(answers.size() == 7);
  CHECK(cms::verify_token(cms::parse_token(cms::token_of_reply(answers[1].body))).tsu);
  CHECK(answers[2].status == 200);
  CHECK(as_text(answers[2].body).find("\"token\"") != std::string_view::npos);
  CHECK(answers[3].fault == Fault::policy_refused);
  CHECK(answers[4].fault == Fault::bad_input);
  CHECK(answers[5].status == 403);
  CHECK(as_text(answers[6].body).find("\"timestamp\"") != std::string_view::npos);
  std::vector<std::string> log;
  audit::each(provider.database(), size, [&](const audit::Record& record) {
    if (record.event.event == "timestamp")
      log.push_back(std::string(audit::name_of(record.event.outcome)) + " " + record.event.actor);
    return true;
  });
  CHECK(log == std::vector<std::string>{"intent uid:7", "intent uid:9", "done uid:7", "done uid:9",
                                        "refused public", "intent public", "done public"});
}

TEST_CASE_METHOD(PkiWorker, "a time-stamp is refused in the words of RFC 3161") {
  const auto why = [&](ByteView body) {
    const Answer answer = ask("tsa", body);
    CHECK(answer.status == 200);
    CHECK(answer.type == "application/timestamp-reply");
    CHECK(answer.fault);
    try {
      cms::token_of_reply(answer.body);
      return std::string("granted");
    } catch (const Error& error) {
      return error.message;
    }
  };
  CHECK_THAT(why({}), ContainsSubstring("cannot answer the time-stamp request"));
  auto request = stamp_request();
  request.policy = "1.2.3.4";
  CHECK_THAT(why(cms::make_request(request)), ContainsSubstring("no time-stamp was made"));
  request = stamp_request();
  request.imprint.pop_back();
  CHECK_THAT(why(cms::make_request(request)), ContainsSubstring("length"));
  const Bytes whole = cms::make_request(stamp_request());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(why(ByteView(whole).first(size)) != "granted");
  CHECK(records("timestamp").size() == 1);  // the foreign policy; the others are no requests
  clock.advance(1min);
  idle();
  const auto on_record = records("refusals");
  REQUIRE(on_record.size() == 1);
  CHECK(on_record[0].event.details["reason"] == "timestamp-malformed");
}

TEST_CASE_METHOD(PkiWorker, "strangers cannot fill the log with refusals") {
  auto request = stamp_request();
  request.policy = "1.2.3.4";
  const Bytes foreign = cms::make_request(request);
  for (int i = 0; i < 20; ++i) ask("tsa", foreign);
  CHECK(records("timestamp").size() == 1);
  clock.advance(1min);
  idle();
  CHECK(records("refusals").size() == 1);
}

TEST_CASE_METHOD(PkiWorker, "CRLs and certificates are given as they are") {
  for (const std::string ca : {"root", "issuing"}) {
    const auto row = store::current_crl(provider.database(), ca);
    REQUIRE(row);
    const Answer crl = ask("crl", ca + ".crl");
    CHECK(crl.type == "application/pkix-crl");
    CHECK(to_bytes(crl.octets()) == row->der);
    CHECK(crl.tag == entity_tag(row->der));
    CHECK(ask("crl", ca + ".crl").shared == crl.shared);  // one memory for all
    CHECK(crl.last_modified == to_unix(row->this_update));
    REQUIRE(crl.max_age);
    CHECK(*crl.max_age <= (ca == "root" ? 24 : 12) * 3600);
    CHECK(*crl.max_age > 0);
    const Answer certificate = ask("ca", ca + ".cer");
    CHECK(certificate.type == "application/pkix-cert");
    CHECK(certificate.body == provider.certificate_of_role(ca).der());
    CHECK(certificate.max_age == 24 * 3600);
  }
  clock.advance(13h);  // overdue: nobody shall keep it
  CHECK(ask("crl", std::string("issuing.crl")).max_age == 0);
}

TEST_CASE_METHOD(PkiWorker, "names that no CA has are not found") {
  for (const std::string name : {"", "root", "root.cer", ".crl", "tsa.crl", "root.crl/",
                                 "../root.crl", "ROOT.crl", "root.crl?x=1", "root%2Ecrl"}) {
    const Answer answer = ask("crl", name);
    CHECK(answer.status == 404);
    CHECK(answer.fault == Fault::not_found);
  }
  for (const std::string name : {"root.crl", "alice.cer", "ocsp.pem", "../../tsp.db"})
    CHECK(ask("ca", name).status == 404);
}

TEST_CASE_METHOD(PkiWorker, "the checkpoint is the newest") {
  const std::string note = ops::make_checkpoint(provider);
  const Answer answer = ask("checkpoint", std::string());
  CHECK(as_text(answer.body) == note);
  CHECK(answer.type == "text/plain; charset=utf-8");
  CHECK(answer.max_age == 0);
}

TEST_CASE_METHOD(PkiWorker, "strangers get nothing but what is public") {
  for (const char* verb : {"timestamp", "evidence"})
    CHECK(ask(verb, std::string("{}")).fault == Fault::not_permitted);
  CHECK(ask("nothing", std::string()).fault == Fault::not_found);
}
