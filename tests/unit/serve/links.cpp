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

// Workers of one slot, by the order in which they were started; their processes count from 1.
class FrontOfOne {
 public:
  Channel start() {
    auto [ours, theirs] = channel_pair();
    links_.take(0, Kind::signatures, ++pid_, std::move(ours));
    return Channel(std::move(theirs));
  }
  void log_in(Channel& worker) {
    Answer ready;
    ready.id = kReady;
    worker.send(ready);
    settle();
  }
  Channel start_logged_in() {
    Channel worker = start();
    log_in(worker);
    return worker;
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
    ask(60s);
    settle();
    const auto taken = worker.take(2, 0ms);
    return taken &&
           std::ranges::any_of(*taken, [](const Request& each) { return each.verb == "x"; });
  }

 private:
  // What can be done without waiting.
  void settle() {
    context_.restart();
    while (context_.poll_one() > 0) {
    }
  }

  asio::io_context context_{1};
  pid_t pid_ = 0;
  std::map<int, std::size_t> answered_;
  std::vector<pid_t> hung_;
  Links links_{context_, 100, {[](std::uint32_t) {}, [this](pid_t pid) { hung_.push_back(pid); }}};
};

}  // namespace

TEST_CASE_METHOD(FrontOfOne, "a worker that was replaced serves until the next has logged in") {
  Channel first = start();
  CHECK_FALSE(usable());
  log_in(first);
  Channel second = start();
  CHECK(is_asked(first));
  log_in(second);
  CHECK(is_asked(second));
  CHECK_FALSE(is_asked(first));
}

TEST_CASE_METHOD(FrontOfOne, "a worker that logs in does not put off the one that comes after it") {
  Channel first = start_logged_in(), second = start(), third = start();
  log_in(second);
  CHECK(is_asked(second));
  log_in(third);
  REQUIRE(usable());
  CHECK(is_asked(third));
}

TEST_CASE_METHOD(FrontOfOne, "a worker that logs in after the one that replaces it is not asked") {
  Channel first = start_logged_in(), second = start(), third = start();
  log_in(third);
  CHECK(is_asked(third));
  log_in(second);
  REQUIRE(usable());
  CHECK(is_asked(third));
  CHECK_FALSE(is_asked(second));
}

TEST_CASE_METHOD(
    FrontOfOne,
    "who is late behind something that may take longer is told so, and nobody is killed") {
  Channel worker = start_logged_in();
  ask(60s);
  ask(100ms);
  pass(1500ms);
  CHECK(answered(503) == 1);
  CHECK(hung().empty());
  auto taken = worker.take(2, 0ms);
  REQUIRE(taken);
  REQUIRE(taken->size() == 2);
  Answer first;
  first.id = taken->front().id;
  worker.send(first);
  pass(300ms);
  CHECK(answered(200) == 1);
  CHECK(hung() == std::vector<pid_t>{1});  // the second is overdue, and nothing before it
}

TEST_CASE_METHOD(FrontOfOne,
                 "a worker that answers what it dropped is not taken for one that hangs") {
  Channel worker = start_logged_in();
  ask(100ms);
  pass(400ms);
  CHECK(answered(503) == 1);
  const auto taken = worker.take(1, 0ms);
  REQUIRE(taken);
  worker.send(came_too_late(taken->front().id));
  pass(1200ms);
  CHECK(hung().empty());
}
