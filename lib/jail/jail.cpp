#include "jail/jail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/sanitized.h"
#include "jail/environment.h"
#include "jail/helper.h"
#include "jail/wire.h"

namespace tsp::jail {

// The helper as its caller sees it. The jail and a run that has the helper itself share it.
class HelperProcess {
 public:
  explicit HelperProcess(pid_t pid) : pid_(pid) {}
  pid_t pid() const { return pid_; }
  // Its wait status, once it has ended; nothing where somebody else was told.
  std::optional<int> wait() {
    const std::lock_guard lock(guard_);
    while (!waited_) {
      int status = 0;
      const pid_t got = ::waitpid(pid_, &status, 0);
      if (got < 0 && errno == EINTR) continue;
      waited_ = true;
      if (got == pid_) status_ = status;
    }
    return status_;
  }

  // From here on it can be watched and killed, whoever has its number then. False where the kernel
  // or a filter knows no pidfd.
  bool watch() {
    ended_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return static_cast<bool>(ended_);
  }
  int ended() const { return ended_.get(); }  // readable once it has ended; -1 before watch()
  void kill() const {
    if (ended_) ::syscall(SYS_pidfd_send_signal, ended_.get(), SIGKILL, nullptr, 0);
  }

 private:
  const pid_t pid_;
  Fd ended_;
  std::mutex guard_;
  bool waited_ = false;
  std::optional<int> status_;
};

namespace {

using Steady = std::chrono::steady_clock;

constexpr int kControlFd = 3;

std::pair<Fd, Fd> socket_pair(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw_errno(errno, "cannot talk to the parser jail");
  return {Fd(ends[0]), Fd(ends[1])};
}

// Keeps nothing of the caller but memory: no environment, no terminal, no pipe that somebody waits
// on, no file.
[[noreturn]] void be_helper(int control, int parent, const std::vector<Parser>& parsers,
                            const Limits& limits, void (*get_ready)()) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  forget_environment();
  ::prctl(PR_SET_NAME, "tsp-jail");
  ::prctl(PR_SET_DUMPABLE, 0);
  for (const int ignored : {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGPIPE})
    ::signal(ignored, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  if (!kSanitized)  // a handler of the caller's would hide how a child died
    for (const int deadly : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU, SIGSYS})
      ::signal(deadly, SIG_DFL);
  if (control != kControlFd) ::dup2(control, kControlFd);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < (kSanitized ? 2 : 3); ++fd) ::dup2(nowhere, fd);
  ::close_range(kControlFd + 1, ~0U, 0);
  try {
    if (get_ready != nullptr) get_ready();
  } catch (...) {
  }
  serve(kControlFd, parsers, limits);
}

bool send_order(int control, const Order& order, const std::vector<int>& fds) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> ancillary{};
  Order copy = order;
  iovec part{&copy, sizeof copy};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.data();
  message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
  ssize_t sent = -1;
  do sent = ::sendmsg(control, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof copy);
}

[[noreturn]] void throw_gone() {
  throw Error(Fault::failed, "the parser jail is gone", "its helper process has ended",
              "nothing was changed; run the command again");
}

// Takes what lies ready in the socket. False at its end.
bool take_ready(int channel, Bytes& reply, std::size_t most) {
  std::array<std::uint8_t, 65536> piece;
  while (true) {
    const ssize_t got = ::recv(channel, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    append(reply, ByteView(piece).first(static_cast<std::size_t>(got)));
    if (reply.size() > most)
      throw Error(Fault::bad_input, kStopped, "its result is larger than allowed");
  }
}

// Everything the child writes until its end is told by `status`. Does not wait for the channel's
// end of file: a process forked meanwhile by another thread may keep it open. `patience` tells for
// how many milliseconds more, as poll() wants it, and acts once it is over.
Bytes receive_reply(int channel, int status, std::size_t most,
                    const std::function<int()>& patience) {
  Bytes reply;
  std::array<pollfd, 2> watched{pollfd{channel, POLLIN, 0}, pollfd{status, POLLIN, 0}};
  while (watched[1].revents == 0) {
    if (::poll(watched.data(), watched.size(), patience()) < 0 && errno != EINTR) throw_gone();
    if (watched[0].revents != 0 && !take_ready(channel, reply, most)) watched[0].fd = -1;
  }
  if (watched[0].fd >= 0) (void)take_ready(channel, reply, most);
  return reply;
}

std::string why_it_ended(const wire::Ending& ending, const Limits& limits) {
  if (ending.timed_out) return fmt::format("it took longer than {} seconds", limits.wall_seconds);
  if (!WIFSIGNALED(ending.wait_status)) return "it ended without an answer";
  switch (const int signal = WTERMSIG(ending.wait_status)) {
    case SIGXCPU:
      return fmt::format("it took more than {} seconds of processor time", limits.cpu_seconds);
    case SIGSYS:
      return "it tried to do what no parser may do";
    default:
      return fmt::format("it crashed (signal {})", signal);
  }
}

Steady::time_point end_of(const Limits& limits) {
  return Steady::now() + std::chrono::seconds(limits.wall_seconds);
}

int left_until(Steady::time_point end) {  // milliseconds, as poll() wants them
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

// False where time is up. What the other side no longer takes is told by its ending.
bool send_before(int channel, ByteView octets, Steady::time_point end) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(channel, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      octets = octets.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return true;
    pollfd room{channel, POLLOUT, 0};
    const int left = left_until(end);
    if (left == 0) return false;
    (void)::poll(&room, 1, left);
  }
  return true;
}

// A helper that ended by itself without a word never began.
wire::Ending seen_ending(HelperProcess& helper, bool timed_out, const Bytes& reply) {
  const std::optional<int> status = helper.wait();
  if (!status || (*status == 0 && reply.empty())) throw_gone();
  return {*status, timed_out};
}

wire::Ending told_ending(int status) {
  Bytes octets(wire::kEndingSize);
  if (!wire::receive_whole(status, octets)) throw_gone();
  const auto ending = wire::decode_ending(octets);
  if (!ending) throw_gone();
  return *ending;
}

}  // namespace

