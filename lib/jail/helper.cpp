#include "jail/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>

#include "jail/confine.h"
#include "jail/wire.h"

namespace tsp::jail {
namespace {

using Steady = std::chrono::steady_clock;

struct Child {
  Fd status;
  Steady::time_point deadline;
  bool timed_out = false;
};

struct Received {
  Order order;
  Fd channel, status, file;
};

enum class Taken { order, nonsense, end };

// The descriptors of one message, in order; all are owned from here on.
std::vector<Fd> descriptors_of(msghdr& message) {
  std::vector<Fd> out;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      out.emplace_back(fd);
    }
  }
  return out;
}

Taken receive(int control, std::size_t parsers, Received& into) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> ancillary{};
  iovec part{&into.order, sizeof into.order};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.data();
  message.msg_controllen = ancillary.size();
  const ssize_t got = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EINTR || errno == EAGAIN ? Taken::nonsense : Taken::end;
  if (got == 0) return Taken::end;
  std::vector<Fd> fds = descriptors_of(message);
  const bool has_status = into.order.last == 0, has_file = into.order.has_file != 0;
  const std::size_t wanted = std::size_t{1} + (has_status ? 1 : 0) + (has_file ? 1 : 0);
  if (got != sizeof into.order || fds.size() != wanted || into.order.parser >= parsers)
    return Taken::nonsense;
  into.channel = std::move(fds.front());
  if (has_status) into.status = std::move(fds[1]);
  if (has_file) into.file = std::move(fds.back());
  return Taken::order;
}

Bytes read_request(int channel) {
  std::array<std::uint8_t, 4> prefix{};
  if (!wire::receive_whole(channel, prefix)) ::_exit(0);  // the caller changed its mind
  Bytes request(*ByteReader(prefix).u32());
  if (!wire::receive_whole(channel, request)) ::_exit(0);
  return request;
}

// Everything that a parser can throw becomes an Error. A tight memory is the document's fault: the
// limit is generous.
Bytes parse(Parser parser, int file, ByteView request, const Limits& limits) {
  try {
    const Bytes result = parser(file, request, [] { return read_request(kChannelFd); });
    if (result.size() > limits.result)
      throw Error(Fault::bad_input, kStopped, "its result is larger than allowed");
    return wire::encode_result(result);
  } catch (const Error& error) {
    return wire::encode_error(error);
  } catch (const std::bad_alloc&) {
    return wire::encode_error(Error(Fault::bad_input, kStopped, "it needs too much memory"));
  } catch (const std::exception& error) {
    return wire::encode_error(Error(Fault::bad_input, kStopped, error.what()));
  } catch (...) {
    return wire::encode_error(Error(Fault::bad_input, kStopped, "it failed without saying why"));
  }
}

[[noreturn]] void be_child(const Received& received, const std::vector<Parser>& parsers,
                           const Limits& limits, const Filter& filter, int parent) {
  // Received descriptors lie above the two that replace the helper's own.
  ::dup2(received.channel.get(), kChannelFd);
  if (received.file) ::dup2(received.file.get(), kFileFd);
  const int file = received.file ? kFileFd : -1;
  ::close_range(static_cast<unsigned>(received.file ? kFileFd : kChannelFd) + 1, ~0U, 0);
  Bytes reply;
  try {
    confine(limits, filter, parent);
    const Bytes request = read_request(kChannelFd);
    reply = parse(parsers[received.order.parser], file, request, limits);
  } catch (const Error& error) {
    reply = wire::encode_error(error);
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(wire::send_whole(kChannelFd, reply) ? 0 : 1);
}

class Helper {
 public:
  Helper(int control, const std::vector<Parser>& parsers, const Limits& limits)
      : control_(control), parsers_(parsers), limits_(limits), filter_(make_filter()) {
    sigset_t ended{};
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &ended, nullptr);
    signals_ = Fd(::signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  // False when the caller is gone.
  bool step() {
    std::array<pollfd, 2> watched{pollfd{signals_.get(), POLLIN, 0}, pollfd{control_, POLLIN, 0}};
    if (children_.size() >= kMostChildren) watched[1].events = 0;
    if (::poll(watched.data(), watched.size(), patience()) < 0 && errno != EINTR) return false;
    if (watched[0].revents != 0) reap();
    kill_late();
    if ((watched[1].revents & POLLIN) != 0) return take();
    return (watched[1].revents & (POLLHUP | POLLERR)) == 0;
  }

  void kill_all() const {
    for (const auto& [pid, child] : children_) ::kill(pid, SIGKILL);
  }

 private:
  int patience() const {
    if (children_.empty()) return -1;
    auto first = Steady::time_point::max();
    for (const auto& [pid, child] : children_)
      if (!child.timed_out) first = std::min(first, child.deadline);
    if (first == Steady::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Steady::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }

  void reap() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto child = children_.find(pid);
      if (child == children_.end()) continue;
      const Bytes ending = wire::encode_ending({status, child->second.timed_out});
      // A caller that went away does not hear it.
      (void)wire::send_whole(child->second.status.get(), ending);
      children_.erase(child);
    }
  }

  void kill_late() {
    for (auto& [pid, child] : children_) {
      if (child.timed_out || Steady::now() < child.deadline) continue;
      child.timed_out = true;
      ::kill(pid, SIGKILL);
    }
  }

  bool take() {
    Received received;
    switch (receive(control_, parsers_.size(), received)) {
      case Taken::end:
        return false;
      case Taken::nonsense:
        return true;
      case Taken::order:
        break;
    }
    if (received.order.last != 0) {
      kill_all();
      be_child(received, parsers_, limits_, filter_, ::getppid());
    }
    const int self = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) be_child(received, parsers_, limits_, filter_, self);
    if (pid > 0)  // else the status closes without a word, and the caller takes it for a failure
      children_.emplace(pid, Child{std::move(received.status),
                                   Steady::now() + std::chrono::seconds(limits_.wall_seconds)});
    return true;
  }

  int control_;
  const std::vector<Parser>& parsers_;
  const Limits& limits_;
  Filter filter_;
  Fd signals_;
  std::map<pid_t, Child> children_;
};

}  // namespace

void serve(int control, const std::vector<Parser>& parsers, const Limits& limits) {
  try {
    Helper helper(control, parsers, limits);
    while (helper.step()) {
    }
    helper.kill_all();
    ::_exit(0);
  } catch (...) {
    ::_exit(1);
  }
}

}  // namespace tsp::jail
