// Space that is kept back: which operations go on below it, and what the others are told.
#include "ops/space.h"

#include "ops/call.h"
#include "ops/config.h"
#include "ops/home.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"

#include "ops/provider.h"

using namespace tsp;

namespace {

// A disk that keeps more back than there is.
struct Full {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  ops::Provider provider{
      home, config(), {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};

  static ops::Config config() {
    ops::Config config;
    config.set("space.records", "1000000000000", "the test");
    return config;
  }
  std::string fault_of(const std::string& operation, Json request) {
    try {
      ops::run_operation(provider, {.operation = operation, .request = std::move(request)});
    } catch (const Error& error) {
      return std::string(fault_row(error.fault).name);
    }
    return "none";
  }
};

}  // namespace

TEST_CASE("space that is kept back grows with the records it is for") {
  test::Folder folder;
  const ops::Home home{folder.file("")};
  ops::Config config;
  const auto usual = ops::look_at_space(home, config);
  CHECK(usual.free > 0);
  CHECK(usual.kept > 10000 * 2048);  // signing records take less
  config.set("space.records", "20000", "the test");
  CHECK(ops::look_at_space(home, config).kept > usual.kept + 10000 * 2048);
  CHECK_FALSE(ops::look_at_space({"/no/such/place"}, config).low());
}

TEST_CASE("what goes on is there, and changes something") {
  std::size_t count = 0;
  for (const auto& operation : ops::operations())
    if (ops::goes_on_where_space_is_low(operation.name)) {
      CHECK(operation.changes_state);
      ++count;
    }
  CHECK(count == 11);
}

TEST_CASE_METHOD(Full, "below it what changes state is refused but for what must never stop") {
  for (const auto& operation : ops::operations()) {
    INFO(operation.name);
    const bool refused =
        operation.changes_state && !ops::goes_on_where_space_is_low(operation.name);
    // Without its members it is refused as such, once it is run.
    CHECK((fault_of(std::string(operation.name), Json::object()) == "space-low") == refused);
  }
  CHECK(fault_of("crl issue", Json::object()) == "none");
}

TEST_CASE_METHOD(Full, "a trial leaves no record of it") {
  const auto size = audit::size(provider.database());
  CHECK(fault_of("group add", {{"group", "bank"}, {"dry_run", true}}) == "space-low");
  CHECK(audit::size(provider.database()) == size);
  CHECK(fault_of("group add", {{"group", "bank"}}) == "space-low");
  CHECK(fault_of("group add", {{"group", "bank"}}) == "space-low");
  CHECK(audit::size(provider.database()) == size + 1);
}
