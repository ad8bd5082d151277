#include "serve/link.h"

#include <algorithm>
#include <cerrno>

#include "serve/channel.h"
#include "serve/worker.h"

namespace tsp::serve {
namespace {

// So long a worker may go on over a request that nobody waits for any more.
constexpr std::chrono::milliseconds kGrace{1000};

Error took_too_long() {
  return Error(Fault::busy, "it takes too long", "the HSM or the store does not answer in time",
               "what became of it is in the audit log; try again");
}

}  // namespace

Link::Link(Links& owner, asio::io_context& context, std::uint32_t slot, Kind kind, pid_t pid,
           Fd channel)
    : owner_(owner), socket_(context), slot_(slot), kind_(kind), pid_(pid), in_(kChunk) {
  socket_.assign(asio::local::stream_protocol(), channel.release());
}

void Link::begin() {
  read();
}

void Link::ask(Request request, Links::Done done) {
  waiting_.emplace(request.id, Waiting{std::move(done), request.deadline});
  out_.push_back(encode(request));
  wipe(request.body);
  if (!writing_) write();
}

void Link::write() {
  if (out_.empty() || dead_) return;
  writing_ = true;
  const ByteView next = out_.front().view();
  asio::async_write(socket_, asio::buffer(next.data(), next.size()),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      self->writing_ = false;
                      self->out_.pop_front();
                      if (error)
                        self->fail_all();
                      else
                        self->write();
                    });
}

void Link::read() {
  socket_.async_wait(asio::local::stream_protocol::socket::wait_read,
                     [self = shared_from_this()](ErrorCode error) {
                       if (error)
                         self->fail_all();
                       else
                         self->receive();
                     });
}

// What has come, with the descriptors of shared bodies.
void Link::receive() {
  if (in_.size() - used_ < kChunk) in_.resize(std::max(2 * in_.size(), used_ + kChunk));
  Fd descriptor;
  const ssize_t got =
      receive_with(socket_.native_handle(), in_.data() + used_, in_.size() - used_, descriptor);
  if (descriptor) descriptors_.push_back(std::move(descriptor));
  if (got > 0) {
    used_ += static_cast<std::size_t>(got);
    take_frames();
  } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    read();
  } else {
    fail_all();
  }
}

std::shared_ptr<const SharedBody> Link::take_shared() {
  if (descriptors_.empty()) throw Error(Fault::bad_input, "a body did not come with its frame");
  Fd next = std::move(descriptors_.front());
  descriptors_.pop_front();
  return owner_.bodies_.take(std::move(next));
}

void Link::take_frames() {
  std::size_t begin = 0;
  try {
    while (true) {
      ByteReader reader(ByteView(in_).subspan(begin, used_ - begin));
      const auto size = reader.u32();
      if (size && *size > kLargestFrame) throw Error(Fault::bad_input, "a frame is too long");
      const auto frame = size ? reader.take(*size) : std::nullopt;
      if (!frame) break;
      begin += 4 + *size;
      if (is_request(*frame))
        pass_on(decode_request(*frame));
      else
        take_answer(decode_answer(*frame, [this] { return take_shared(); }));
      if (dead_) return;
    }
  } catch (const Error&) {
    fail_all();
    return;
  }
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin),
            in_.begin() + static_cast<std::ptrdiff_t>(used_), in_.begin());
  wipe({in_.data() + used_ - begin, begin});  // approvals' secrets pass here
  used_ -= begin;
  if (used_ == 0 && in_.size() > 16 * kChunk) in_ = Bytes(kChunk);
  read();
}

void Link::take_answer(Answer answer) {
  if (answer.id == kReady) {
    ready_ = true;
    owner_.is_up(*this);
    return;
  }
  owed_.erase(answer.id);
  const auto found = waiting_.find(answer.id);
  if (found == waiting_.end()) return;
  const Links::Done done = std::move(found->second.done);
  waiting_.erase(found);
  done(std::move(answer));
}

// A signer's worker has no login that makes certificates: that is asked of the authority's.
void Link::pass_on(Request request) {
  if (kind_ == Kind::pki) throw Error(Fault::bad_input, "this worker asks nobody");
  const std::uint64_t id = request.id;
  owner_.ask(Kind::pki, std::move(request), [self = shared_from_this(), id](Answer answer) {
    answer.id = id;
    self->out_.push_back(Secret(encode(answer)));
    if (!self->writing_) self->write();
  });
}

bool Link::look_at_deadlines(std::chrono::steady_clock::time_point now) {
  std::vector<Links::Done> late;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second.deadline > now) {
      ++at;
      continue;
    }
    owed_.emplace(at->first, at->second.deadline);
    late.push_back(std::move(at->second.done));
    at = waiting_.erase(at);
  }
  for (const auto& done : late) done(failure(0, took_too_long()));
  if (told_ || !is_silent(now)) return false;
  told_ = true;
  return true;
}

// Ids rise, so that both maps are in the order in which the worker got them.
bool Link::is_silent(std::chrono::steady_clock::time_point now) const {
  auto before = waiting_.begin();
  auto longest = std::chrono::steady_clock::time_point::min();
  for (const auto& [id, deadline] : owed_) {
    for (; before != waiting_.end() && before->first < id; ++before)
      longest = std::max(longest, before->second.deadline);
    longest = std::max(longest, deadline);
    if (now - longest > kGrace) return true;
  }
  return false;
}

void Link::retire() {
  if (retired_ || dead_) return;
  retired_ = true;
  Request leave;
  leave.verb = kLeave;
  leave.asker.name = "front";
  leave.deadline = std::chrono::steady_clock::time_point::max();
  out_.push_back(encode(leave));
  if (!writing_) write();
}

void Link::fail_all() {
  if (dead_) return;
  dead_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
  std::map<std::uint64_t, Waiting> waiting;
  waiting.swap(waiting_);
  for (auto& [id, each] : waiting)
    each.done(failure(0, Error(Fault::busy, "the worker that did it is gone", "",
                               "what became of it is in the audit log; try again")));
  owner_.forget(*this);
}

}  // namespace tsp::serve
