// The front's ends of the workers' channels: which worker is asked while others come and go.
#include "serve/links.h"

#include <algorithm>

#include "serve/channel.h"
#include "serve/control.h"
#include "serve/worker.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;
using namespace std::chrono_literals;

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

  // Asked with so much patience; how it was answered is counted by status.
  void ask(std::chrono::milliseconds patience) {
    Request request;
    request.asker.name = "uid:0";
    request.verb = "x";
    request.deadline = SteadyClock::now() + patience;
    links_.ask(Kind::signatures, std::move(request),
               [this](const Answer& answer) { ++answered_[answer.status]; });
  }
  void pass(std::chrono::milliseconds time) {
    context_.restart();
    context_.run_for(time);
  }
  std::size_t answered(int status) { return answered_[status]; }
  const std::vector<pid_t>& hung() const { return hung_; }

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
    const auto taken = worker.take(2, std::chrono::milliseconds(0));
    return taken &&
           std::ranges::any_of(*taken, [](const Request& each) { return each.verb == "x"; });
  }

 private:
  asio::io_context context_{1};
  pid_t pid_ = 0;
  std::map<int, std::size_t> answered_;
  std::vector<pid_t> hung_;
  Links links_{context_, 100, {[](std::uint32_t) {}, [this](pid_t pid) { hung_.push_back(pid); }}};
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

TEST_CASE("who is late behind something that may take longer is told so, and nobody is killed") {
  FrontOfOne front;
  Channel worker = front.start();
  front.say_ready(worker);
  front.ask(60s);
  front.ask(100ms);
  front.pass(1500ms);
  CHECK(front.answered(503) == 1);
  CHECK(front.hung().empty());
  auto taken = worker.take(2, 0ms);
  REQUIRE(taken);
  REQUIRE(taken->size() == 2);
  Answer first;
  first.id = taken->front().id;
  worker.send(first);
  front.pass(300ms);
  CHECK(front.answered(200) == 1);
  CHECK(front.hung() == std::vector<pid_t>{1});  // the second is overdue, and nothing before it
}

TEST_CASE("a worker that answers what it dropped is not taken for one that hangs") {
  FrontOfOne front;
  Channel worker = front.start();
  front.say_ready(worker);
  front.ask(100ms);
  front.pass(400ms);
  CHECK(front.answered(503) == 1);
  const auto taken = worker.take(1, 0ms);
  REQUIRE(taken);
  worker.send(came_too_late(taken->front().id));
  front.pass(1200ms);
  CHECK(front.hung().empty());
}
