// The last parse of a jail: its process is the helper.
#include "unit/jail/parsers.h"

namespace tsp::jail {
namespace {

struct LastRun : JailFixture {
  std::string last_failure(Parser parser, int file = -1, ByteView request = {}) {
    return error_of([&] { begin(parser, file, request).answer(); });
  }
  Run begin(Parser parser, int file = -1, ByteView request = {}) {
    const auto place = std::find(kParsers.begin(), kParsers.end(), parser) - kParsers.begin();
    return jail->begin_last(static_cast<std::size_t>(place), file, request);
  }
};

TEST_CASE_METHOD(LastRun, "the last parse is the helper's own, and there is none after it") {
  CHECK(jail->run(echo, -1, as_bytes("before")) == to_bytes(as_bytes("before")));
  const int helper = jail->helper();
  CHECK(begin(echo, -1, as_bytes("last")).answer() == to_bytes(as_bytes("last")));
  CHECK(::kill(helper, 0) != 0);
  CHECK(failure(echo) == "failed / the parser jail is gone: its helper process has ended");
  CHECK(last_failure(echo) == "failed / the parser jail is gone: its helper process has ended");
}

TEST_CASE_METHOD(LastRun, "the last parse is confined as every other") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  const std::string killed =
      "bad-input / the parser was stopped: it tried to do what no parser may do";
  SECTION("descriptors") {
    CHECK(begin(open_descriptors, file.get()).answer() == Bytes{5});
  }
  SECTION("a socket") {
    CHECK(last_failure(open_socket) == killed);
  }
  if (kUnderSanitizers) return;
  SECTION("a process") {
    CHECK(last_failure(fork_again) == killed);
  }
  SECTION("a file") {
    CHECK(last_failure(open_file) == killed);
  }
  SECTION("its own file") {
    CHECK(last_failure(write_to_file, file.get()) == killed);
    CHECK(size_of(file, "document") == 0);
  }
  SECTION("memory") {
    CHECK(last_failure(eat_memory) ==
          "bad-input / the parser was stopped: it needs too much memory");
  }
  SECTION("a crash") {
    CHECK(last_failure(read_nowhere) ==
          "bad-input / the parser was stopped: it crashed (signal 11)");
  }
}

TEST_CASE_METHOD(LastRun, "what the last parser answers is trusted as little") {
  SECTION("an Error") {
    CHECK(last_failure(refuse) == "policy-refused / cannot sign: it is \xef\xbf\xbd[31mlocked");
  }
  SECTION("too much") {
    CHECK(last_failure(seventeen_mebibytes) ==
          "bad-input / the parser was stopped: its result is larger than allowed");
  }
  SECTION("a flood") {
    CHECK(last_failure(forge_a_long_reply) ==
          "bad-input / the parser was stopped: its result is larger than allowed");
  }
  SECTION("nothing") {
    CHECK(last_failure(leave) == "failed / the parser jail is gone: its helper process has ended");
  }
  SECTION("as much as it may") {
    CHECK(begin(sixteen_mebibytes).answer().size() == std::size_t{16} << 20);
  }
}

TEST_CASE_METHOD(LastRun, "the last parse has its limits of time") {
  SECTION("the clock, from the answer on") {
    auto run = begin(wait_forever);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto begun = std::chrono::steady_clock::now();
    CHECK(error_of([&] { run.answer(); }) ==
          "bad-input / the parser was stopped: it took longer than 2 seconds");
    CHECK(std::chrono::steady_clock::now() - begun > std::chrono::milliseconds(1900));
  }
  SECTION("the processor's") {
    jail = Jail::start(kParsers, {.cpu_seconds = 1, .wall_seconds = 60});
    CHECK(last_failure(loop_forever) ==
          "bad-input / the parser was stopped: it took more than 1 seconds of processor time");
  }
}

TEST_CASE_METHOD(LastRun, "the last request may come in parts, however late") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  REQUIRE(::pwrite(file.get(), "file", 4, 0) == 4);
  auto run = begin(file_and_more, file.get(), as_bytes("one "));
  run.tell(as_bytes(" two"));
  std::this_thread::sleep_for(std::chrono::milliseconds(2300));  // more than wall_seconds
  run.tell(as_bytes(" three"));
  CHECK(as_text(run.answer()) == "one file two three");
}

TEST_CASE_METHOD(LastRun, "a jail whose last parse nobody waits for ends at once") {
  const int helper = jail->helper();
  const auto begun = std::chrono::steady_clock::now();
  SECTION("dropped") {
    (void)begin(file_and_more);
  }
  SECTION("still running") {
    const auto run = begin(loop_forever);
    jail.reset();
  }
  jail.reset();
  CHECK(::kill(helper, 0) != 0);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(900));
}

TEST_CASE_METHOD(LastRun, "a helper killed before or in its last parse is told, not waited for") {
  SECTION("before") {
    REQUIRE(::kill(jail->helper(), SIGKILL) == 0);
    CHECK(last_failure(echo) != "none");
  }
  SECTION("in it") {
    auto run = begin(wait_forever);
    REQUIRE(::kill(jail->helper(), SIGKILL) == 0);
    CHECK(error_of([&] { run.answer(); }) ==
          "bad-input / the parser was stopped: it crashed (signal 9)");
  }
}

TEST_CASE_METHOD(LastRun, "the last parse ends those that nobody took the answer of") {
  auto other =
      jail->begin(static_cast<std::size_t>(
                      std::find(kParsers.begin(), kParsers.end(), loop_forever) - kParsers.begin()),
                  -1, {});
  CHECK(begin(echo, -1, as_bytes("last")).answer() == to_bytes(as_bytes("last")));
  CHECK(error_of([&] { other.answer(); }) ==
        "failed / the parser jail is gone: its helper process has ended");
}

// Whoever ignores the signal is not told how his children ended.
TEST_CASE_METHOD(LastRun, "where nobody is told how it ended the last answer does not count") {
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  CHECK(last_failure(echo) == "failed / the parser jail is gone: its helper process has ended");
  jail.reset();
  ::signal(SIGCHLD, before);
}

TEST_CASE_METHOD(LastRun, "a last parser that takes nothing of what it is told is stopped") {
  const auto begun = std::chrono::steady_clock::now();
  auto run = begin(sleep_forever);
  run.tell(Bytes(std::size_t{4} << 20));
  CHECK(error_of([&] { run.answer(); }) ==
        "bad-input / the parser was stopped: it took longer than 2 seconds");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(4));
}

TEST_CASE_METHOD(LastRun, "whether the clock runs is told") {
  CHECK(jail->begin(0, -1, {}).clock_runs());
  CHECK_FALSE(begin(echo).clock_runs());
}

TEST_CASE_METHOD(LastRun, "a last parser that the jail was not started with is refused") {
  CHECK(error_of([&] { jail->begin_last(kParsers.size(), -1, {}); }) ==
        "failed / cannot parse in the jail: it was started without this parser");
  CHECK(jail->run(echo, -1, as_bytes("still")) == to_bytes(as_bytes("still")));
}

}  // namespace
}  // namespace tsp::jail
