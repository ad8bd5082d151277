#include "base/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace tsp;
namespace fs = std::filesystem;

namespace {

Fault fault_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.fault;
  }
  FAIL("nothing was thrown");
  return Fault::failed;
}

// As a process leaves it that was killed while it replaced `folder`/out.
std::string leftover(const TemporaryFolder& folder, int number = 0) {
  return folder / (".out.tsp-new-" + std::to_string(number));
}

// The names made in a folder while `act` runs.
std::vector<std::string> names_made(const std::string& folder, const std::function<void()>& act) {
  const Fd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  REQUIRE(::inotify_add_watch(watch.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO) >= 0);
  act();
  alignas(inotify_event) std::array<char, 4096> events{};
  const ssize_t got = ::read(watch.get(), events.data(), events.size());
  std::vector<std::string> names;
  for (ssize_t at = 0; at < got;) {
    const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
    names.emplace_back(event->name);
    at += static_cast<ssize_t>(sizeof *event + event->len);
  }
  return names;
}

// A process that replaces a file, over and over, until it is killed.
pid_t start_replacing(const std::string& path) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  try {
    while (true) write_file(path, as_bytes("whole"), Existing::replace);
  } catch (...) {
    ::_exit(1);
  }
}

std::size_t names_in(const std::string& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

}  // namespace

TEST_CASE("an output file that is not kept leaves nothing") {
  const TemporaryFolder folder;
  {
    OutputFile file(folder / "out", Existing::refuse);
    file.write(as_bytes("half"));
    CHECK(names_in(folder.path()) == 0);
  }
  CHECK(names_in(folder.path()) == 0);
}

