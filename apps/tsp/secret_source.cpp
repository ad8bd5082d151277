#include "secret_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/files.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLongest = 4096;

// The first line of what was read; the rest is wiped.
Secret first_line(Bytes&& all) {
  const Secret whole(std::move(all));
  const ByteView view = whole.view();
  const auto end =
      std::find_if(view.begin(), view.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
  return Secret::copy_of(view.first(static_cast<std::size_t>(end - view.begin())));
}

Secret from_file(const std::string& path, const std::string& option) {
  const Fd fd = open_for_reading(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  if (info.st_uid != ::geteuid())
    throw Error(Fault::policy_refused, option + " is refused", path + " belongs to somebody else");
  if ((info.st_mode & 077) != 0)
    throw Error(Fault::policy_refused, option + " is refused", "others may read " + path,
                "chmod 600 " + path);
  return first_line(read_all(fd.get(), kLongest, path));
}

Secret from_descriptor(const std::string& number, const std::string& option) {
  int fd = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
  if (error != std::errc() || end != number.data() + number.size() || fd < 0)
    throw Error(Fault::usage, option + " fd:" + number + " is not understood",
                "it takes the number of an open descriptor");
  if (::fcntl(fd, F_GETFD) < 0)
    throw Error(Fault::failed, option + " names a descriptor that is not open", number,
                "open it for the command, as in " + number + "<FILE, or name another source");
  return first_line(read_all(fd, kLongest, "descriptor " + number, &throw_if_interrupted));
}

Secret from_environment(const std::string& name, const std::string& option) {
  char* value = std::getenv(name.c_str());
  if (value == nullptr)
    throw Error(Fault::not_found, option + " names a variable that is not set", name,
                "export it to the command, or name another source");
  Secret secret = first_line(to_bytes(as_bytes(value)));
  ::explicit_bzero(value, std::strlen(value));
  ::unsetenv(name.c_str());
  return secret;
}

Secret from_credential(const std::string& name, const std::string& option) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr)
    throw Error(Fault::not_found,
                option + " names a credential, but CREDENTIALS_DIRECTORY is not set", name,
                "systemd sets it for units with LoadCredential=; elsewhere use file:PATH");
  if (name.empty() || name.find('/') != std::string::npos || name.starts_with('.'))
    throw Error(Fault::usage, option + " cred:" + name + " is not understood",
                "it takes the name of a file in CREDENTIALS_DIRECTORY");
  const std::string path = std::string(folder) + "/" + name;
  const Fd fd = open_for_reading(path);
  return first_line(read_all(fd.get(), kLongest, path));
}

}  // namespace

Secret read_secret(const std::string& source, const std::string& option, const std::string& prompt,
                   Terminal& terminal) {
  if (source == "prompt") return terminal.ask_secret(prompt, option + " file:PATH or fd:N");
  const auto colon = source.find(':');
  const std::string kind = source.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : source.substr(colon + 1);
  if (colon != std::string::npos && !rest.empty()) {
    if (kind == "file") return from_file(rest, option);
    if (kind == "fd") return from_descriptor(rest, option);
    if (kind == "env") return from_environment(rest, option);
    if (kind == "cred") return from_credential(rest, option);
  }
  // The value itself is not repeated: it may be the secret.
  throw Error(Fault::usage, option + " is not understood",
              "it takes prompt, fd:N, file:PATH, env:VAR or cred:NAME, never the secret itself");
}

}  // namespace tsp::app
