// Parsers that do what no parser should, and a jail that has them.
#pragma once

#include "jail/jail.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "support/catch.h"

namespace tsp::jail {

#ifdef TSP_SANITIZED
inline constexpr bool kUnderSanitizers = true;
#else
inline constexpr bool kUnderSanitizers = false;
#endif

inline Bytes echo(int, ByteView request, const More&) {
  return to_bytes(request);
}
inline Bytes first_octets_of_file(int file, ByteView, const More&) {
  Bytes out(16);
  const ssize_t got = ::pread(file, out.data(), out.size(), 0);
  out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return out;
}
inline Bytes file_number(int file, ByteView, const More&) {
  return {static_cast<std::uint8_t>(file < 0 ? 255 : file)};
}
inline Bytes loop_forever(int, ByteView, const More&) {
  volatile bool more = true;
  while (more) {
  }
  return {};
}
inline Bytes wait_forever(int, ByteView, const More&) {
  std::uint8_t octet = 0;
  while (::read(3, &octet, 1) != 0) {  // nothing more comes on the channel
  }
  return {};
}
// Sleeps in a call that is allowed, and takes nothing from the channel.
inline Bytes sleep_forever(int, ByteView, const More&) {
  std::atomic<int> never{0};
  while (never == 0) never.wait(0);
  return {};
}
inline Bytes eat_memory(int, ByteView, const More&) {
  std::vector<std::unique_ptr<std::uint8_t[]>> eaten;
  for (int i = 0; i < (1 << 20); ++i)
    eaten.emplace_back(new std::uint8_t[std::size_t{64} << 20]);  // not touched
  return {};
}
inline Bytes set_a_signal_handler(int, ByteView, const More&) {
  (void)::signal(SIGSEGV, SIG_DFL);
  return {};
}
inline Bytes read_nowhere(int, ByteView, const More&) {
  const std::uint8_t* volatile nowhere = nullptr;
  return {*nowhere};
}
inline Bytes open_file(int, ByteView, const More&) {
  return {static_cast<std::uint8_t>(::open("/etc/hostname", O_RDONLY))};
}
inline Bytes open_socket(int, ByteView, const More&) {
  return {static_cast<std::uint8_t>(::socket(AF_INET, SOCK_STREAM, 0))};
}
inline Bytes fork_again(int, ByteView, const More&) {
  return {static_cast<std::uint8_t>(::fork())};
}
inline Bytes map_executable(int, ByteView, const More&) {
  void* page =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return {static_cast<std::uint8_t>(page == MAP_FAILED)};
}
inline Bytes write_to_file(int file, ByteView, const More&) {
  return {static_cast<std::uint8_t>(::write(file, "x", 1))};
}
inline Bytes seventeen_mebibytes(int, ByteView, const More&) {
  return Bytes(std::size_t{17} << 20);
}
inline Bytes sixteen_mebibytes(int, ByteView, const More&) {
  return Bytes(std::size_t{16} << 20, 7);
}
inline Bytes forge_a_long_reply(int, ByteView, const More&) {
  const Bytes flood(1 << 20, 0xff);
  for (int i = 0; i < 40; ++i)
    if (::send(3, flood.data(), flood.size(), MSG_NOSIGNAL) < 0) break;
  return {};
}
inline Bytes forge_a_reply(int, ByteView request, const More&) {
  (void)::send(3, request.data(), request.size(), MSG_NOSIGNAL);
  ::_exit(0);
}
inline Bytes refuse(int, ByteView, const More&) {
  throw Error(Fault::policy_refused, "cannot sign", "it is \x1b[31mlocked", "ask its owner");
}
inline Bytes throw_plainly(int, ByteView, const More&) {
  throw std::runtime_error("nothing here");
}
inline Bytes leave(int, ByteView, const More&) {
  ::_exit(0);
}
inline Bytes open_descriptors(int, ByteView, const More&) {
  std::uint8_t count = 0;
  for (int fd = 0; fd < 200; ++fd)
    if (::lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF) ++count;
  return {count};
}
inline Bytes environment(int, ByteView, const More&) {
  Bytes all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::string_view(*variable).find("SAN_OPTIONS=") != std::string_view::npos) continue;
    append(all, as_bytes(*variable));
  }
  return all;
}
// A variable's text where the kernel put it, which is what /proc/PID/environ shows.
inline char* variable_of_the_caller = nullptr;
inline std::size_t size_of_the_variable = 0;
inline Bytes first_place_of_the_variable(int, ByteView, const More&) {
  return to_bytes(as_bytes(std::string_view(variable_of_the_caller, size_of_the_variable)));
}
inline Bytes stranger(int, ByteView, const More&) {
  return {};
}

// Reads its file before it waits for what to do with it.
inline Bytes file_and_more(int file, ByteView request, const More& more) {
  Bytes all = to_bytes(request);
  all.resize(all.size() + 4);
  if (::pread(file, all.data() + all.size() - 4, 4, 0) != 4) return {};
  append(all, more());
  append(all, more());
  return all;
}

inline const std::vector<Parser> kParsers{echo,
                                          file_and_more,
                                          first_octets_of_file,
                                          file_number,
                                          loop_forever,
                                          wait_forever,
                                          sleep_forever,
                                          eat_memory,
                                          set_a_signal_handler,
                                          read_nowhere,
                                          open_file,
                                          open_socket,
                                          fork_again,
                                          map_executable,
                                          write_to_file,
                                          seventeen_mebibytes,
                                          sixteen_mebibytes,
                                          forge_a_long_reply,
                                          forge_a_reply,
                                          refuse,
                                          throw_plainly,
                                          leave,
                                          open_descriptors,
                                          environment,
                                          first_place_of_the_variable};

template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(fault_row(error.fault).name) + " / " + error.what();
  }
  return "none";
}

struct JailFixture {
  std::unique_ptr<Jail> jail = Jail::start(kParsers, {.cpu_seconds = 1, .wall_seconds = 2});

  // The Error of a run, as one line.
  std::string failure(Parser parser, int file = -1, ByteView request = {}) {
    return error_of([&] { jail->run(parser, file, request); });
  }
};

}  // namespace tsp::jail
