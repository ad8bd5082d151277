// Time-stamp servers that lie or talk nonsense: a table of answers, each refused with its reason.
#include <functional>
#include <set>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "net/fetcher.h"
#include "ops/timestamp.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;
using crypto::HashAlgorithm;

namespace {

constexpr std::string_view kStampedAt = "2026-11-21T12:00:00Z",
                           kTstInfo = "1.2.840.113549.1.9.16.1.4", kPolicy = "1.2.3.4.1";

const Story& tsa_story() {
  static const Story made;
  return made;
}

// A unit of the issuing authority with other extensions or another validity.
Holder unit_with(const Extensions& extensions, std::string begin = "20240101000000Z",
                 std::string end = "20351231235959Z") {
  return Holder({"Other Unit", extensions, std::move(begin), std::move(end)},
                tsa_story().issuing());
}

// A token assembled by hand, so that single promises can be broken; true unless changed.
struct Forgery {
  cms::TstInfo info;
  Holder holder = tsa_story().unit();  // whose key signs
  x509::Certificate named =
      tsa_story().unit().certificate();  // in the signing-certificate attribute
  x509::Certificate carried = tsa_story().unit().certificate();
  std::string attribute_type{kTstInfo}, carried_type{kTstInfo};
  std::optional<Bytes> other_content{};  // carried instead of what was signed
  std::optional<Bytes> raw_content{};    // instead of the encoding of `info`
  cms::Embed embed = cms::Embed::signer_and_chain;
  bool flip_signature = false, unsigned_content = false;

  explicit Forgery(const cms::TimestampRequest& request) {
    info.policy = request.policy.value_or(std::string(kPolicy));
    info.hash = request.hash;
    info.imprint = request.imprint;
    info.nonce = request.nonce;
    info.serial = {0x42};
    info.time = at(kStampedAt);
  }
  void by(const Holder& other) {
    holder = other;
    named = carried = other.certificate();
  }
  Bytes token() const {
    const Bytes content = raw_content ? *raw_content : cms::encode_tst_info(info);
    const Bytes attributes = cms::signed_attributes(HashAlgorithm::sha256, crypto::sha256(content),
                                                    named, {attribute_type, info.time});
    Bytes value =
        holder.key().sign(crypto::Scheme::ecdsa, HashAlgorithm::sha256, crypto::sha256(attributes));
    if (flip_signature) value.back() ^= 1;
    cms::Parts parts{attributes,
                     HashAlgorithm::sha256,
                     crypto::Scheme::ecdsa,
                     value,
                     carried,
                     {},
                     other_content ? *other_content : content,
                     carried_type};
    if (unsigned_content) parts.content.reset();
    parts.embed = embed;
    return cms::assemble(parts);
  }
  Bytes reply() const { return cms::granted(token()); }
};

using Lie = std::function<Bytes(const cms::TimestampRequest&)>;

// What one change of a true token makes.
Lie changed(const std::function<void(Forgery&)>& change) {
  return [change](const cms::TimestampRequest& request) {
    Forgery forgery(request);
    change(forgery);
    return forgery.reply();
  };
}

// What one change of a true reply's octets makes.
Lie damaged_token(const std::function<void(Bytes&)>& change) {
  return [change](const cms::TimestampRequest& request) {
    Bytes reply = Forgery(request).reply();
    change(reply);
    return reply;
  };
}

Lie saying(const Bytes& body) {
  return [body](const cms::TimestampRequest&) { return body; };
}
Lie saying(const std::string& text) {
  return saying(to_bytes(as_bytes(text)));
}

Bytes flipped(Bytes octets, std::size_t index) {
  octets.at(index) ^= 1;
  return octets;
}

// TSTInfo with another version, or with a critical extension that nobody knows.
Bytes odd_tst_info(const cms::TstInfo& info, int version, bool extension) {
  Bytes content = der::sequence(
      der::integer(version), der::oid(info.policy),
      der::sequence(der::sequence(der::oid("2.16.840.1.101.3.4.2.1")),
                    der::octet_string(info.imprint)),
      der::unsigned_integer(info.serial), der::generalized_time(info.time),
      info.nonce ? der::unsigned_integer(*info.nonce) : Bytes(),
      extension ? der::tlv(der::context(1), der::sequence(der::oid("1.2.3.4"), der::boolean(true),
                                                          der::octet_string(der::null())))
                : Bytes());
  return content;
}

class LyingServer final : public net::Fetcher {
 public:
  explicit LyingServer(const Lie& lie) : lie_(lie) {}
  net::Response fetch(const net::Request& request) override {
    return {200, "application/timestamp-reply", lie_(cms::parse_request(request.body)),
            request.url};
  }

