#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "serve/supervisor.h"

namespace tsp::serve {
namespace {

constexpr int kBacklog = 512;

}  // namespace

Fd listen_at(const std::string& path, bool open_to_all) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Error(Fault::usage, "the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw_errno(errno, "cannot make a socket");
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode))
      throw Error(Fault::already_exists, path + " is there and is no socket", "",
                  "name another place with --socket");
    ::unlink(path.c_str());
  }
  const mode_t before = ::umask(open_to_all ? 0111 : 0177);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int why = errno;
  ::umask(before);
  if (bound != 0) throw_errno(why, "cannot listen at " + path);
  if (::listen(fd.get(), kBacklog) != 0) throw_errno(errno, "cannot listen at " + path);
  return fd;
}

Fd listen_on_loopback(const std::string& text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, wrong] = std::from_chars(
      text.data() + (colon == std::string::npos ? text.size() : colon + 1), end, port);
  if (colon == std::string::npos || wrong != std::errc() || rest != end)
    throw Error(Fault::usage, "--listen " + text + " is no address", "",
                "it takes 127.0.0.1:PORT or [::1]:PORT");
  const std::string host = text.substr(0, colon);
  sockaddr_in four{};
  sockaddr_in6 six{};
  const bool is_four = ::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1;
  const bool loopback = is_four ? (ntohl(four.sin_addr.s_addr) >> 24) == 127 : host == "[::1]";
  if (!loopback)
    throw Error(Fault::policy_refused, "tsp serve does not listen on " + text,
                "it is no address of this host alone",
                "listen on 127.0.0.1 and put a web server in front");
  Fd fd(::socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw_errno(errno, "cannot make a socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  six.sin6_addr = in6addr_loopback;
  const auto* address =
      is_four ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
  const socklen_t size = is_four ? sizeof four : sizeof six;
  if (::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), kBacklog) != 0)
    throw_errno(errno, "cannot listen on " + text);
  return fd;
}

}  // namespace tsp::serve
