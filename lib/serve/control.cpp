#include "serve/control.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace tsp::serve {
namespace {

struct ControlOctets {
  std::uint8_t notice, kind, unused[2];
  std::uint32_t slot;
  std::int32_t pid;
};

std::pair<Fd, Fd> pair_of(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
    throw_errno(errno, "cannot make a pair of sockets");
  return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

std::pair<Fd, Fd> control_pair() {
  return pair_of(SOCK_SEQPACKET);
}

std::pair<Fd, Fd> channel_pair() {
  return pair_of(SOCK_STREAM);
}

void send_control(int fd, const Control& control) {
  ControlOctets octets{static_cast<std::uint8_t>(control.notice),
                       static_cast<std::uint8_t>(control.kind),
                       {},
                       control.slot,
                       control.pid};
  iovec part{&octets, sizeof octets};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (control.channel) {
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int channel = control.channel.get();
    std::memcpy(CMSG_DATA(header), &channel, sizeof channel);
  }
  while (::sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) throw Error(Fault::output_failed, "the other process is gone");
}

std::optional<Control> receive_control(int fd) {
  ControlOctets octets{};
  iovec part{&octets, sizeof octets};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  ssize_t got = -1;
  while ((got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) < 0)
    if (errno != EINTR) return std::nullopt;
  if (got != sizeof octets || octets.notice > static_cast<std::uint8_t>(Notice::hung) ||
      octets.kind > static_cast<std::uint8_t>(Kind::pki))
    return std::nullopt;
  Control control{static_cast<Notice>(octets.notice), octets.slot, static_cast<Kind>(octets.kind),
                  octets.pid};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int channel = -1;
    std::memcpy(&channel, CMSG_DATA(header), sizeof channel);
    control.channel = Fd(channel);
  }
  return control;
}

}  // namespace tsp::serve