Run::Run(Fd channel, Fd status, const Limits& limits, std::shared_ptr<HelperProcess> itself)
    : channel_(std::move(channel)),
      status_(std::move(status)),
      limits_(limits),
      itself_(std::move(itself)) {}

// A child that died before it read everything tells why by its ending.
void Run::tell(ByteView part) {
  Bytes message;
  message.reserve(part.size() + 4);
  append_u32(message, static_cast<std::uint32_t>(part.size()));
  append(message, part);
  if (!itself_)
    (void)wire::send_whole(channel_.get(), message);
  else if (!send_before(channel_.get(), message, end_of(limits_)))
    stop_late();
}

// Nobody else looks at the clock where the helper itself is the parser's process.
void Run::stop_late() {
  timed_out_ = true;
  itself_->kill();
}

Bytes Run::answer() {
  const auto end = end_of(limits_);
  const auto patience = [&]() -> int {
    if (!itself_ || timed_out_) return -1;
    if (const int left = left_until(end); left > 0) return left;
    stop_late();
    return -1;
  };
  const Bytes reply = receive_reply(channel_.get(), itself_ ? itself_->ended() : status_.get(),
                                    limits_.result + wire::kOverhead, patience);
  const wire::Ending ending =
      itself_ ? seen_ending(*itself_, timed_out_, reply) : told_ending(status_.get());
  if (ending.wait_status != 0 || ending.timed_out)
    throw Error(Fault::bad_input, kStopped, why_it_ended(ending, limits_));
  return wire::decode_reply(reply, limits_.result);
}

struct Jail::State {
  std::vector<Parser> parsers;
  Limits limits;
  Fd control;
  std::shared_ptr<HelperProcess> helper;
  bool given_over = false;  // to the last parse
};

Jail::Jail(std::unique_ptr<State> state) : state_(std::move(state)) {}

Jail::~Jail() {
  state_->control.close();
  if (state_->given_over) state_->helper->kill();  // nobody else stops what runs there
  state_->helper->wait();
}

std::unique_ptr<Jail> Jail::start(std::vector<Parser> parsers, const Limits& limits,
                                  void (*get_ready)()) {
  auto state = std::make_unique<State>();
  state->parsers = std::move(parsers);
  state->limits = limits;
  auto [ours, theirs] = socket_pair(SOCK_SEQPACKET);
  const int parent = ::getpid();
  const pid_t helper = ::fork();
  if (helper < 0) throw_errno(errno, "cannot start the parser jail");
  if (helper == 0) be_helper(theirs.get(), parent, state->parsers, limits, get_ready);
  state->helper = std::make_shared<HelperProcess>(helper);
  state->control = std::move(ours);
  return std::unique_ptr<Jail>(new Jail(std::move(state)));
}

Bytes Jail::run(Parser parser, int file, ByteView request) {
  const auto place = std::find(state_->parsers.begin(), state_->parsers.end(), parser);
  if (place == state_->parsers.end())
    throw Error(Fault::failed, "cannot parse in the jail", "it was started without this parser");
  return run(static_cast<std::size_t>(place - state_->parsers.begin()), file, request);
}

Bytes Jail::run(std::size_t place, int file, ByteView request) {
  return begin(place, file, request).answer();
}

Run Jail::begin(std::size_t place, int file, ByteView request) {
  check_place(place);
  auto [channel, child_channel] = socket_pair(SOCK_STREAM);
  auto [status, helper_status] = socket_pair(SOCK_STREAM);
  std::vector<int> fds{child_channel.get(), helper_status.get()};
  if (file >= 0) fds.push_back(file);
  const Order order{static_cast<std::uint32_t>(place), file >= 0, 0};
  if (!send_order(state_->control.get(), order, fds)) throw_gone();
  Run run(std::move(channel), std::move(status), state_->limits);
  child_channel.close();
  helper_status.close();
  run.tell(request);
  return run;
}

Run Jail::begin_last(std::size_t place, int file, ByteView request) {
  check_place(place);
  if (!state_->helper->watch()) return begin(place, file, request);
  auto [channel, child_channel] = socket_pair(SOCK_STREAM);
  std::vector<int> fds{child_channel.get()};
  if (file >= 0) fds.push_back(file);
  if (!send_order(state_->control.get(), {static_cast<std::uint32_t>(place), file >= 0, 1}, fds))
    throw_gone();
  state_->given_over = true;
  retire();
  Run run(std::move(channel), Fd(), state_->limits, state_->helper);
  child_channel.close();
  run.tell(request);
  return run;
}

void Jail::check_place(std::size_t place) const {
  if (place >= state_->parsers.size())
    throw Error(Fault::failed, "cannot parse in the jail", "it was started without this parser");
}

void Jail::retire() {
  state_->control.close();
}

int Jail::helper() const {
  return state_->helper->pid();
}

}  // namespace tsp::jail
