#include "jail/wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "jail/jail.h"

namespace tsp::jail::wire {
namespace {

void append_text(Bytes& to, const std::string& text) {
  append_field(to, as_bytes(std::string_view(text).substr(0, kTextLimit)));
}

Bytes framed(std::uint8_t kind, ByteView payload) {
  Bytes out;
  out.reserve(5 + payload.size());
  append_u32(out, static_cast<std::uint32_t>(1 + payload.size()));
  out.push_back(kind);
  append(out, payload);
  return out;
}

[[noreturn]] void refuse_reply(const std::string& why) {
  throw Error(Fault::bad_input, kStopped, why);
}

std::optional<Fault> fault_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(kLastFault); ++i)
    if (const auto fault = static_cast<Fault>(i); fault_row(fault).name == name) return fault;
  return std::nullopt;
}

[[noreturn]] void throw_sent(ByteView payload) {
  ByteReader reader(payload);
  std::array<ByteView, 4> fields;
  for (ByteView& field : fields) {
    const auto read = reader.field();
    if (!read || read->size() > kTextLimit) refuse_reply("its error report is malformed");
    field = *read;
  }
  const auto fault = fault_named(as_text(fields[0]));
  if (!fault || !reader.done()) refuse_reply("its error report is malformed");
  throw Error(*fault, printable(as_text(fields[1])), printable(as_text(fields[2])),
              printable(as_text(fields[3])));
}

}  // namespace

Bytes encode_result(ByteView result) {
  return framed(kResult, result);
}

Bytes encode_error(const Error& error) {
  Bytes payload;
  append_field(payload, as_bytes(fault_row(error.fault).name));
  append_text(payload, error.failed);
  append_text(payload, error.why);
  append_text(payload, error.next);
  return framed(kError, payload);
}

Bytes decode_reply(ByteView reply, std::size_t limit) {
  ByteReader reader(reply);
  const auto body = reader.field();
  if (!body || !reader.done() || body->empty()) refuse_reply("its reply is malformed");
  const ByteView payload = body->subspan(1);
  if (body->front() == kError) throw_sent(payload);
  if (body->front() != kResult) refuse_reply("its reply is malformed");
  if (payload.size() > limit) refuse_reply("its result is larger than allowed");
  return to_bytes(payload);
}

Bytes encode_ending(const Ending& ending) {
  Bytes out;
  append_u32(out, static_cast<std::uint32_t>(ending.wait_status));
  out.push_back(ending.timed_out ? 1 : 0);
  return out;
}

std::optional<Ending> decode_ending(ByteView octets) {
  ByteReader reader(octets);
  const auto status = reader.u32();
  const auto timed_out = reader.u8();
  if (!reader.done()) return std::nullopt;
  return Ending{static_cast<int>(*status), *timed_out == 1};
}

bool send_whole(int socket, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_whole(int socket, std::span<std::uint8_t> octets) {
  while (!octets.empty()) {
    const ssize_t got = ::read(socket, octets.data(), octets.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace tsp::jail::wire