 private:
  const Lie& lie_;
};

// The reason of the refusal; "taken" where there is none.
std::string answer_to(const Lie& lie) {
  LyingServer server(lie);
  try {
    ops::fetch_timestamp(server, {"http://tsa.example/", HashAlgorithm::sha256,
                                  crypto::sha256(as_bytes("signature")), std::string(kPolicy),
                                  std::chrono::seconds(1), at(kStampedAt)});
  } catch (const Error& error) {
    return error.fault == Fault::evidence_missing ? error.message : "another fault";
  }
  return "taken";
}

struct TsaLie {
  const char* what;
  Lie lie;
  const char* reason;
};

std::vector<TsaLie> about_the_request() {
  return {
      {"another nonce", changed([](auto& f) { f.info.nonce = flipped(*f.info.nonce, 7); }),
       "nonce"},
      {"the nonce's first bit", changed([](auto& f) { f.info.nonce = flipped(*f.info.nonce, 0); }),
       "nonce"},
      {"no nonce", changed([](auto& f) { f.info.nonce.reset(); }), "nonce"},
      {"a nonce of zero", changed([](auto& f) { f.info.nonce = Bytes{0}; }), "nonce"},
      {"a longer nonce", changed([](auto& f) { f.info.nonce->push_back(1); }), "nonce"},
      {"a shorter nonce", changed([](auto& f) { f.info.nonce->pop_back(); }), "nonce"},
      {"another imprint", changed([](auto& f) { f.info.imprint = flipped(f.info.imprint, 31); }),
       "other data"},
      {"the imprint's first bit",
       changed([](auto& f) { f.info.imprint = flipped(f.info.imprint, 0); }), "other data"},
      {"an imprint of nothing", changed([](auto& f) { f.info.imprint = crypto::sha256({}); }),
       "other data"},
      {"another hash", changed([](auto& f) {
         f.info.hash = HashAlgorithm::sha384;
         f.info.imprint = crypto::digest(HashAlgorithm::sha384, as_bytes("signature"));
       }),
       "another hash"},
      {"a shorter imprint", changed([](auto& f) { f.info.imprint.pop_back(); }), "another length"},
      {"a longer imprint", changed([](auto& f) { f.info.imprint.push_back(0); }), "another length"},
      {"another policy", changed([](auto& f) { f.info.policy = "1.2.3.4.2"; }), "policy"},
      {"a policy below the one asked for", changed([](auto& f) { f.info.policy = "1.2.3.4.1.1"; }),
       "policy"},
      {"last week", changed([](auto& f) { f.info.time -= std::chrono::hours(24 * 7); }), "not now"},
      {"two hours ago", changed([](auto& f) { f.info.time -= std::chrono::hours(2); }), "not now"},
      {"tomorrow", changed([](auto& f) { f.info.time += std::chrono::hours(24); }), "not now"},
      {"1970", changed([](auto& f) { f.info.time = Time{}; }), "not now"}};
}

std::vector<TsaLie> about_the_signer() {
  const auto by = [](const Holder& holder) { return changed([holder](auto& f) { f.by(holder); }); };
  const Extensions plain{{"keyUsage", "critical,digitalSignature"}};
  const auto with = [&](std::vector<std::pair<std::string, std::string>> more) {
    Extensions all = plain;
    all.insert(all.end(), more.begin(), more.end());
    return unit_with(all);
  };
  return {{"a person's certificate", by(tsa_story().anna()), "time-stamping"},
          {"a certificate without purposes", by(unit_with(plain)), "time-stamping"},
          {"the purpose not critical", by(with({{"extendedKeyUsage", "timeStamping"}})),
           "time-stamping"},
          {"a second purpose", by(with({{"extendedKeyUsage", "critical,timeStamping,clientAuth"}})),
           "time-stamping"},
          {"another purpose", by(with({{"extendedKeyUsage", "critical,OCSPSigning"}})),
           "time-stamping"},
          {"any purpose", by(with({{"extendedKeyUsage", "critical,anyExtendedKeyUsage"}})),
           "time-stamping"},
          {"a key for encryption",
           by(unit_with({{"keyUsage", "critical,keyEncipherment"},
                         {"extendedKeyUsage", "critical,timeStamping"}})),
           "key usage"},
          {"a key for certificates",
           by(unit_with({{"keyUsage", "critical,keyCertSign"},
                         {"extendedKeyUsage", "critical,timeStamping"}})),
           "key usage"},
          {"a certificate that expired",
           by(unit_with(tsu_extensions(), "20200101000000Z", "20261120000000Z")), "not valid"},
          {"a certificate that has not begun",
           by(unit_with(tsu_extensions(), "20261122000000Z", "20301120000000Z")), "not valid"},
          {"another's key", changed([](auto& f) { f.holder = tsa_story().clara(); }),
           "signature is wrong"},
          {"another certificate named",
           changed([](auto& f) { f.named = tsa_story().anna().certificate(); }),
           "not there or not named"},
          {"another certificate carried",
           changed([](auto& f) { f.carried = unit_with(tsu_extensions()).certificate(); }),
           "not there or not named"},
          {"no certificate", changed([](auto& f) { f.embed = cms::Embed::nothing; }),
           "not there or not named"}};
}

std::vector<TsaLie> about_the_token() {
  return {{"a wrong signature", changed([](auto& f) { f.flip_signature = true; }),
           "signature is wrong"},
          {"content that was not signed", changed([](auto& f) {
             cms::TstInfo other = f.info;
             other.serial = {0x43};
             f.other_content = cms::encode_tst_info(other);
           }),
           "not what was signed"},
          {"another content type signed",
           changed([](auto& f) { f.attribute_type = "1.2.840.113549.1.7.1"; }), "content-type"},
          {"another content type",
           changed([](auto& f) { f.carried_type = "1.2.840.113549.1.7.1"; }), "no TSTInfo"},
          {"no content", changed([](auto& f) { f.unsigned_content = true; }), "no TSTInfo"},
          {"TSTInfo of version 2",
           changed([](auto& f) { f.raw_content = odd_tst_info(f.info, 2, false); }),
           "its version is unknown"},
          {"a critical extension",
           changed([](auto& f) { f.raw_content = odd_tst_info(f.info, 1, true); }),
           "critical extension that is unknown"},
          {"TSTInfo that is none", changed([](auto& f) { f.raw_content = der::null(); }),
           "cannot read the time-stamp"}};
}

std::vector<TsaLie> about_the_reply() {
  const auto token_alone = [](const cms::TimestampRequest& request) {
    return Forgery(request).token();
  };
  const auto with_status = [](int status) {
    return [status](const cms::TimestampRequest& request) {
      return der::sequence(der::sequence(der::integer(status)), Forgery(request).token());
    };
  };
  return {{"nothing", saying(""), "cannot read"},
          {"a web page", saying("<html><body>Welcome</body></html>"), "cannot read"},
          {"plain words", saying("granted"), "cannot read"},
          {"zeros", saying(Bytes(4096)), "cannot read"},
          {"one octet less", damaged_token([](Bytes& b) { b.pop_back(); }), "cannot read"},
          {"one octet more", damaged_token([](Bytes& b) { b.push_back(0x30); }), "cannot read"},
          {"half of it", damaged_token([](Bytes& b) { b.resize(b.size() / 2); }), "cannot read"},
          {"twice", damaged_token([](Bytes& b) { append(b, Bytes(b)); }), "cannot read"},
          {"the token alone", token_alone, "the status is missing"},
          {"the request", [](const auto& request) { return cms::make_request(request); },
           "the status is missing"},
          {"granted without a token", saying(der::sequence(der::sequence(der::integer(0)))),
           "the token is missing"},
          {"a rejection with a token", with_status(2), "refused"},
          {"waiting", with_status(3), "refused"},
          {"a status that is none", with_status(7), "refused"},
          {"a rejection", saying(cms::rejected(cms::FailureInfo::time_not_available, "no clock")),
           "no clock"}};
}

void check_tsa_lies(const std::vector<TsaLie>& rows) {
  for (const TsaLie& row : rows) {
    CHECK(*row.reason != '\0');
    INFO(row.what);
    const std::string answer = answer_to(row.lie);
    CHECK(answer != "taken");
    CHECK(answer != "another fault");
    CHECK_THAT(answer, ContainsSubstring(row.reason));
  }
}

}  // namespace

TEST_CASE("a true answer is taken") {
  CHECK(answer_to(changed([](Forgery&) {})) == "taken");
}
TEST_CASE("answers to another question are refused") {
  check_tsa_lies(about_the_request());
}
TEST_CASE("answers of the wrong signer are refused") {
  check_tsa_lies(about_the_signer());
}
TEST_CASE("tokens that do not hold are refused") {
  check_tsa_lies(about_the_token());
}
TEST_CASE("replies that are none are refused") {
  check_tsa_lies(about_the_reply());
}
TEST_CASE("there are at least forty lies, each another") {
  std::set<std::string> names;
  std::size_t count = 0;
  for (const auto& rows :
       {about_the_request(), about_the_signer(), about_the_token(), about_the_reply()})
    for (const TsaLie& row : rows) {
      names.insert(row.what);
      ++count;
    }
  CHECK(names.size() == count);
  CHECK(count >= 40);
}
