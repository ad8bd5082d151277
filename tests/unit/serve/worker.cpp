// The worker's loop: how much it takes at once, and what it leaves.
#include "serve/worker.h"

#include <sys/socket.h>

#include <thread>

#include "serve/control.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;
using namespace std::chrono_literals;

namespace {

struct SlowDesk final : Desk {
  std::chrono::milliseconds each;
  std::vector<std::size_t> groups;
  explicit SlowDesk(std::chrono::milliseconds time) : each(time) {}
  std::vector<Answer> serve(std::vector<Request> requests) override {
    groups.push_back(requests.size());
    std::vector<Answer> answers;
    for (const Request& request : requests) {
      std::this_thread::sleep_for(each);
      answers.emplace_back().id = request.id;
    }
    return answers;
  }
};

// Asks for so much at once, and closes.
void run(Desk& desk, std::size_t count, std::chrono::milliseconds patience) {
  auto [front, worker] = channel_pair();
  Channel channel(std::move(worker));
  for (std::size_t at = 1; at <= count; ++at) {
    Request request;
    request.id = at;
    request.asker.name = "uid:0";
    request.verb = "x";
    request.deadline = std::chrono::steady_clock::now() + patience;
    const Secret frame = encode(request);
    REQUIRE(::send(front.get(), frame.view().data(), frame.size(), 0) > 0);
  }
  ::shutdown(front.get(), SHUT_WR);
  CHECK(run_worker(channel, desk) == 0);
}

}  // namespace

TEST_CASE("what is quick is served in groups") {
  SlowDesk desk(0ms);
  run(desk, 130, 60s);
  REQUIRE(desk.groups.size() == 4);
  CHECK(desk.groups.front() == 1);  // nothing was known yet
  CHECK(desk.groups[1] == 64);
}

TEST_CASE("what takes long is served one by one, so that nobody waits for others' answers") {
  SlowDesk desk(210ms);
  run(desk, 4, 60s);
  CHECK(desk.groups == std::vector<std::size_t>{1, 1, 1, 1});
}

TEST_CASE("what is too late when its turn comes is not begun") {
  SlowDesk desk(210ms);
  run(desk, 4, 300ms);
  std::size_t served = 0;
  for (const std::size_t group : desk.groups) served += group;
  CHECK(served == 2);
}

TEST_CASE("a worker that another replaced does first what it put off") {
  struct LaterDesk final : Desk {
    std::size_t put_off = 0, done = 0;
    std::vector<Answer> serve(std::vector<Request> requests) override {
      put_off += requests.size();
      std::vector<Answer> answers(requests.size());
      for (std::size_t at = 0; at < requests.size(); ++at) answers[at].id = requests[at].id;
      return answers;
    }
    bool postpones() const override { return put_off > 0; }
    void idle() override {
      if (put_off == 0) return;
      --put_off, ++done;
    }
  } desk;
  run(desk, 10, 60s);
  CHECK(desk.put_off == 0);
  CHECK(desk.done == 10);
}
