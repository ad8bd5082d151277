#include "ops/timestamp.h"

#include <sys/timex.h>

#include <fmt/format.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/suite.h"
#include "net/fetcher.h"
#include "ops/accounting.h"
#include "ops/recording.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kSerialSize = 16;
constexpr int kSerialTries = 3;

// The kernel's own view of its clock.
ClockVerdict judge_kernel_clock(std::chrono::seconds accuracy) {
  ClockVerdict verdict{"synchronised", false, ""};
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    verdict.detail = "the kernel calls its clock unsynchronised";
    return verdict;
  }
  const std::chrono::microseconds error(state.maxerror);
  verdict.detail = fmt::format("maximum error {} us", error.count());
  if (status == TIME_INS || status == TIME_DEL || status == TIME_OOP) {
    verdict.detail += ", a leap second is being handled";
    return verdict;
  }
  verdict.ok = error <= accuracy;
  return verdict;
}

[[noreturn]] void refuse(Provider& provider, Keep keep, Fault fault, const std::string& reason,
                         const std::string& why) {
  ops::refuse(provider, {"timestamp", "tsa", reason, {{"detail", why}}},
              Error(fault, "no time-stamp was made", why, "nothing was signed"), keep);
}

x509::Certificate usable_tsu(Provider& provider, Time now, Keep keep) {
  const auto row = store::current_certificate(provider.database(), "tsa");
  if (!row)
    refuse(provider, keep, Fault::policy_refused, "no-certificate",
           "the TSA has no valid certificate");
  const auto certificate = x509::Certificate::from_der(row->der);
  if (now < certificate.not_before())
    refuse(provider, keep, Fault::policy_refused, "clock-before-certificate",
           "the clock stands before the TSA's certificate begins, " +
               to_rfc3339(certificate.not_before()));
  const Time end = std::min(certificate.not_after(),
                            certificate.private_key_usage_end().value_or(certificate.not_after()));
  if (now > end)
    refuse(provider, keep, Fault::policy_refused, "key-expired",
           "the TSA's key may be used until " + to_rfc3339(end) +
               "; renew it with tsp cert renew tsa");
  return certificate;
}

Bytes reserve_serial(store::Transaction& transaction) {
  for (int i = 0; i < kSerialTries; ++i) {
    Bytes serial = random_bytes(kSerialSize);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);
    if (store::reserve_tst_serial(transaction, to_hex(serial))) return serial;
  }
  throw Error(Fault::failed, "no free serial number was found for the time-stamp");
}

void check_request(Provider& provider, const cms::TimestampRequest& request,
                   const std::string& policy, Keep keep) {
  if (request.policy && *request.policy != policy)
    refuse(provider, keep, Fault::policy_refused, "policy-unknown",
           "the policy " + *request.policy + " is not ours");
  if (const auto why = crypto::objection(request.hash, provider.now()))
    refuse(provider, keep, Fault::policy_refused, "hash-not-acceptable", *why);
}

// What stands before a token can be made.
struct Ready {
  std::string policy;
  ClockVerdict clock;
  Time now;
  x509::Certificate tsu;
};
Ready get_ready(Provider& provider, const cms::TimestampRequest& request, Keep keep) {
  const std::string policy = provider.test_policy();
  check_request(provider, request, policy, keep);
  ClockVerdict clock = judge_clock(provider);
  if (!clock.ok) refuse(provider, keep, Fault::busy, "clock-not-sound", clock.detail);
  const Time now = provider.now();
  return {policy, std::move(clock), now, usable_tsu(provider, now, keep)};
}

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

ClockVerdict judge_clock(Provider& provider) {
  if (provider.config().text("tsa.clock") == "synchronised")
    return judge_kernel_clock(provider.config().duration("tsa.accuracy"));
  return {"trusted", true, "the system's clock is taken as it is"};
}

Stamped stamp(Provider& provider, const cms::TimestampRequest& request) {
  provider.world().stop_if_asked();
  const Ready ready =
      get_ready(provider, request, provider.roles().empty() ? Keep::one_a_minute : Keep::each);
  const std::string& policy = ready.policy;
  const ClockVerdict& clock = ready.clock;
  const auto key = provider.session("pki")->open_signer(kTsaKey);

  Stamped receipt;
  receipt.info.policy = policy;
  receipt.info.hash = request.hash;
  receipt.info.imprint = request.imprint;
  receipt.info.time = whole_seconds(ready.now);
  receipt.info.nonce = request.nonce;
  if (clock.mode == "synchronised")
    receipt.info.accuracy = provider.config().duration("tsa.accuracy");
  Json details;
  const auto append = [&](store::Transaction& transaction, audit::Outcome outcome) {
    const audit::Event event = provider.event("timestamp", outcome, "tsa", details);
    if (outcome != audit::Outcome::intent) account(transaction, provider.now(), "", event);
    return audit::append(transaction, provider.now(), event);
  };
  const auto intent = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    receipt.info.serial = reserve_serial(transaction);
    details = {
        {"serial", to_hex(receipt.info.serial)},
        {"policy", policy},
        {"hash_algorithm", crypto::name_of(request.hash)},
        {"imprint", to_hex(request.imprint)},
        {"time", to_rfc3339(receipt.info.time)},
        {"clock_verdict", {{"mode", clock.mode}, {"ok", clock.ok}, {"detail", clock.detail}}}};
    return append(transaction, audit::Outcome::intent);
  });
  details["intent"] = intent;
  try {
    receipt.token = cms::issue_token(
        {receipt.info, request.certificates,
         request.certificates ? std::vector{provider.certificate_of_role("issuing")}
                              : std::vector<x509::Certificate>{}},
        ready.tsu, *key);
  } catch (const Error& error) {
    details["reason"] = error.message;
    const auto seq = commit(provider, Hsm::called, [&](store::Transaction& transaction) {
      return append(transaction, audit::Outcome::failed);
    });
    throw Error(error.fault, error.failed, error.why, error.next, seq);
  }
  details["token_sha256"] = to_hex(crypto::sha256(receipt.token));
  receipt.audit_seq = commit(
      provider, Hsm::called,
      [&](store::Transaction& transaction) { return append(transaction, audit::Outcome::done); },
      fmt::format("the time-stamp was thrown away; the intent of audit record {} stays open",
                  intent));
  return receipt;
}

void check_stamp(Provider& provider, const cms::TimestampRequest& request) {
  get_ready(provider, request, Keep::nothing);
  provider.session("pki")->open_signer(kTsaKey);
}

TimestampAnswer answer_timestamp(Provider& provider, ByteView octets) {
  using cms::FailureInfo;
  cms::TimestampRequest request;
  try {
    request = cms::parse_request(octets);
  } catch (const cms::RequestRefused& error) {
    return {cms::rejected(error.info, error.message), false, error};
  }
  try {
    return {cms::granted(stamp(provider, request).token), true};
  } catch (const Error& error) {
    const bool foreign = request.policy && *request.policy != provider.test_policy();
    const auto info = error.fault == Fault::busy             ? FailureInfo::time_not_available
                      : error.fault != Fault::policy_refused ? FailureInfo::system_failure
                      : foreign                              ? FailureInfo::unaccepted_policy
                                                             : FailureInfo::bad_alg;
    return {cms::rejected(info, error.failed), true, error};
  }
}

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
          {"audit_seq", receipt.audit_seq}};
}

}  // namespace tsp::ops
