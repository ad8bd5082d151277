// What crosses between the front and a worker: one request, one answer, by number. The front has
// read HTTP and JSON already; the worker reads these strictly all the same
// (docs/formats/worker-message.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "ops/roles.h"
#include "serve/shared_body.h"

namespace tsp::serve {

using SteadyClock = std::chrono::steady_clock;  // the kernel's, so the same in every process

// Which processes there are (docs/architecture.md): those that check factors, which Argon2 makes
// slow; those that sign; the one that has the authority's tokens.
enum class Kind : std::uint8_t { approvals, signatures, pki };
inline constexpr Kind kKinds[] = {Kind::approvals, Kind::signatures, Kind::pki};
std::string_view name_of(Kind kind);

// Who asks, as the front knows him.
struct Asker {
  std::string name;  // "uid:1000", "api:GROUP", "public"
  ops::Roles roles;
  std::string api_key_sha256;  // of the key that was shown, in hex; empty: none
};

struct Request {
  std::uint64_t id = 0;
  SteadyClock::time_point deadline{};
  Asker asker;
  std::string verb;  // "sign", "call", "ocsp": verbs.h
  Bytes body;        // JSON that the front has checked, or DER
};

inline constexpr int kNoContent = 204;  // HTTP

struct Answer {
  std::uint64_t id = 0;
  int status = 200;
  std::string type = "application/json";
  Bytes body;
  // For what relying parties may keep: how long, and when it was made (seconds since 1970).
  std::optional<std::int64_t> max_age{}, last_modified{};
  std::optional<Fault> fault{};  // why it is no answer
  std::string detail{};          // for the metrics: the HSM's code
  // In place of `body`, for what is large: its octets cross as a descriptor (shared_body.h).
  std::shared_ptr<const SharedBody> shared{};
  std::string tag{};  // of a shared body: entity_tag() of its octets, which nobody hashes twice
  // What crosses no channel, of the front's own refusals: the methods that there are (405), and how
  // to say who asks (401).
  std::string allow{}, challenge{};

  ByteView octets() const { return shared ? shared->view() : ByteView(body); }
};

// Frames: a u32 length, then that many octets. What secrets passed through wipes itself.
inline constexpr std::size_t kLargestFrame = std::size_t{24} << 20;
Secret encode(const Request& request);
Bytes encode(const Answer& answer);
// A worker asks another by way of the front: whether a frame is a request.
bool is_request(ByteView frame);
// Error{bad_input} for octets that encode() did not make.
Request decode_request(ByteView frame);
// `take_shared` is called where the body is shared, and gives what came as a descriptor.
using TakeShared = std::function<std::shared_ptr<const SharedBody>()>;
Answer decode_answer(ByteView frame, const TakeShared& take_shared = {});

// The PKCS#11 code that an error tells of (hsm/fault.h), such as CKR_DEVICE_REMOVED; empty: none.
std::string hsm_code(const Error& error);

// The JSON error object of docs/errors.md, with that code for the metrics.
Answer failure(std::uint64_t id, const Error& error);

}  // namespace tsp::serve
