#include "unit/jail/parsers.h"

namespace tsp::jail {
namespace {

TEST_CASE_METHOD(JailFixture, "a request comes back") {
  CHECK(jail->run(echo, -1, as_bytes("hello")) == to_bytes(as_bytes("hello")));
  CHECK(jail->run(echo, -1, {}).empty());
}

TEST_CASE_METHOD(JailFixture, "a large request and a large result pass whole") {
  CHECK(jail->run(sixteen_mebibytes, -1, {}) == Bytes(std::size_t{16} << 20, 7));
  const Bytes request(std::size_t{9} << 20, 3);
  CHECK(jail->run(echo, -1, request) == request);
}

constexpr std::size_t kFileAndMore = 1;  // in kParsers

TEST_CASE_METHOD(JailFixture, "a request may come in parts, each when the parser asks for it") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), "%PDF", 4) == 4);
  Run first = jail->begin(kFileAndMore, file.get(), as_bytes("a"));
  Run second = jail->begin(kFileAndMore, file.get(), as_bytes("b"));
  CHECK(jail->run(echo, -1, as_bytes("meanwhile")) == to_bytes(as_bytes("meanwhile")));
  second.tell(as_bytes(" two"));
  first.tell(as_bytes(" one"));
  first.tell({});
  second.tell(Bytes(std::size_t{1} << 20, '2'));
  CHECK(first.answer() == to_bytes(as_bytes("a%PDF one")));
  CHECK(second.answer().size() == 9 + (std::size_t{1} << 20));
}

TEST_CASE_METHOD(JailFixture, "a parser whose caller asks no more of it ends") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), "%PDF", 4) == 4);
  for (int i = 0; i < 100; ++i)  // more than may be there at once
    jail->begin(kFileAndMore, file.get(), {}).tell(as_bytes("half of it"));
  CHECK(jail->run(echo, -1, as_bytes("on")) == to_bytes(as_bytes("on")));
}

TEST_CASE_METHOD(JailFixture,
                 "a parser that waits for its caller too long is stopped by the clock") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), "%PDF", 4) == 4);
  Run run = jail->begin(kFileAndMore, file.get(), {});
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  run.tell(as_bytes("late"));
  CHECK(error_of([&] { run.answer(); }) ==
        "bad-input / the parser was stopped: it took longer than 2 seconds");
}

TEST_CASE_METHOD(JailFixture, "a parser that fails before it was told all says why") {
  Run run = jail->begin(kFileAndMore, -1, {});  // no file: it returns at once
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  run.tell(Bytes(std::size_t{1} << 20, 'x'));
  CHECK(run.answer().empty());
}

TEST_CASE_METHOD(JailFixture, "the file is the caller's file") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), "%PDF-1.7", 8) == 8);
  CHECK(jail->run(first_octets_of_file, file.get(), {}) == to_bytes(as_bytes("%PDF-1.7")));
  CHECK(jail->run(file_number, -1, {}) == Bytes{255});
}

TEST_CASE_METHOD(JailFixture, "a parser keeps no descriptor but its channel and its file") {
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  CHECK(jail->run(open_descriptors, file.get(), {}) == Bytes{5});  // with /dev/null three times
}

TEST_CASE_METHOD(JailFixture, "a parser that loops is stopped by its processor time") {
  jail = Jail::start(kParsers, {.cpu_seconds = 1, .wall_seconds = 60});  // on a busy machine
  CHECK(failure(loop_forever) ==
        "bad-input / the parser was stopped: it took more than 1 seconds of processor time");
}

TEST_CASE_METHOD(JailFixture, "a parser that sleeps is stopped by the clock") {
  CHECK(failure(wait_forever) ==
        "bad-input / the parser was stopped: it took longer than 2 seconds");
}

TEST_CASE_METHOD(JailFixture, "a parser that eats memory is refused more") {
  if (kUnderSanitizers) return;
  CHECK(failure(eat_memory) == "bad-input / the parser was stopped: it needs too much memory");
}

TEST_CASE_METHOD(JailFixture, "a parser that crashes is an ordinary refusal") {
  if (kUnderSanitizers) return;
  CHECK(failure(read_nowhere) == "bad-input / the parser was stopped: it crashed (signal 11)");
}

TEST_CASE_METHOD(JailFixture, "a parser cannot reach out") {
  const std::string killed =
      "bad-input / the parser was stopped: it tried to do what no parser may do";
  CHECK(failure(open_socket) == killed);
  if (kUnderSanitizers) return;
  CHECK(failure(open_file) == killed);
  CHECK(failure(fork_again) == killed);
  CHECK(failure(map_executable) == killed);
  CHECK(failure(set_a_signal_handler) == killed);
}

TEST_CASE_METHOD(JailFixture, "a parser cannot write to its file") {
  if (kUnderSanitizers) return;
  const Fd file(::memfd_create("document", MFD_CLOEXEC));
  CHECK(failure(write_to_file, file.get()) ==
        "bad-input / the parser was stopped: it tried to do what no parser may do");
  CHECK(size_of(file, "document") == 0);
}

