#include "x509/lint.h"

#include "authority.h"
#include "base/error.h"
#include "crypto/der.h"
#include "support/catch.h"

using namespace tsp;
using x509::Order;

namespace {

struct Draft {
  test::Authority authority{crypto::KeyAlgorithm::ecdsa_p256};
  test::SoftwareSigner key{crypto::KeyAlgorithm::ecdsa_p256};
  Order order;
  Bytes tbs;

  explicit Draft(const std::string& profile) : order(make(profile)) {
    tbs = x509::plan_certificate(order, &authority.issuing, authority.issuing_key.public_key(),
                                 authority.now)
              .tbs;
  }

  Order make(const std::string& profile) const {
    const bool service = profile == "tsa" || profile == "ocsp";
    Order made = test::order_for(test::profile(profile),
                                 service ? test::organisation("TEST unit") : test::ada(),
                                 key.public_key(), authority.now);
    made.crl_url = "http://t.test/1.crl";
    made.ocsp_url = "http://t.test/ocsp";
    made.issuer_url = "http://t.test/1.cer";
    if (!service) made.subject.email = "ada@t.test";
    return made;
  }

  // The first objection to these bytes, the Error of the parser, or nothing.
  std::string objection(const Bytes& bytes) const {
    try {
      const auto all = x509::lint(bytes, order, &authority.issuing,
                                  authority.issuing_key.public_key(), authority.now);
      return all.empty() ? std::string() : all.front();
    } catch (const Error& error) {
      return error.what();
    }
  }

  // The bytes with one more extension at the end of the list.
  Bytes with_extension(std::string_view oid, bool critical) const {
    namespace der = crypto::der;
    const auto whole = der::first(tbs);
    const auto parts = der::children(whole->content);
    const auto list = der::first(parts->back().content);
    Bytes content;
    for (std::size_t i = 0; i + 1 < parts->size(); ++i) append(content, (*parts)[i].whole);
    Bytes extensions = to_bytes(list->content);
    append(extensions, der::sequence(der::oid(oid), critical ? der::boolean(true) : Bytes{},
                                     der::octet_string(der::null())));
    append(content, der::wrap(der::context(3), der::tlv(der::kSequence, extensions)));
    return der::tlv(der::kSequence, content);
  }
};

}  // namespace

TEST_CASE("no bit of what was planned can change without an objection") {
  for (const char* profile : {"natural-person", "short-lived", "tsa", "ocsp"}) {
    const Draft draft(profile);
    const bool thorough = std::string(profile) == "natural-person";
    REQUIRE(draft.objection(draft.tbs) == "");
    for (std::size_t at = 0; at < draft.tbs.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        if (!thorough && bit != at % 8) continue;
        Bytes changed = draft.tbs;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1u << bit));
        if (!draft.objection(changed).empty()) continue;
        INFO(profile << ": octet " << at << ", bit " << bit);
        FAIL_CHECK("no objection");
      }
    }
  }
}

TEST_CASE("an extension that the profile does not have is refused, critical or not") {
  const Draft draft("natural-person");
  CHECK_THAT(draft.objection(draft.with_extension("1.2.3.4", true)),
             ContainsSubstring("1.2.3.4 has no place"));
  CHECK_THAT(draft.objection(draft.with_extension("2.5.29.56", false)),
             ContainsSubstring("2.5.29.56 has no place"));
  CHECK_THAT(draft.objection(draft.with_extension("1.3.6.1.5.5.7.1.3", false)),
             ContainsSubstring("no place"));
}

TEST_CASE("an extension that stands there twice is refused") {
  const Draft draft("natural-person");
  CHECK_THAT(draft.objection(draft.with_extension("2.5.29.15", true)), ContainsSubstring("twice"));
}

TEST_CASE("every truncation of what was planned is refused") {
  const Draft draft("natural-person");
  for (std::size_t size = 0; size < draft.tbs.size(); ++size)
    CHECK(draft.objection(Bytes(draft.tbs.begin(),
                                draft.tbs.begin() + static_cast<std::ptrdiff_t>(size))) != "");
}
