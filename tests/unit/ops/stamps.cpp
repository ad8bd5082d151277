// Time-stamps that are made together: each is verified before anybody gets it.
#include <optional>
#include <set>

#include "audit/log.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "ops/provider.h"
#include "ops/timestamp.h"
#include "support/catch.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"
#include "unit/hsm/expect.h"

using namespace tsp;

namespace {

CK_RV (*signs_well)(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
int signed_so_far = 0;

// Flips a bit of every third ECDSA value.
CK_RV flip_some(CK_SESSION_HANDLE handle, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR out,
                CK_ULONG_PTR out_size) {
  const CK_RV result = signs_well(handle, data, size, out, out_size);
  if (result == CKR_OK && out != nullptr && *out_size == 64 && ++signed_so_far % 3 == 0)
    out[63] ^= 1;
  return result;
}

struct Tsa {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  // Both outlive the provider's sessions, which use their functions.
  std::shared_ptr<hsm::Module> module;
  std::optional<hsm::Impostor> impostor;
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};

  // Each third signature is wrong, of which there were so many already.
  void lie(int after) {
    module = provider.module();
    impostor.emplace(*module);
    signs_well = impostor->functions.C_Sign;
    impostor->functions.C_Sign = flip_some;
    signed_so_far = after;
  }

  std::vector<ops::StampResult> stamp(std::size_t count) {
    std::vector<ops::StampOrder> orders;
    for (std::size_t at = 0; at < count; ++at) {
      cms::TimestampRequest request;
      request.hash = crypto::HashAlgorithm::sha256;
      request.imprint = crypto::sha256(as_bytes(std::to_string(at)));
      request.certificates = at % 2 == 0;
      orders.push_back({request, "uid:0", provider.roles(), false});
    }
    return ops::stamp_all(provider, orders);
  }
  std::vector<audit::Outcome> log(std::int64_t from) {
    std::vector<audit::Outcome> out;
    audit::each(provider.database(), from, [&](const audit::Record& record) {
      out.push_back(record.event.outcome);
      return true;
    });
    return out;
  }
};

}  // namespace

TEST_CASE("a group of time-stamps is made in order, each of its own request") {
  Tsa tsa;
  const auto results = tsa.stamp(20);
  REQUIRE(results.size() == 20);
  std::set<Bytes> serials;
  for (std::size_t at = 0; at < results.size(); ++at) {
    REQUIRE_FALSE(results[at].error);
    const auto token = cms::parse_token(results[at].stamped->token);
    CHECK(token.info.imprint == crypto::sha256(as_bytes(std::to_string(at))));
    CHECK(token.data.certificates.empty() == (at % 2 != 0));
    serials.insert(token.info.serial);
  }
  CHECK(serials.size() == 20);
}

TEST_CASE("of a group, what the HSM signed wrongly is not given out, and is on record") {
  Tsa tsa;
  const auto before = audit::size(tsa.provider.database());
  tsa.lie(0);
  const auto results = tsa.stamp(7);
  REQUIRE(results.size() == 7);
  std::vector<audit::Outcome> wanted(7, audit::Outcome::intent);
  for (std::size_t at = 0; at < results.size(); ++at) {
    const bool wrong = (at + 1) % 3 == 0;
    wanted.push_back(wrong ? audit::Outcome::failed : audit::Outcome::done);
    CHECK(results[at].error.has_value() == wrong);
    CHECK(results[at].stamped.has_value() != wrong);
    if (!wrong) continue;
    CHECK(results[at].error->fault == Fault::hsm_unavailable);
    CHECK_THAT(results[at].error->message, ContainsSubstring("does not verify"));
  }
  CHECK(tsa.log(before) == wanted);
}

TEST_CASE("a single time-stamp that the HSM signed wrongly is not given out either") {
  Tsa tsa;
  tsa.lie(2);
  const auto results = tsa.stamp(1);
  REQUIRE(results.at(0).error);
  CHECK(results.at(0).error->fault == Fault::hsm_unavailable);
}
