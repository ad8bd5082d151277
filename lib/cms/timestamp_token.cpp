// Time-stamp tokens: made with the TSU's key, read, compared and judged (RFC 3161 section 2.4.2,
// RFC 5816, EN 319 422).
#include <algorithm>

#include "base/error.h"
#include "cms/ber.h"
#include "cms/oids.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

// RFC 3161 section 2.3: the extension is critical and id-kp-timeStamping its only member.
bool is_for_timestamps_only(const x509::Certificate& certificate) {
  const int at = X509_get_ext_by_NID(certificate.get(), NID_ext_key_usage, -1);
  if (at < 0 || X509_get_ext_by_NID(certificate.get(), NID_ext_key_usage, at) >= 0) return false;
  const X509_EXTENSION* extension = X509_get_ext(certificate.get(), at);
  const auto value = certificate.extension(oids::kExtendedKeyUsage);
  return X509_EXTENSION_get_critical(extension) == 1 && value &&
         *value == der::sequence(der::oid(oids::kTimestamping));
}

[[noreturn]] void refuse_to_stamp(const std::string& why) {
  throw Error(Fault::policy_refused, "cannot time-stamp", why);
}

void check_unit(const x509::Certificate& tsu, const crypto::Signer& key) {
  if (tsu.public_key().spki() != key.public_key().spki())
    refuse_to_stamp("the time-stamping certificate is not of this key");
  if (!is_for_timestamps_only(tsu))
    refuse_to_stamp("the certificate is not for time-stamping, critically and only");
}

bool content_type_agrees(const SignerInfo& signer) {
  const Attribute* attribute = sole(signer.attributes, oids::kContentType);
  return attribute != nullptr && attribute->values.front() == der::oid(oids::kTstInfo);
}

// What the versions and digest algorithms must be; no signature covers them.
bool envelope_agrees(const SignedData& data, const SignerInfo& signer) {
  const bool by_serial = signer.issuer_and_serial_or_key_id.front() == der::kSequence;
  const bool listed = signer.hash && std::ranges::count(data.digest_algorithms, *signer.hash) > 0;
  return data.version >= 3 && signer.version == (by_serial ? 1 : 3) && listed;
}

std::string refusal_of(const Token& token, const SignerInfo& signer, const x509::Certificate& tsu) {
  if (!content_type_agrees(signer)) return "its content-type attribute is not that of a time-stamp";
  if (!envelope_agrees(token.data, signer)) return "its versions or digest algorithms contradict";
  if (!identifies(signer, tsu)) return "its signer identifier names another certificate";
  if (!is_for_timestamps_only(tsu))
    return "its certificate is not for time-stamping, critically and only";
  switch (verify(signer, tsu, crypto::digest(*signer.hash, *token.data.content))) {
    case Crypto::ok:
      return {};
    case Crypto::digest_differs:
      return "its content is not what was signed";
    case Crypto::signature_wrong:
      return "its signature is wrong";
    case Crypto::unsupported:
      break;
  }
  return "its signature is of an unknown kind";
}

Bytes without_leading_zeros(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  return to_bytes(magnitude);
}

}  // namespace

Bytes sign_token(const StampOrder& order, const x509::Certificate& tsu, crypto::Signer& key) {
  check_unit(tsu, key);
  const auto algorithm = key.public_key().algorithm();
  if (!algorithm) refuse_to_stamp("the key is of an algorithm that is not ours");
  const crypto::HashAlgorithm hash = crypto::default_hash(*algorithm);
  const crypto::Scheme scheme = crypto::scheme_for(*algorithm, crypto::Purpose::infrastructure);
  const Bytes content = encode_tst_info(order.info);
  const Bytes attributes =
      signed_attributes(hash, crypto::digest(hash, content), tsu,
                        {std::string(oids::kTstInfo), whole_seconds(order.info.time)});
  const Bytes to_sign =
      scheme == crypto::Scheme::ed25519 ? attributes : crypto::digest(hash, attributes);
  const Parts parts{
      attributes,   hash,
      scheme,       key.sign(scheme, hash, to_sign),
      tsu,          order.chain,
      content,      std::string(oids::kTstInfo),
      std::nullopt, order.include_certificates ? Embed::signer_and_chain : Embed::nothing};
  return assemble(parts);
}

void check_signed_token(ByteView token, const StampOrder& order, const x509::Certificate& tsu) {
  std::vector<x509::Certificate> known = order.chain;
  known.push_back(tsu);
  const TokenVerdict verdict = verify_token(parse_token(token, known), {tsu});
  if (!verdict.tsu)
    throw Error(Fault::hsm_unavailable, "the time-stamp does not verify", verdict.reason,
                "Nothing was issued.");
}

Bytes issue_token(const StampOrder& order, const x509::Certificate& tsu, crypto::Signer& key) {
  Bytes token = sign_token(order, tsu, key);
  check_signed_token(token, order, tsu);
  return token;
}

Token parse_token(ByteView bytes, std::span<const x509::Certificate> known) {
  SignedData data = parse(bytes, known);
  if (data.content_type != oids::kTstInfo || !data.content)
    throw Error(Fault::bad_input, "cannot read the time-stamp", "it holds no TSTInfo");
  TstInfo info = parse_tst_info(*data.content);
  const ByteView whole = ber::first(bytes)->whole;
  return {std::move(data), std::move(info), to_bytes(whole)};
}

std::optional<std::string> mismatch(const Token& token, const TimestampRequest& request) {
  if (token.info.hash != request.hash) return "it is made with another hash than asked for";
  if (token.info.imprint != request.imprint) return "it is of other data";
  if (request.policy && *request.policy != token.info.policy)
    return "it is under another policy than asked for";
  if (!request.nonce) return std::nullopt;
  if (!token.info.nonce) return "it lacks the nonce of the request";
  if (without_leading_zeros(*request.nonce) != without_leading_zeros(*token.info.nonce))
    return "it has another nonce than the request";
  return std::nullopt;
}

TokenVerdict verify_token(const Token& token, const std::vector<x509::Certificate>& more) {
  if (token.data.signers.size() != 1) return {std::nullopt, "it has not exactly one signer"};
  const SignerInfo& signer = token.data.signers.front();
  if (!signer.hash || !signer.scheme)
    return {std::nullopt, "its digest or signature algorithm is unknown or contradicts"};
  auto tsu = signing_certificate(token.data, signer, more);
  if (!tsu) return {std::nullopt, "its signing certificate is not there or not named"};
  const std::string reason = refusal_of(token, signer, *tsu);
  if (!reason.empty()) return {std::nullopt, reason};
  return {std::move(tsu), {}};
}

}  // namespace tsp::cms