TEST_CASE_METHOD(JailFixture, "a result over the limit is refused") {
  const std::string refused =
      "bad-input / the parser was stopped: its result is larger than allowed";
  CHECK(failure(seventeen_mebibytes) == refused);
  CHECK(failure(forge_a_long_reply) == refused);
}

TEST_CASE_METHOD(JailFixture, "an Error travels whole, but for what could fool a terminal") {
  try {
    jail->run(refuse, -1, {});
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::policy_refused);
    CHECK(error.failed == "cannot sign");
    CHECK(error.why == "it is \ufffd[31mlocked");
    CHECK(error.next == "ask its owner");
  }
  CHECK(failure(throw_plainly) == "bad-input / the parser was stopped: nothing here");
}

TEST_CASE_METHOD(JailFixture, "a malformed reply is refused") {
  const std::string malformed = "bad-input / the parser was stopped: its reply is malformed";
  const std::string bad_error = "bad-input / the parser was stopped: its error report is malformed";
  CHECK(failure(leave) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0}) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0, 0}) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0, 2, 0}) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0, 1, 0, 0}) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0, 1, 2}) == malformed);
  CHECK(failure(forge_a_reply, -1, Bytes{0, 0, 0, 1, 1}) == bad_error);
  CHECK(failure(forge_a_reply, -1, *from_hex("00000007010000000278780000")) == malformed);
}

TEST_CASE_METHOD(JailFixture, "the worked example of docs/formats/jail.md reads as it says") {
  const Bytes result = *from_hex("000000060068656c6c6f");
  CHECK(jail->run(forge_a_reply, -1, result) == to_bytes(as_bytes("hello")));
  const Bytes error = *from_hex(
      "0000003f010000000e706f6c6963792d726566757365640000000b63616e6e6f74207369676e"
      "0000000870617373776f72640000000d61736b20697473206f776e6572");
  CHECK(failure(forge_a_reply, -1, error) == "policy-refused / cannot sign: password");
}

TEST_CASE_METHOD(JailFixture, "many parse at once, each getting its own answer") {
  std::array<std::thread, 24> threads;
  std::array<int, 24> wrong{};
  for (std::size_t i = 0; i < threads.size(); ++i)
    threads[i] = std::thread([this, i, &wrong] {
      for (std::size_t k = 0; k < 20; ++k) {
        const Bytes request(1000 * i + k, static_cast<std::uint8_t>(i));
        if (jail->run(echo, -1, request) != request) ++wrong[i];
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::count(wrong.begin(), wrong.end(), 0) == 24);
}

TEST_CASE_METHOD(JailFixture, "a slow parser does not hold up the others") {
  jail = Jail::start(kParsers, {.cpu_seconds = 1, .wall_seconds = 5});
  std::atomic<bool> ended = false;
  std::thread slow([this, &ended] {
    failure(wait_forever);
    ended = true;
  });
  for (int i = 0; i < 20; ++i) jail->run(echo, -1, {});
  CHECK_FALSE(ended);
  slow.join();
}

TEST_CASE_METHOD(JailFixture, "a helper that was killed is told, not waited for") {
  REQUIRE(::kill(jail->helper(), SIGKILL) == 0);
  CHECK(failure(echo) == "failed / the parser jail is gone: its helper process has ended");
  CHECK(failure(echo) == "failed / the parser jail is gone: its helper process has ended");
}

TEST_CASE_METHOD(JailFixture, "a helper killed while it parses is told") {
  std::thread killer([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::kill(jail->helper(), SIGKILL);
  });
  CHECK(failure(wait_forever) == "failed / the parser jail is gone: its helper process has ended");
  killer.join();
}

TEST_CASE_METHOD(JailFixture, "a parser has no environment") {
  REQUIRE(::setenv("TSP_JAIL_TEST_SECRET", "246813", 1) == 0);
  jail = Jail::start(kParsers);
  CHECK(jail->run(environment, -1, {}).empty());
  CHECK(std::string(std::getenv("TSP_JAIL_TEST_SECRET")) == "246813");  // the caller keeps his
  ::unsetenv("TSP_JAIL_TEST_SECRET");
}

TEST_CASE_METHOD(JailFixture, "the helper's environment is overwritten where it stood") {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::string_view(*variable).starts_with("PATH=")) variable_of_the_caller = *variable;
  }
  REQUIRE(variable_of_the_caller != nullptr);
  size_of_the_variable = std::string_view(variable_of_the_caller).size();
  jail = Jail::start(kParsers);
  CHECK(jail->run(first_place_of_the_variable, -1, {}) == Bytes(size_of_the_variable, 0));
}

TEST_CASE_METHOD(JailFixture, "the helper ends with its jail") {
  const int helper = jail->helper();
  jail.reset();
  CHECK(::kill(helper, 0) != 0);
}

TEST_CASE_METHOD(JailFixture, "a retired jail parses no more") {
  jail->retire();
  CHECK(failure(echo) == "failed / the parser jail is gone: its helper process has ended");
}

TEST_CASE_METHOD(JailFixture, "a parser that the jail was not started with is refused") {
  CHECK(failure(stranger) ==
        "failed / cannot parse in the jail: it was started without this parser");
}

}  // namespace
}  // namespace tsp::jail
