// After use nothing of what opened a SCAL 2 key is left in this process: neither PIN nor share nor
// the seal's key (attack 3 of docs/sole-control.md).
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/files.h"
#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

constexpr std::uint8_t kMask = 0xa5;

// What is looked for, masked, so that the search does not find itself.
struct Pattern {
  std::string name;
  Bytes masked;
  Pattern(std::string what, const Secret& secret) : name(std::move(what)) {
    for (const std::uint8_t octet : secret.view()) masked.push_back(octet ^ kMask);
  }
  bool at(const std::uint8_t* bytes) const {
    for (std::size_t i = 0; i < masked.size(); ++i)
      if ((bytes[i] ^ kMask) != masked[i]) return false;
    return true;
  }
};

bool found_in(const std::vector<std::uint8_t>& memory, std::size_t size, const Pattern& pattern) {
  for (std::size_t i = 0; i + pattern.masked.size() <= size; ++i)
    if (pattern.at(memory.data() + i)) return true;
  return false;
}

// Every page of this process that can be written: heap, stacks, data.
bool in_memory(const Pattern& pattern) {
  std::ifstream maps("/proc/self/maps");
  const Fd memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  REQUIRE(memory);
  std::vector<std::uint8_t> buffer(1 << 20);
  bool found = false;
  for (std::string line; !found && std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
    if (rights[0] != 'r' || rights[1] != 'w' || to - from > (1ul << 32)) continue;
    for (unsigned long at = from; at < to && !found; at += buffer.size() - 64) {
      const std::size_t wanted = std::min<unsigned long>(buffer.size(), to - at);
      const ssize_t got = ::pread(memory.get(), buffer.data(), wanted, static_cast<off_t>(at));
      if (got > 0) found = found_in(buffer, static_cast<std::size_t>(got), pattern);
    }
  }
  wipe(buffer);  // it holds what was found
  return found;
}

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
