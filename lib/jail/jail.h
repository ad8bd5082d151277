// The parser jail: bytes from outside are parsed in a child process that may do nothing but
// compute.
//
// start() forks one small helper. Call it first in main, before any secret is read, any HSM opened
// or any thread started. The helper forgets its environment first of all, as secrets may be in it.
// Each run() is a child of that helper (the last may be the helper itself) with address space, CPU
// time and wall time limited, all file descriptors closed but the one to parse, and a seccomp
// filter that allows reading that descriptor, memory, and writing the result; anything else kills
// the child. A child's result comes back length-prefixed (docs/formats/jail.md) and is bytes,
// nothing more: the caller decodes it as hostile.
//
// The helper ends with the Jail, and with the thread that started it. A parser runs without files:
// what it needs from the system (a configuration, a locale, a time zone) it must not need, or load
// before start().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/files.h"

namespace tsp::jail {

struct Limits {
  std::uint64_t address_space = std::uint64_t{2} << 30;  // octets; not set under sanitizers
  unsigned cpu_seconds = 10;
  unsigned wall_seconds = 30;
  std::size_t result = std::size_t{16} << 20;  // octets
};

// Error::failed of every child that was stopped rather than answered, so that a caller can say it
// in terms of his document.
inline constexpr const char* kStopped = "the parser was stopped";

// The next part of a request that comes in several, which a parser waits for when it needs it.
// Where the caller sends none, it does not return.
using More = std::function<Bytes()>;

// A parser runs in the child. `file` is a descriptor to read from, or -1; `request` is the first
// part of what is asked. What it returns reaches the caller; an Error it throws reaches the caller
// as the same Error. It must be a plain function: the helper finds it by its place in the list
// given to start().
using Parser = Bytes (*)(int file, ByteView request, const More& more);

class HelperProcess;

// A parser at work while its caller does something else. All time limits run from its beginning,
// but of a last run the wall clock only while it is waited for. Dropped, it is told nothing more:
// it ends when it asks, at the latest at its limits or, the last, with the jail.
class Run {
 public:
  // `itself`: the helper, where it is the parser's process; `status` is then none.
  Run(Fd channel, Fd status, const Limits& limits, std::shared_ptr<HelperProcess> itself = {});
  // The request, or its next part. Returns once the child or the kernel has taken it.
  void tell(ByteView part);
  // Waits for the end; the errors of Jail::run(). Once.
  Bytes answer();
  // Whether the wall clock runs already.
  bool clock_runs() const { return !itself_; }

 private:
  Fd channel_, status_;
  Limits limits_;
  std::shared_ptr<HelperProcess> itself_;
  bool timed_out_ = false;

  void stop_late();
};

class Jail {
 public:
  // `get_ready` runs once in the helper, before its first parse and under no limit: it loads what
  // parsers need. The caller does not wait for it. What it throws is lost; the parsers will tell.
  static std::unique_ptr<Jail> start(std::vector<Parser> parsers, const Limits& limits = {},
                                     void (*get_ready)() = nullptr);
  ~Jail();  // ends the helper

  // Throws Error{bad_input} when the child was killed by a limit or a signal (the text says which),
  // Error{failed} when the helper itself is gone. Thread-safe; children run in parallel.
  Bytes run(Parser parser, int file, ByteView request);
  // The same, by the parser's place in the list.
  Bytes run(std::size_t place, int file, ByteView request);
  // The same, without waiting for more than its taking the request.
  Run begin(std::size_t place, int file, ByteView request);
  // The same for the last parse of this jail, while nothing else is parsed: the helper itself
  // becomes the confined process, which saves one. As after retire() nothing is parsed any more.
  // The wall clock runs in tell() and in answer(), each time anew; what loading the parsers took
  // counts as processor time. Where the system knows no pidfd, begin().
  Run begin_last(std::size_t place, int file, ByteView request);

  // Nothing more will be parsed: the helper goes away while the caller goes on, and the destructor
  // need not wait for it. run() is Error{failed} from now on.
  void retire();

  // Process id of the helper.
  int helper() const;

 private:
  struct State;
  explicit Jail(std::unique_ptr<State> state);
  void check_place(std::size_t place) const;
  std::unique_ptr<State> state_;
};

}  // namespace tsp::jail
