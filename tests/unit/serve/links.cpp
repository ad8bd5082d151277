// The front's ends of the workers' channels: which worker is asked while others come and go.
#include "serve/links.h"

#include "serve/channel.h"
#include "serve/control.h"
#include "serve/worker.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;

namespace {

// Workers of one slot, by the order in which they were started.
class FrontOfOne {
 public:
  Channel start() {
    auto [ours, theirs] = channel_pair();
    links_.take(0, Kind::signatures, ++pid_, std::move(ours));
    return Channel(std::move(theirs));
  }
  void say_ready(Channel& worker) {
    Answer ready;
    ready.id = kReady;
    worker.send(ready);
    context_.restart();
    while (context_.poll_one() > 0) {
    }
  }
  bool usable() const { return links_.is_ready(Kind::signatures); }

  // Whether this one gets what is asked now.
  bool is_asked(Channel& worker) {
    Request request;
    request.asker.name = "uid:0";
    request.verb = "x";
    request.deadline = SteadyClock::now() + std::chrono::seconds(60);
    links_.ask(Kind::signatures, std::move(request), [](const Answer&) {});
    context_.restart();
    while (context_.poll_one() > 0) {
    }
    const auto taken = worker.take(1, std::chrono::milliseconds(0));
    return taken && !taken->empty();
  }

 private:
  asio::io_context context_{1};
  pid_t pid_ = 0;
  Links links_{context_, 100, {[](std::uint32_t) {}, [](pid_t) {}}};
};

}  // namespace

TEST_CASE("a worker that was replaced serves until the next has logged in") {
  FrontOfOne front;
  Channel first = front.start();
  CHECK_FALSE(front.usable());
  front.say_ready(first);
  Channel second = front.start();
  CHECK(front.is_asked(first));
  front.say_ready(second);
  CHECK(front.is_asked(second));
  CHECK_FALSE(front.is_asked(first));
}

TEST_CASE("a worker that logs in does not put off the one that comes after it") {
  FrontOfOne front;
  Channel first = front.start();
  front.say_ready(first);
  Channel second = front.start(), third = front.start();
  front.say_ready(second);
  CHECK(front.is_asked(second));
  front.say_ready(third);
  REQUIRE(front.usable());
  CHECK(front.is_asked(third));
}

TEST_CASE("a worker that logs in after the one that replaces it is not asked") {
  FrontOfOne front;
  Channel first = front.start();
  front.say_ready(first);
  Channel second = front.start(), third = front.start();
  front.say_ready(third);
  CHECK(front.is_asked(third));
  front.say_ready(second);
  REQUIRE(front.usable());
  CHECK(front.is_asked(third));
  CHECK_FALSE(front.is_asked(second));
}
