// A parser at work, as its caller sees it.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/error.h"
#include "jail/helper_process.h"
#include "jail/jail.h"
#include "jail/wire.h"

namespace tsp::jail {

void throw_gone() {
  throw Error(Fault::failed, "the parser jail is gone", "its helper process has ended",
              "nothing was changed; run the command again");
}

namespace {

using Steady = std::chrono::steady_clock;

// Takes what lies ready in the socket. False at its end.
bool take_ready(int channel, Bytes& reply, std::size_t most) {
  std::array<std::uint8_t, 65536> piece;
  while (true) {
    const ssize_t got = ::recv(channel, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    append(reply, ByteView(piece).first(static_cast<std::size_t>(got)));
    if (reply.size() > most)
      throw Error(Fault::bad_input, kStopped, "its result is larger than allowed");
  }
}

// Everything the child writes until its end is told by `status`. Does not wait for the channel's
// end of file: a process forked meanwhile by another thread may keep it open. `patience` tells for
// how many milliseconds more, as poll() wants it, and acts once it is over.
Bytes receive_reply(int channel, int status, std::size_t most,
                    const std::function<int()>& patience) {
  Bytes reply;
  std::array<pollfd, 2> watched{pollfd{channel, POLLIN, 0}, pollfd{status, POLLIN, 0}};
  while (watched[1].revents == 0) {
    if (::poll(watched.data(), watched.size(), patience()) < 0 && errno != EINTR) throw_gone();
    if (watched[0].revents != 0 && !take_ready(channel, reply, most)) watched[0].fd = -1;
  }
  if (watched[0].fd >= 0) (void)take_ready(channel, reply, most);
  return reply;
}

std::string why_it_ended(const wire::Ending& ending, const Limits& limits) {
  if (ending.timed_out) return fmt::format("it took longer than {} seconds", limits.wall_seconds);
  if (!WIFSIGNALED(ending.wait_status)) return "it ended without an answer";
  switch (const int signal = WTERMSIG(ending.wait_status)) {
    case SIGXCPU:
      return fmt::format("it took more than {} seconds of processor time", limits.cpu_seconds);
    case SIGSYS:
      return "it tried to do what no parser may do";
    default:
      return fmt::format("it crashed (signal {})", signal);
  }
}

Steady::time_point end_of(const Limits& limits) {
  return Steady::now() + std::chrono::seconds(limits.wall_seconds);
}

int left_until(Steady::time_point end) {  // milliseconds, as poll() wants them
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

// False where time is up. What the other side no longer takes is told by its ending.
bool send_before(int channel, ByteView octets, Steady::time_point end) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(channel, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      octets = octets.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return true;
    pollfd room{channel, POLLOUT, 0};
    const int left = left_until(end);
    if (left == 0) return false;
    (void)::poll(&room, 1, left);
  }
  return true;
}

// A helper that ended by itself without a word never began.
wire::Ending seen_ending(HelperProcess& helper, bool timed_out, const Bytes& reply) {
  const std::optional<int> status = helper.wait();
  if (!status || (*status == 0 && reply.empty())) throw_gone();
  return {*status, timed_out};
}

wire::Ending told_ending(int status) {
  Bytes octets(wire::kEndingSize);
  if (!wire::receive_whole(status, octets)) throw_gone();
  const auto ending = wire::decode_ending(octets);
  if (!ending) throw_gone();
  return *ending;
}

}  // namespace

Run::Run(Fd channel, Fd status, const Limits& limits, std::shared_ptr<HelperProcess> itself)
    : channel_(std::move(channel)),
      status_(std::move(status)),
      limits_(limits),
      itself_(std::move(itself)) {}

// A child that died before it read everything tells why by its ending.
void Run::tell(ByteView part) {
  Bytes message;
  message.reserve(part.size() + 4);
  append_u32(message, static_cast<std::uint32_t>(part.size()));
  append(message, part);
  if (!itself_)
    (void)wire::send_whole(channel_.get(), message);
  else if (!send_before(channel_.get(), message, end_of(limits_)))
    stop_late();
}

// Nobody else looks at the clock where the helper itself is the parser's process.
void Run::stop_late() {
  timed_out_ = true;
  itself_->kill();
}

Bytes Run::answer() {
  const auto end = end_of(limits_);
  const auto patience = [&]() -> int {
    if (!itself_ || timed_out_) return -1;
    if (const int left = left_until(end); left > 0) return left;
    stop_late();
    return -1;
  };
  const Bytes reply = receive_reply(channel_.get(), itself_ ? itself_->ended() : status_.get(),
                                    limits_.result + wire::kOverhead, patience);
  const wire::Ending ending =
      itself_ ? seen_ending(*itself_, timed_out_, reply) : told_ending(status_.get());
  if (ending.wait_status != 0 || ending.timed_out)
    throw Error(Fault::bad_input, kStopped, why_it_ended(ending, limits_));
  return wire::decode_reply(reply, limits_.result);
}

}  // namespace tsp::jail
