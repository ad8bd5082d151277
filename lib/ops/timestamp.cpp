#include "ops/timestamp.h"

#include "base/error.h"
#include "net/fetcher.h"
#include "ops/recording.h"

namespace tsp::ops {
namespace {

// What is wrong with the time stated or the unit that states it.
std::optional<std::string> objection_to(Time time, const x509::Certificate& tsu, Time now) {
  constexpr std::chrono::hours kTolerance{1};
  constexpr int kDigitalSignature = 0, kNonRepudiation = 1;
  if (time < now - kTolerance || time > now + kTolerance)
    return "it states " + to_rfc3339(time) + ", which is not now";
  if (time < tsu.not_before() || time > tsu.not_after())
    return "its certificate is not valid at the time that it states";
  if (!tsu.has_key_usage(kDigitalSignature) && !tsu.has_key_usage(kNonRepudiation))
    return "its certificate's key usage does not include signatures";
  return std::nullopt;
}

}  // namespace

Bytes fetch_timestamp(net::Fetcher& fetcher, const ForeignStamp& order) {
  constexpr std::size_t kNonceSize = 8, kLargestReply = 256 << 10;
  Bytes nonce = random_bytes(kNonceSize);
  nonce[0] = static_cast<std::uint8_t>((nonce[0] & 0x7f) | 0x40);
  const cms::TimestampRequest request{order.hash, order.imprint, order.policy, nonce, true};
  net::Request ask;
  ask.method = net::Method::post;
  ask.url = order.url;
  ask.body = cms::make_request(request);
  ask.content_type = "application/timestamp-query";
  ask.accept = "application/timestamp-reply";
  ask.limits.size = kLargestReply;
  ask.limits.total = order.patience;
  const net::Response response = fetcher.fetch(ask);
  const auto fail = [&](const std::string& why) -> Error {
    return Error(Fault::evidence_missing, "the time-stamp of " + order.url + " is refused", why);
  };
  try {
    Bytes token = cms::token_of_reply(response.body);
    const cms::Token parsed = cms::parse_token(token);
    if (const auto why = cms::mismatch(parsed, request)) throw fail(*why);
    const cms::TokenVerdict verdict = cms::verify_token(parsed);
    if (!verdict.tsu) throw fail(verdict.reason);
    if (const auto why = objection_to(parsed.info.time, *verdict.tsu, order.now)) throw fail(*why);
    return token;
  } catch (const Error& error) {
    if (error.fault == Fault::evidence_missing) throw;
    throw fail(error.message);
  }
}

Json to_json(const Stamped& receipt) {
  return {{"time", to_rfc3339(receipt.info.time)},
          {"serial", to_hex(receipt.info.serial)},
          {"policy", receipt.info.policy},
          {"hash_algorithm", crypto::name_of(receipt.info.hash)},
          {"imprint", to_hex(receipt.info.imprint)},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
