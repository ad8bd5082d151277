#include "validation/timestamp.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "validation/acceptance.h"

namespace tsp::validation {
namespace {

// Adds what the token carries to what is at hand.
void collect(const cms::Token& token, Context& context) {
  for (const x509::Certificate& certificate : token.data.certificates)
    context.evidence.certificates.push_back(certificate);
  for (const Bytes& der : token.data.crls) try {
      context.evidence.crls.push_back(x509::Crl::from_der(der));
    } catch (const Error&) {  // not evidence
    }
  for (const Bytes& der : token.data.ocsp_responses) try {
      context.evidence.ocsp.push_back(x509::OcspResponse::from_der(der));
    } catch (const Error&) {  // not evidence
    }
}

// 5.2.7 over the TSTInfo, told apart as 5.2.7 does; then what cms::verify_token() asks for more.
Conclusion verify(const cms::Token& token, const x509::Certificate& unit,
                  const std::vector<x509::Certificate>& certificates) {
  const cms::SignerInfo& signer = token.data.signers.front();
  if (signer.hash && token.data.content &&
      cms::verify(signer, unit, crypto::digest(*signer.hash, *token.data.content)) ==
          cms::Crypto::digest_differs)
    return conclude(Sub::hash_failure, kTimestampInvalid, "the time-stamp was changed");
  const cms::TokenVerdict verdict = cms::verify_token(token, certificates);
  if (verdict.tsu) return passed();
  return conclude(Sub::sig_crypto_failure, kTimestampInvalid,
                  "the time-stamp does not verify: " + verdict.reason);
}

}  // namespace

TimestampValidation validate_timestamp(
    ByteView der, const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of, Context& context) {
  TimestampValidation out;
  std::optional<cms::Token> token;
  try {
    token = cms::parse_token(der);
  } catch (const Error& error) {
    out.conclusion = conclude(Sub::format_failure, kTimestampMalformed,
                              "the time-stamp cannot be read: " + error.why);
    return out;
  }
  out.info = token->info;
  collect(*token, context);
  if (imprint_of(token->info.hash) != token->info.imprint) {
    out.conclusion =
        conclude(Sub::hash_failure, kTimestampImprint, "the time-stamp is of something else");
    return out;
  }
  if (token->data.signers.size() != 1) {
    out.conclusion = conclude(Sub::format_failure, kTimestampMalformed,
                              "the time-stamp does not have exactly one signer");
    return out;
  }
  const auto& certificates = context.evidence.certificates;
  const auto unit =
      cms::signing_certificate(token->data, token->data.signers.front(), certificates);
  if (!unit) {
    out.conclusion = conclude(Sub::no_signing_certificate_found, kTimestampInvalid,
                              "the time-stamping unit's certificate is not there");
    return out;
  }
  out.path = validate_x509(*unit, trust::Usage::timestamping, context, context.at);
  out.conclusion = verify(*token, *unit, certificates);
  if (out.conclusion.passed()) out.conclusion = out.path.conclusion;
  if (out.conclusion.passed())
    out.conclusion = accept_algorithms(token->data.signers.front(), *unit, context.at);
  return out;
}

}  // namespace tsp::validation
