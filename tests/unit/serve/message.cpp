// What crosses between front and workers, round and round, and what does not decode.
#include "serve/message.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/channel.h"
#include "serve/control.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;

namespace {

Request sample() {
  Request request;
  request.id = 0x0102030405060708;
  request.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(1234567890123));
  request.asker = {"uid:1000", {ops::Role::operator_, ops::Role::auditor}, std::string(64, 'a')};
  request.verb = "ocsp";
  request.body = {0x30, 0x00, 0xff};
  return request;
}

Answer sample_answer() {
  Answer answer;
  answer.id = 7;
  answer.status = 503;
  answer.type = "application/ocsp-response";
  answer.body = Bytes(1000, 0x5a);
  answer.max_age = 0;
  answer.last_modified = 1700000000;
  answer.fault = Fault::hsm_unavailable;
  answer.detail = "CKR_DEVICE_REMOVED";
  return answer;
}

constexpr std::size_t kPrefix = 4;

bool is_refused(const std::function<void()>& act) {
  try {
    act();
    return false;
  } catch (const Error& error) {
    return error.fault == Fault::bad_input;
  }
}

}  // namespace

TEST_CASE("a request comes out as it went in") {
  const Secret frame = encode(sample());
  const Request back = decode_request(frame.view().subspan(kPrefix));
  const Request sent = sample();
  CHECK(back.id == sent.id);
  CHECK(back.deadline == sent.deadline);
  CHECK(back.asker.name == sent.asker.name);
  CHECK(back.asker.roles == sent.asker.roles);
  CHECK(back.asker.api_key_sha256 == sent.asker.api_key_sha256);
  CHECK(back.verb == sent.verb);
  CHECK(back.body == sent.body);
}

TEST_CASE("an answer comes out as it went in") {
  for (const bool bare : {false, true}) {
    Answer sent = sample_answer();
    if (bare) sent.max_age = sent.last_modified = std::nullopt, sent.fault = std::nullopt;
    const Answer back = decode_answer(ByteView(encode(sent)).subspan(kPrefix));
    CHECK(back.id == sent.id);
    CHECK(back.status == sent.status);
    CHECK(back.type == sent.type);
    CHECK(back.body == sent.body);
    CHECK(back.max_age == sent.max_age);
    CHECK(back.last_modified == sent.last_modified);
    CHECK(back.fault == sent.fault);
    CHECK(back.detail == sent.detail);
  }
}

TEST_CASE("a frame that was cut, made longer or is the other kind is no message") {
  const Secret whole = encode(sample());
  const ByteView request = whole.view().subspan(kPrefix);
  for (std::size_t size = 0; size < request.size(); ++size)
    CHECK(is_refused([&] { decode_request(request.first(size)); }));
  Bytes longer = to_bytes(request);
  longer.push_back(0);
  CHECK(is_refused([&] { decode_request(longer); }));
  CHECK(is_refused([&] { decode_answer(request); }));

  const Bytes framed = encode(sample_answer());
  const ByteView answer = ByteView(framed).subspan(kPrefix);
  for (std::size_t size = 0; size < answer.size(); size += size < 64 ? 1 : 37)
    CHECK(is_refused([&] { decode_answer(answer.first(size)); }));
  CHECK(is_refused([&] { decode_request(answer); }));
}

TEST_CASE("a frame whose lengths lie asks for no memory") {
  const Secret whole = encode(sample());
  const Bytes good = to_bytes(whole.view().subspan(kPrefix));
  for (std::size_t at = 17; at + 4 <= good.size(); ++at) {
    Bytes bad = good;
    for (std::size_t k = 0; k < 4; ++k) bad[at + k] = 0xff;
    try {
      decode_request(bad);  // what is left may still be a message: of roles, or of a body
    } catch (const Error& error) {
      CHECK(error.fault == Fault::bad_input);
    }
  }
}

TEST_CASE("a fault that nobody knows is no answer") {
  Answer sent = sample_answer();
  sent.fault = static_cast<Fault>(200);
  CHECK(is_refused([&] { decode_answer(ByteView(encode(sent)).subspan(kPrefix)); }));
}

