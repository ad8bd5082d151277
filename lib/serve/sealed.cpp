#include "serve/sealed.h"

#include "base/error.h"
#include "sam/factors.h"

namespace tsp::serve {
namespace {

constexpr std::string_view kKeyContext = "tsp transport key 1", kSealContext = "tsp factors 1";

}  // namespace

std::int64_t transport_day(Time now) {
  return std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch()).count() / 24;
}

crypto::ExchangeKey transport_key(hsm::Session& signers, std::int64_t day) {
  // One scalar in 2^32 is none of P-256; then the next.
  for (std::uint32_t attempt = 0; attempt < 8; ++attempt) {
    Bytes message;
    append_field(message, as_bytes(kKeyContext));
    append_u64(message, static_cast<std::uint64_t>(day));
    append_u32(message, attempt);
    const Secret scalar(signers.mac(sam::kLinkKey, message));
    try {
      return crypto::ExchangeKey::from_private(scalar);
    } catch (const Error& error) {
      if (error.fault != Fault::bad_input) throw;
    }
  }
  throw Error(Fault::failed, "no transport key can be made");
}

Bytes sealing_context(std::string_view purpose, ByteView manifest_sha256) {
  Bytes out;
  append_field(out, as_bytes(kSealContext));
  append_field(out, as_bytes(purpose));
  append_field(out, manifest_sha256);
  return out;
}

}  // namespace tsp::serve
