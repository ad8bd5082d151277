// Original and revision, one after the other; the original goes from file to file in the kernel.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "ades/pades.h"
#include "base/error.h"

namespace tsp::ades {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 30;  // octets asked for at once

// One way of copying: like the system calls, advances `from`; 0 at the end, -1 with errno.
using Step = ssize_t (*)(int in, off_t* from, int out, std::size_t size);

ssize_t by_range(int in, off_t* from, int out, std::size_t size) {
  return ::copy_file_range(in, from, out, nullptr, size, 0);
}

ssize_t by_sendfile(int in, off_t* from, int out, std::size_t size) {
  return ::sendfile(out, in, from, size);
}

// The kernel declines for this pair of descriptors, but plainer ways may do.
bool declined(int error_number) {
  constexpr std::array kOthers{EINVAL, EXDEV, ENOSYS, EOPNOTSUPP, EBADF, EPERM, EISDIR};
  return std::ranges::find(kOthers, error_number) != kOthers.end();
}

// False when the kernel declines; *from tells how far it came.
bool copy_by(Step step, int in, off_t* from, off_t end, int out, const std::string& name) {
  while (*from < end) {
    const auto left = static_cast<std::size_t>(end - *from);
    const ssize_t moved = step(in, from, out, std::min(left, kMost));
    if (moved > 0) continue;
    if (moved == 0 || declined(errno)) return false;
    if (errno != EINTR) throw_errno(errno, "cannot write " + name);
  }
  return true;
}

void copy_plainly(int in, off_t from, off_t end, int out, const std::string& name) {
  Bytes buffer(std::size_t{256} << 10);
  while (from < end) {
    const auto left = static_cast<std::size_t>(end - from);
    const ssize_t got = ::pread(in, buffer.data(), std::min(left, buffer.size()), from);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(errno, "cannot read the original of " + name);
    if (got == 0)
      throw Error(Fault::bad_input, "cannot write " + name,
                  "the original became shorter meanwhile");
    write_all(out, ByteView(buffer).first(static_cast<std::size_t>(got)), name);
    from += got;
  }
}

}  // namespace

void write_pdf(const Fd& original, const PreparedPdf& pdf, int out, const std::string& name) {
  if (size_of(original, name) != pdf.revision.original_size)
    throw Error(Fault::bad_input, "cannot write " + name, "the original changed meanwhile");
  const auto end = static_cast<off_t>(pdf.revision.original_size);
  off_t from = 0;
  if (!copy_by(&by_range, original.get(), &from, end, out, name) &&
      !copy_by(&by_sendfile, original.get(), &from, end, out, name))
    copy_plainly(original.get(), from, end, out, name);
  write_all(out, pdf.revision.octets, name);
}

}  // namespace tsp::ades
