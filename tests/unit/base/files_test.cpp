#include "base/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

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
