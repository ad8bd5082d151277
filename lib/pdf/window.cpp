#include "pdf/window.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tsp::pdf {

std::size_t read_at(int file, std::uint64_t offset, std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Window::Window(int file, std::uint64_t end, std::string_view tail) : file_(file), octets_(tail) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  of_file_ = std::min(end, size < 0 ? 0 : static_cast<std::uint64_t>(size));
  size_ = of_file_ + tail.size();
}

Window::Window(std::string_view octets) : octets_(octets), size_(octets.size()) {}

std::size_t Window::read(std::uint64_t offset, std::span<std::uint8_t> into) const {
  std::size_t done = 0;
  if (offset < of_file_) {
    const auto wanted = std::min<std::uint64_t>(into.size(), of_file_ - offset);
    done = read_at(file_, offset, into.first(static_cast<std::size_t>(wanted)));
    if (done < wanted) return done;
  }
  const std::uint64_t from = offset + done - of_file_;
  const std::string_view rest = octets_.substr(std::min<std::uint64_t>(from, octets_.size()));
  const std::size_t many = std::min(rest.size(), into.size() - done);
  std::copy_n(rest.begin(), many, into.begin() + static_cast<std::ptrdiff_t>(done));
  return done + many;
}

int Window::fetch(std::uint64_t offset) {
  if (offset >= size_) return -1;
  // Readers mostly go forward; a little is kept behind for those that look back.
  begin_ = offset < 512 ? 0 : offset - 512;
  held_ = 0;
  held_ = std::min<std::uint64_t>(read(begin_, piece_), size_ - begin_);
  return offset - begin_ < held_ ? piece_[offset - begin_] : -1;
}

bool Window::matches(std::uint64_t offset, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (at(offset + i) != static_cast<unsigned char>(text[i])) return false;
  return true;
}

std::string Window::text(std::uint64_t begin, std::uint64_t size) {
  if (begin >= size_) return {};
  std::string out(std::min(size, size_ - begin), '\0');
  out.resize(read(begin, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()}));
  return out;
}

std::optional<std::uint64_t> Window::find(std::string_view text, std::uint64_t begin,
                                          std::uint64_t end) {
  end = std::min(end, size_);
  for (std::uint64_t i = begin; i + text.size() <= end; ++i)
    if (at(i) == static_cast<unsigned char>(text[0]) && matches(i, text)) return i;
  return std::nullopt;
}

std::optional<std::uint64_t> Window::find_last(std::string_view text, std::uint64_t begin,
                                               std::uint64_t end) {
  std::optional<std::uint64_t> last;
  while (const auto found = find(text, begin, end)) {
    last = found;
    begin = *found + 1;
  }
  return last;
}

}  // namespace tsp::pdf
