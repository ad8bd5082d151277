#include "serve/shared_body.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace tsp::serve {
namespace {

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Fd checked(Fd fd) {
  if (::fcntl(fd.get(), F_GET_SEALS) != kSeals)
    throw Error(Fault::bad_input, "what came through the channel is no sealed body");
  return fd;
}

}  // namespace

SharedBody::SharedBody(Fd sealed) : fd_(checked(std::move(sealed))), mapped_(fd_, "a body") {}

std::shared_ptr<const SharedBody> SharedBody::of(ByteView octets) {
  Fd fd(::memfd_create("tsp-body", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) throw_errno(errno, "cannot share an answer");
  write_all(fd.get(), octets, "an answer that is shared");
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) throw_errno(errno, "cannot share an answer");
  return std::make_shared<const SharedBody>(std::move(fd));
}

std::shared_ptr<const SharedBody> SharedBodies::take(Fd sealed) {
  struct stat info {};
  if (::fstat(sealed.get(), &info) != 0) throw_errno(errno, "cannot look at a shared body");
  std::erase_if(by_inode_, [](const auto& entry) { return entry.second.expired(); });
  auto& known = by_inode_[info.st_ino];
  if (auto body = known.lock()) return body;
  auto body = std::make_shared<SharedBody>(std::move(sealed));
  body->close();
  known = body;
  return body;
}

ssize_t send_with(int socket, ByteView octets, int descriptor) {
  iovec part{const_cast<std::uint8_t*>(octets.data()), octets.size()};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t receive_with(int socket, std::uint8_t* to, std::size_t room, Fd& descriptor) {
  iovec part{to, room};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  const ssize_t got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got <= 0) return got;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int came = -1;
    std::memcpy(&came, CMSG_DATA(header), sizeof came);
    descriptor = Fd(came);
  }
  return got;
}

}  // namespace tsp::serve
