#include "jail/jail.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/sanitized.h"
#include "jail/environment.h"
#include "jail/helper.h"
#include "jail/helper_process.h"

namespace tsp::jail {
namespace {

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

}  // namespace

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
