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

// Asks for so much at once, and closes. How much was answered.
std::size_t run(Desk& desk, std::size_t count, std::chrono::milliseconds patience) {
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
  std::size_t answered = 0;
  Bytes octets(1 << 20);
  for (ssize_t got; (got = ::recv(front.get(), octets.data(), octets.size(), MSG_DONTWAIT)) > 0;) {
    ByteReader reader(ByteView(octets).first(static_cast<std::size_t>(got)));
    while (const auto size = reader.u32())
      if (reader.take(*size)) ++answered;
  }
  return answered - 1;  // the first says that it is ready
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
  const std::size_t answered = run(desk, 4, 300ms);
  std::size_t served = 0;
  for (const std::size_t group : desk.groups) served += group;
  CHECK(served == 2);
  CHECK(answered == 4);
}

namespace {

struct LaterDesk final : Desk {
  Channel* channel = nullptr;
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
    Request question;
    question.id = 77;
    question.asker.name = "uid:0";
    question.verb = "authority";
    if (channel->ask(question).id == 77) --put_off, ++done;
  }
};

void send(const Fd& fd, const Request& request) {
  const Secret frame = encode(request);
  REQUIRE(::send(fd.get(), frame.view().data(), frame.size(), 0) > 0);
}

// The front's part: the authority's answers to what the worker asks, until it is over.
void answer_what_is_asked(const Fd& front) {
  Bytes octets(1 << 16);
  for (ssize_t got; (got = ::recv(front.get(), octets.data(), octets.size(), 0)) > 0;) {
    ByteReader reader(ByteView(octets).first(static_cast<std::size_t>(got)));
    while (const auto size = reader.u32()) {
      const auto frame = reader.take(*size);
      if (!frame || !is_request(*frame)) continue;
      Answer answer;
      answer.id = decode_request(*frame).id;
      const Bytes out = encode(answer);
      ::send(front.get(), out.data(), out.size(), MSG_NOSIGNAL);
    }
  }
}

}  // namespace

TEST_CASE("a worker that is asked to leave does first what it put off, with who helps it") {
  auto [ours, theirs] = channel_pair();
  const Fd front = std::move(ours);
  Channel channel(std::move(theirs));
  LaterDesk desk;
  desk.channel = &channel;
  for (std::uint64_t id = 1; id <= 10; ++id) {
    Request request;
    request.id = id;
    request.asker.name = "uid:0";
    request.verb = "x";
    request.deadline = std::chrono::steady_clock::now() + 60s;
    send(front, request);
  }
  Request leave;
  leave.asker.name = "front";
  leave.verb = kLeave;
  send(front, leave);
  std::thread authority([&] { answer_what_is_asked(front); });
  CHECK(run_worker(channel, desk) == 0);
  ::shutdown(front.get(), SHUT_RDWR);
  authority.join();
  CHECK(desk.put_off == 0);
  CHECK(desk.done == 10);
}
