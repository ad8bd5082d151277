#include "serve/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tsp::serve {
namespace {

constexpr std::size_t kPrefix = 4;

bool readable(int fd, std::chrono::milliseconds patience) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

bool Channel::read_some() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, used_ - begin_);
    wipe({buffer_.data() + used_ - begin_, begin_});
    used_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - used_ < kChunk) {
    Bytes larger(std::max(2 * buffer_.size(), used_ + kChunk));
    std::copy_n(buffer_.begin(), used_, larger.begin());
    wipe(buffer_);
    buffer_.swap(larger);
  }
  while (true) {
    const ssize_t got = ::recv(fd_.get(), buffer_.data() + used_, buffer_.size() - used_, 0);
    if (got > 0) {
      used_ += static_cast<std::size_t>(got);
      return true;
    }
    if (got == 0 || errno == ECONNRESET) return false;
    if (errno != EINTR) throw_errno(errno, "cannot read from the front");
  }
}

// One frame, if it is there whole; begin_ then stands behind it, and its octets stay until more is
// read.
std::optional<ByteView> Channel::take_frame() {
  const ByteView rest = ByteView(buffer_).subspan(begin_, used_ - begin_);
  ByteReader reader(rest);
  const auto size = reader.u32();
  if (!size) return std::nullopt;
  if (*size > kLargestFrame)
    throw Error(Fault::bad_input, "what came through the channel is too long");
  const auto frame = reader.take(*size);
  if (frame) begin_ += kPrefix + *size;
  return frame;
}

bool Channel::take_whole(std::vector<Request>& out) {
  if (!queued_.empty()) {
    out.push_back(std::move(queued_.front()));
    queued_.erase(queued_.begin());
    return true;
  }
  const auto frame = take_frame();
  if (!frame) return false;
  out.push_back(decode_request(*frame));
  wipe({buffer_.data() + begin_ - frame->size(), frame->size()});
  return true;
}

Answer Channel::ask(const Request& request) {
  const Secret frame = encode(request);
  write_all(fd_.get(), frame.view(), "the channel to the front");
  while (true) {
    while (const auto came = take_frame()) {
      if (!is_request(*came)) return decode_answer(*came);
      queued_.push_back(decode_request(*came));
    }
    if (!read_some()) throw Error(Fault::busy, "the server is going down");
  }
}

std::optional<std::vector<Request>> Channel::take(std::size_t most,
                                                  std::chrono::milliseconds patience) {
  std::vector<Request> out;
  while (out.size() < most && take_whole(out)) continue;
  while (out.size() < most &&
         readable(fd_.get(), out.empty() ? patience : std::chrono::milliseconds(0))) {
    if (!read_some()) {
      if (out.empty()) return std::nullopt;
      break;
    }
    const std::size_t before = out.size();
    while (out.size() < most && take_whole(out)) continue;
    if (out.size() == before && out.empty()) continue;  // half a frame: the rest is on its way
  }
  return out;
}

void Channel::send(const Answer& answer) {
  Bytes frame = encode(answer);
  if (frame.size() - kPrefix > kLargestFrame)
    frame = encode(failure(answer.id, Error(Fault::failed, "the answer is too large for one")));
  else if (answer.shared)
    return send_shared(frame, answer.shared->fd());
  write_all(fd_.get(), frame, "the channel to the front");
}

// The descriptor goes with the first octets.
void Channel::send_shared(ByteView frame, int descriptor) {
  ssize_t sent = -1;
  while ((sent = send_with(fd_.get(), frame, descriptor)) < 0)
    if (errno != EINTR) throw_errno(errno, "cannot write to the channel to the front");
  write_all(fd_.get(), frame.subspan(static_cast<std::size_t>(sent)), "the channel to the front");
}

}  // namespace tsp::serve
