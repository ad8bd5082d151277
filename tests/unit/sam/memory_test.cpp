// After use nothing of what opened a SCAL 2 key is left in this process: neither PIN nor share nor
// the seal's key (attack 3 of docs/sole-control.md).
#include "scal2_fixture.h"
#include "support/memory_search.h"

using namespace tsp;
using namespace tsp::sam;
using test::in_memory;
using test::Pattern;

namespace {

Secret random_pin() {
  Secret pin = Secret::random(14);
  for (std::uint8_t& octet : pin.writable()) octet = static_cast<std::uint8_t>('0' + octet % 10);
  return pin;
}

}  // namespace

TEST_CASE_METHOD(Scal2, "after use no PIN, share or seal key is left in memory") {
  std::vector<Pattern> patterns;
  const Manifest manifest = documents({"a.pdf"});
  {
    const Secret pin = random_pin();
    share = Secret::random(kShareSize);
    store::KeyRow row = store::find_key(*database, key).value();
    const auto fresh =
        generate_key(*session, "alice", {}, crypto::KeyAlgorithm::ecdsa_p256, "", clock.now());
    Sealed sealed = make_seal_for_tests(*session, fresh.id, pin, share, kQuick, fresh.blob);
    row = fresh;
    row.blob = sealed.blob;
    row.scal = 2;
    row.link_mac = link_mac(*session, row);
    commit([&](store::Transaction& t) { store::insert_key(t, row); });
    key = row.id;
    serial = certify(key, "alice").serial;
    commit([&](store::Transaction& t) {
      store::insert_share(t, {key, device_id, seal_share(device.card(), key, share)});
    });
    patterns.emplace_back("PIN", pin);
    patterns.emplace_back("share", share);
    patterns.emplace_back("seal key", sealed.key);
    CHECK(in_memory(patterns[0]));  // the search finds what is there
    CHECK(in_memory(patterns[1]));

    const Manifest shown = documents({"a.pdf"});
    const Asked asked = ask(shown);
    Presented factors = answered(asked);
    factors.pin = pin.clone();
    const auto signatures = sign(approve(shown, factors), shown);
    CHECK_FALSE(signatures.at(0).error);
    share = Secret(Bytes());
  }
  for (const Pattern& pattern : patterns) {
    INFO(pattern.name);
    CHECK_FALSE(in_memory(pattern));
  }
}
