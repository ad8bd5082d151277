#include "serve/message.h"

#include <array>

#include "base/json.h"
#include "ops/error_json.h"

namespace tsp::serve {
namespace {

constexpr std::uint8_t kRequest = 1, kAnswer = 2;
constexpr std::int64_t kNone = -1;

constexpr std::array<std::pair<Kind, std::string_view>, 3> kNames{
    {{Kind::approvals, "approvals"}, {Kind::signatures, "signatures"}, {Kind::pki, "pki"}}};

void append_i64(Bytes& to, std::int64_t value) {
  append_u64(to, static_cast<std::uint64_t>(value));
}

[[noreturn]] void no_message() {
  throw Error(Fault::bad_input, "what came through the channel is no message");
}

template <class Value>
Value need(std::optional<Value> value) {
  if (!value) no_message();
  return *value;
}

std::string text_field(ByteReader& reader) {
  return std::string(as_text(need(reader.field())));
}

// The length in front, once the rest is there.
void close_frame(Bytes& frame) {
  const auto size = static_cast<std::uint32_t>(frame.size() - 4);
  for (int at = 0; at < 4; ++at)
    frame[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(size >> (24 - 8 * at));
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kNames.at(static_cast<std::size_t>(kind)).second;
}

Secret encode(const Request& request) {
  const std::size_t size = 256 + request.body.size() + request.asker.name.size() +
                           request.asker.api_key_sha256.size() + request.verb.size();
  Bytes frame;
  frame.reserve(size);  // never moved, so that no copy of a secret is left behind
  append_u32(frame, 0);
  frame.push_back(kRequest);
  append_u64(frame, request.id);
  append_i64(frame, request.deadline.time_since_epoch().count());
  append_field(frame, as_bytes(request.asker.name));
  append_u32(frame, request.asker.roles.bits());
  append_field(frame, as_bytes(request.asker.api_key_sha256));
  append_field(frame, as_bytes(request.verb));
  append_field(frame, request.body);
  close_frame(frame);
  return Secret(std::move(frame));
}

bool is_request(ByteView frame) {
  return !frame.empty() && frame[0] == kRequest;
}

Request decode_request(ByteView frame) {
  ByteReader reader(frame);
  if (reader.u8() != kRequest) no_message();
  Request out;
  out.id = need(reader.u64());
  out.deadline = std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(
      static_cast<std::chrono::steady_clock::rep>(need(reader.u64()))));
  out.asker.name = text_field(reader);
  out.asker.roles = ops::Roles::from_bits(need(reader.u32()));
  out.asker.api_key_sha256 = text_field(reader);
  out.verb = text_field(reader);
  out.body = to_bytes(need(reader.field()));
  if (!reader.done()) no_message();
  return out;
}

Bytes encode(const Answer& answer) {
  Bytes frame;
  frame.reserve(128 + answer.body.size());
  append_u32(frame, 0);
  frame.push_back(kAnswer);
  append_u64(frame, answer.id);
  append_u32(frame, static_cast<std::uint32_t>(answer.status));
  append_field(frame, as_bytes(answer.type));
  append_field(frame, answer.body);
  append_i64(frame, answer.max_age.value_or(kNone));
  append_i64(frame, answer.last_modified.value_or(kNone));
  append_i64(frame, answer.fault ? static_cast<std::int64_t>(*answer.fault) : kNone);
  append_field(frame, as_bytes(answer.detail));
  append_field(frame, as_bytes(answer.tag));
  frame.push_back(answer.shared ? 1 : 0);
  close_frame(frame);
  return frame;
}

Answer decode_answer(ByteView frame, const TakeShared& take_shared) {
  ByteReader reader(frame);
  if (reader.u8() != kAnswer) no_message();
  const auto number = [&]() -> std::optional<std::int64_t> {
    const auto value = static_cast<std::int64_t>(need(reader.u64()));
    return value == kNone ? std::nullopt : std::optional(value);
  };
  Answer out;
  out.id = need(reader.u64());
  out.status = static_cast<int>(need(reader.u32()));
  out.type = text_field(reader);
  out.body = to_bytes(need(reader.field()));
  out.max_age = number();
  out.last_modified = number();
  if (const auto fault = number()) {
    if (*fault < 0 || *fault > static_cast<std::int64_t>(kLastFault)) no_message();
    out.fault = static_cast<Fault>(*fault);
  }
  out.detail = text_field(reader);
  out.tag = text_field(reader);
  const bool shared = need(reader.u8()) != 0;
  if (!reader.done() || (shared && !take_shared)) no_message();
  if (shared) out.shared = take_shared();
  return out;
}

std::string hsm_code(const Error& error) {
  constexpr std::string_view kPrefix = "CKR_";
  constexpr std::string_view kWord = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefx0123456789_";
  if (error.fault != Fault::hsm_unavailable) return {};
  const auto begin = error.why.find(kPrefix);
  if (begin == std::string::npos) return {};
  const auto end = error.why.find_first_not_of(kWord, begin);
  return error.why.substr(begin, end == std::string::npos ? end : end - begin);
}

Answer failure(std::uint64_t id, const Error& error) {
  Answer answer;
  answer.id = id;
  answer.status = fault_row(error.fault).http_status;
  answer.body = to_bytes(as_bytes(dump(Json{{"error", ops::error_json(error)}})));
  answer.fault = error.fault;
  answer.detail = hsm_code(error);
  return answer;
}

}  // namespace tsp::serve