TEST_CASE("an output file that is kept is whole and alone") {
  const TemporaryFolder folder;
  write_file(folder / "out", as_bytes("whole"), Existing::refuse, 0600);
  CHECK(as_text(read_file(folder / "out", 100)) == "whole");
  CHECK(names_in(folder.path()) == 1);
  struct stat info {};
  REQUIRE(::stat((folder / "out").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("an existing file is replaced only when asked") {
  const TemporaryFolder folder;
  write_file(folder / "out", as_bytes("old"), Existing::refuse);
  CHECK(fault_of([&] { write_file(folder / "out", as_bytes("new"), Existing::refuse); }) ==
        Fault::already_exists);
  CHECK(as_text(read_file(folder / "out", 100)) == "old");
  write_file(folder / "out", as_bytes("new"), Existing::replace);
  CHECK(as_text(read_file(folder / "out", 100)) == "new");
  CHECK(names_in(folder.path()) == 1);
}

TEST_CASE("a file that replaces none never has another name") {
  const TemporaryFolder folder;
  CHECK(names_made(folder.path(), [&] {
          write_file(folder / "out", as_bytes("new"), Existing::replace);
        }) == std::vector<std::string>{"out"});
}

TEST_CASE("what a killed writer left goes with the next output file of that name") {
  const Existing existing = GENERATE(Existing::refuse, Existing::keep, Existing::replace);
  const TemporaryFolder folder;
  for (int number = 0; number < 10; ++number)
    write_file(leftover(folder, number), as_bytes("left"), Existing::refuse);
  OutputFile file(folder / "out", existing);
  CHECK(names_in(folder.path()) == 0);
}

TEST_CASE("what a killed writer left of another name stays") {
  const TemporaryFolder folder;
  write_file(leftover(folder), as_bytes("left"), Existing::refuse);
  write_file(folder / "outer", as_bytes("new"), Existing::replace);
  CHECK(exists(leftover(folder)));
}

TEST_CASE("what a living writer holds stays, and another writer does not wait for it") {
  const TemporaryFolder folder;
  write_file(folder / "out", as_bytes("old"), Existing::refuse);
  const FileLock held(leftover(folder), 0);
  write_file(folder / "out", as_bytes("new"), Existing::replace);
  CHECK(as_text(read_file(folder / "out", 100)) == "new");
  CHECK(exists(leftover(folder)));
  CHECK(names_in(folder.path()) == 2);
}

TEST_CASE("what is no file of a writer's stays in the way and harms nothing") {
  const TemporaryFolder folder;
  write_file(folder / "out", as_bytes("old"), Existing::refuse);
  write_file(folder / "other", as_bytes("precious"), Existing::refuse);
  fs::create_symlink("other", leftover(folder, 0));
  fs::create_directory(leftover(folder, 1));
  REQUIRE(::mkfifo(leftover(folder, 2).c_str(), 0600) == 0);
  for (int number = 3; number < 10; ++number)
    fs::create_symlink("absent", leftover(folder, number));
  write_file(folder / "out", as_bytes("new"), Existing::replace);
  CHECK(as_text(read_file(folder / "out", 100)) == "new");
  CHECK(as_text(read_file(folder / "other", 100)) == "precious");
  CHECK(names_in(folder.path()) == 12);
}

TEST_CASE("a file with the longest of names is replaced") {
  const TemporaryFolder folder;
  const std::string path = folder / std::string(NAME_MAX, 'n');
  write_file(path, as_bytes("old"), Existing::replace);
  write_file(path, as_bytes("new"), Existing::replace);
  CHECK(as_text(read_file(path, 100)) == "new");
  CHECK(names_in(folder.path()) == 1);
}

TEST_CASE("writers of one file at once each write it whole and leave nothing") {
  const TemporaryFolder folder;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> writers;
  for (char letter = 'a'; letter < 'a' + 16; ++letter)
    writers.emplace_back([&, text = std::string(100'000, letter)] {
      try {
        for (int i = 0; i < 20; ++i) write_file(folder / "out", as_bytes(text), Existing::replace);
      } catch (const Error&) {
        ++failed;
      }
    });
  writers.clear();
  CHECK(failed == 0);
  CHECK(names_in(folder.path()) == 1);
  const Bytes out = read_file(folder / "out", 1'000'000);
  CHECK(out == Bytes(100'000, out.at(0)));
}

TEST_CASE("writers killed at any moment leave nothing once one more has written") {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    std::array<pid_t, 4> writers{};
    for (pid_t& writer : writers) writer = start_replacing(folder / "out");
    ::usleep(5'000 + 700 * static_cast<unsigned>(round));
    for (const pid_t writer : writers) {
      REQUIRE(::kill(writer, SIGKILL) == 0);
      REQUIRE(::waitpid(writer, nullptr, 0) == writer);
    }
    write_file(folder / "out", as_bytes("whole"), Existing::replace);
    CHECK(as_text(read_file(folder / "out", 100)) == "whole");
    CHECK(names_in(folder.path()) == 1);
  }
}

TEST_CASE("a file that appears meanwhile is not overwritten") {
  const TemporaryFolder folder;
  OutputFile late(folder / "out", Existing::refuse);
  late.write(as_bytes("late"));
  write_file(folder / "out", as_bytes("first"), Existing::refuse);
  CHECK(fault_of([&] { late.keep(); }) == Fault::already_exists);
  CHECK(as_text(read_file(folder / "out", 100)) == "first");
}

TEST_CASE("a full device is a failure of the output and stays a device") {
  OutputFile full("/dev/full", Existing::replace);
  CHECK(fault_of([&] { full.write(as_bytes("x")); }) == Fault::output_failed);
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("what is no regular file is refused for reading") {
  const TemporaryFolder folder;
  CHECK(fault_of([&] { open_for_reading(folder.path()); }) == Fault::bad_input);
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(fault_of([&] { open_for_reading(folder / "fifo"); }) == Fault::bad_input);
  CHECK(fault_of([&] { open_for_reading(folder / "absent"); }) == Fault::not_found);
}

TEST_CASE("a limit of reading is a limit") {
  const TemporaryFolder folder;
  write_file(folder / "ten", as_bytes("0123456789"), Existing::refuse);
  CHECK(read_file(folder / "ten", 10).size() == 10);
  CHECK(fault_of([&] { read_file(folder / "ten", 9); }) == Fault::bad_input);
}

TEST_CASE("a signal asks whether to go on reading from a pipe") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Fd out(ends[0]), in(ends[1]);
  struct sigaction quiet {};
  struct sigaction before {};
  quiet.sa_handler = [](int) {};
  ::sigaction(SIGALRM, &quiet, &before);
  ::ualarm(20'000, 20'000);
  int asked = 0;
  const auto stop = [&] {
    if (++asked == 3) throw Error(Fault::interrupted, "enough");
  };
  CHECK(fault_of([&] { read_all(out.get(), 10, "the pipe", stop); }) == Fault::interrupted);
  ::ualarm(0, 0);
  ::sigaction(SIGALRM, &before, nullptr);
}

TEST_CASE("a lock keeps the second one out") {
  const TemporaryFolder folder;
  const FileLock first(folder / "lock", 0);
  CHECK(fault_of([&] { FileLock second(folder / "lock", 10); }) == Fault::busy);
}
