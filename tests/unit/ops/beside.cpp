// Work done beside the caller's.
#include "ops/beside.h"

#include <stdexcept>

#include "support/catch.h"

using namespace tsp;

TEST_CASE("what is done beside is done in order, all of it, by another thread") {
  std::vector<int> done;
  std::thread::id who;
  ops::Beside beside;
  for (int at = 0; at < 1000; ++at)
    beside.add([&, at] {
      done.push_back(at);
      who = std::this_thread::get_id();
    });
  beside.finish();
  REQUIRE(done.size() == 1000);
  CHECK(std::ranges::is_sorted(done));
  CHECK(who != std::this_thread::get_id());
}

TEST_CASE("what was added beside is done before its place goes") {
  int done = 0;
  {
    ops::Beside beside;
    beside.add([&] { ++done; });
  }
  { const ops::Beside idle; }
  CHECK(done == 1);
}

TEST_CASE("what work beside throws comes out of its future each time, and the next is done") {
  ops::Beside beside;
  const auto failed = beside.begin([] { throw std::runtime_error("no token"); });
  const auto next = beside.begin([] {});
  CHECK_THROWS_WITH(failed.get(), "no token");
  CHECK_THROWS_WITH(failed.get(), "no token");
  CHECK_NOTHROW(next.get());
}