TEST_CASE("the channel takes requests that come in pieces, and no frame that is too long") {
  auto [front, worker] = channel_pair();
  Channel channel(std::move(worker));
  const Secret frame = encode(sample());
  const ByteView view = frame.view();
  std::size_t sent = 0;
  for (const std::size_t size : {std::size_t{2}, std::size_t{30}}) {
    REQUIRE(::send(front.get(), view.data() + sent, size, 0) == static_cast<ssize_t>(size));
    sent += size;
    const auto none = channel.take(8, std::chrono::milliseconds(10));
    REQUIRE(none);
    CHECK(none->empty());
  }
  REQUIRE(::send(front.get(), view.data() + sent, view.size() - sent, 0) > 0);
  REQUIRE(::send(front.get(), view.data(), view.size(), 0) > 0);
  const auto two = channel.take(8, std::chrono::milliseconds(1000));
  REQUIRE(two);
  CHECK(two->size() == 2);

  const Bytes huge{0xff, 0xff, 0xff, 0xff, 1};
  REQUIRE(::send(front.get(), huge.data(), huge.size(), 0) > 0);
  CHECK(is_refused([&] { channel.take(8, std::chrono::milliseconds(1000)); }));
}

TEST_CASE("a worker sees that the front has closed") {
  auto [front, worker] = channel_pair();
  Channel channel(std::move(worker));
  front.close();
  CHECK_FALSE(channel.take(8, std::chrono::milliseconds(1000)));
}

TEST_CASE("an error names the HSM's code for the metrics, and other errors none") {
  const Error gone(Fault::hsm_unavailable, "cannot sign",
                   "the HSM is gone (C_Sign answered CKR_DEVICE_REMOVED)");
  CHECK(hsm_code(gone) == "CKR_DEVICE_REMOVED");
  CHECK(failure(1, gone).detail == "CKR_DEVICE_REMOVED");
  CHECK(hsm_code(Error(Fault::hsm_unavailable, "x", "C_Sign answered CKR_0x80000123")) ==
        "CKR_0x80000123");
  CHECK(hsm_code(Error(Fault::hsm_unavailable, "x", "no worker is logged in")).empty());
  CHECK(hsm_code(Error(Fault::usage, "x", "CKR_DEVICE_REMOVED is no name")).empty());
}

TEST_CASE("a shared body crosses as a descriptor, and is one memory for all who read it") {
  auto [front, worker] = channel_pair();
  Channel channel(std::move(worker));
  const Bytes octets(3 << 20, 0x5a);
  Answer sent = sample_answer();
  sent.body.clear();
  sent.shared = SharedBody::of(octets);
  sent.tag = "\"abc\"";
  SharedBodies bodies;
  std::vector<std::shared_ptr<const SharedBody>> came;
  for (int i = 0; i < 3; ++i) {
    channel.send(sent);
    Bytes frame(4096);
    Fd descriptor;
    const auto got = receive_with(front.get(), frame.data(), frame.size(), descriptor);
    REQUIRE(got > 0);
    REQUIRE(descriptor);
    const Answer back =
        decode_answer(ByteView(frame).subspan(kPrefix, static_cast<std::size_t>(got) - kPrefix),
                      [&] { return bodies.take(std::move(descriptor)); });
    CHECK(back.tag == sent.tag);
    CHECK(to_bytes(back.octets()) == octets);
    came.push_back(back.shared);
  }
  CHECK(came[0] == came[1]);
  CHECK(came[0] == came[2]);
}

TEST_CASE("a shared body without its descriptor, or of what can still change, is no message") {
  Answer sent = sample_answer();
  sent.shared = SharedBody::of(Bytes(10, 1));
  const Bytes frame = encode(sent);
  CHECK(is_refused([&] { decode_answer(ByteView(frame).subspan(kPrefix)); }));
  SharedBodies bodies;
  CHECK(is_refused(
      [&] { bodies.take(Fd(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING))); }));
  CHECK(is_refused([&] { bodies.take(Fd(::dup(0))); }));
}

TEST_CASE("an answer that is too large for a frame becomes an error") {
  auto [front, worker] = channel_pair();
  Channel channel(std::move(worker));
  Answer sent = sample_answer();
  sent.body.resize(kLargestFrame);
  channel.send(sent);
  Bytes frame(4096);
  Fd none;
  const auto got = receive_with(front.get(), frame.data(), frame.size(), none);
  REQUIRE(got > 0);
  const Answer back =
      decode_answer(ByteView(frame).subspan(kPrefix, static_cast<std::size_t>(got) - kPrefix));
  CHECK(back.id == sent.id);
  CHECK(back.fault == Fault::failed);
}
