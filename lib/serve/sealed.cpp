#include "serve/sealed.h"

#include "base/error.h"
#include "crypto/signer.h"
#include "ops/json_members.h"
#include "sam/factors.h"
#include "trust/path.h"
#include "x509/subject.h"

namespace tsp::serve {
namespace {

constexpr std::string_view kKeyContext = "tsp transport key 1", kSealContext = "tsp factors 2",
                           kShownContext = "tsp shown 1",
                           kStatementMagic = "tsp transport key statement 1\n";
constexpr std::size_t kNonce = 16, kHead = kNonce + 8;  // octets
constexpr std::size_t kMostCertificates = 8;

Bytes context_of(std::string_view purpose, ByteView manifest_sha256, ByteView head) {
  Bytes out;
  append_field(out, as_bytes(kSealContext));
  append_field(out, as_bytes(purpose));
  append_field(out, manifest_sha256);
  append_field(out, head);
  return out;
}

[[noreturn]] void refuse(std::string why) {
  throw Error(Fault::policy_refused, "the server's activation module is not trusted",
              std::move(why), "nothing was sent; see client.root in tsp.yaml");
}

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

Bytes transport_octets(const TransportStatement& statement) {
  Bytes out = to_bytes(as_bytes(kStatementMagic));
  append_field(out, as_bytes(statement.service));
  append_field(out, statement.point);
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(statement.begins)));
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(statement.ends)));
  return out;
}

Json statement_json(const TransportStatement& statement) {
  Json certificates = Json::array();
  for (const auto& each : statement.certificates) certificates.push_back(to_base64(each.der()));
  return {{"service", statement.service},
          {"point", to_base64(statement.point)},
          {"begins", to_rfc3339(statement.begins, true)},
          {"ends", to_rfc3339(statement.ends, true)},
          {"signature", to_base64(statement.signature)},
          {"certificates", certificates}};
}

TransportStatement statement_from_json(const Json& json) {
  TransportStatement out;
  out.service = ops::text_at(json, "service");
  out.point = ops::octets_at(json, "point");
  const auto begins = from_rfc3339(ops::text_at(json, "begins")),
             ends = from_rfc3339(ops::text_at(json, "ends"));
  const Json* certificates = ops::find_member(json, "certificates");
  if (!begins || !ends || certificates == nullptr || !certificates->is_array() ||
      certificates->size() > kMostCertificates)
    throw Error(Fault::usage, "what the server says of its transport key is not understood", "",
                "nothing was sent; program and server may be of different versions");
  out.begins = *begins;
  out.ends = *ends;
  out.signature = ops::octets_at(json, "signature");
  for (const Json& each : *certificates) {
    const auto der = each.is_string() ? from_base64(each.get<std::string>()) : std::nullopt;
    if (!der) throw Error(Fault::usage, "the server's certificate is no base64");
    out.certificates.push_back(x509::Certificate::from_der(*der));
  }
  return out;
}

void sign_statement(TransportStatement& statement, crypto::Signer& key) {
  statement.signature = crypto::sign_octets(key, transport_octets(statement));
}

void check_statement(const TransportStatement& statement,
                     const std::vector<x509::Certificate>& roots, Time now) {
  if (statement.certificates.empty()) refuse("it shows no certificate");
  const x509::Certificate& own = statement.certificates.front();
  if (!own.has_extended_key_usage(x509::kActivationModule))
    refuse("its certificate is not one of an activation module");
  const auto verdict =
      trust::verify_path(own, statement.certificates, trust::TrustStore(roots), now);
  if (!verdict.ok)
    refuse("its certificate does not lead to a root that is trusted: " +
           (verdict.findings.empty() ? std::string("no path") : verdict.findings.front().detail));
  if (!crypto::verify_octets(own.public_key(), transport_octets(statement), statement.signature))
    refuse("the signature over its transport key is wrong");
  if (!is_of(statement, now)) refuse("its transport key is not of today");
}

bool is_of(const TransportStatement& statement, Time now) {
  return now + kSealingSlack >= statement.begins && now < statement.ends;
}

Bytes seal_factors(ByteView point, ByteView plain, std::string_view purpose,
                   ByteView manifest_sha256, Time now) {
  Bytes out = random_bytes(kNonce);
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(now)));
  const Bytes context = context_of(purpose, manifest_sha256, out);
  append(out, crypto::seal_to(point, plain, context));
  return out;
}

std::optional<SealedFactors> parse_sealed(ByteView octets, std::string_view purpose,
                                          ByteView manifest_sha256) {
  constexpr std::uint64_t kLastMoment = 253402300799999;  // the end of the year 9999, in ms
  if (octets.size() <= kHead) return std::nullopt;
  ByteReader reader(octets);
  SealedFactors out;
  out.nonce = to_bytes(*reader.take(kNonce));
  const std::uint64_t milliseconds = *reader.u64();
  if (milliseconds > kLastMoment) return std::nullopt;
  out.sealed_at = from_unix_ms(static_cast<std::int64_t>(milliseconds));
  out.octets = to_bytes(octets.subspan(kHead));
  out.context = context_of(purpose, manifest_sha256, octets.first(kHead));
  return out;
}

Bytes shown_context(std::string_view operation) {
  Bytes out;
  append_field(out, as_bytes(kShownContext));
  append_field(out, as_bytes(operation));
  return out;
}

}  // namespace tsp::serve
