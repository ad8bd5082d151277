#include "validation/timestamp.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "validation/acceptance.h"
#include "validation/past_signature.h"

namespace tsp::validation {
namespace {

// Adds what the token carries to what is at hand.
void collect(const cms::Token& token, Context& context) {
  context.material.take(context.evidence, Origin::given);
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
  context.material.take(context.evidence, Origin::timestamp);
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

class Token {
 public:
  Token(TimestampValidation& out, Context& context) : out_(out), context_(context) {}

  void run(ByteView der, const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of) {
    if (!conclude_step("5.2.2", "format-checking", check_format(der))) return;
    collect(*token_, context_);
    if (!conclude_step("5.5", "message-imprint", check_imprint(imprint_of))) return;
    if (!conclude_step("5.2.3", "signing-certificate", identify())) return;
    out_.path = validate_x509(*out_.unit, trust::Usage::timestamping, context_, context_.at);
    note("5.2.6", "x509-validation", out_.path.conclusion);
    if (!conclude_step("5.2.7", "cryptographic-verification",
                       verify(*token_, *out_.unit, context_.evidence.certificates)))
      return;
    out_.conclusion = out_.path.conclusion;
    if (out_.conclusion.passed())
      conclude_step("5.2.8", "signature-acceptance",
                    accept_algorithms(*out_.signer, *out_.unit, context_.at, context_.policy));
  }

 private:
  void note(std::string_view clause, std::string_view name, const Conclusion& conclusion) {
    out_.steps.push_back(step(clause, name, conclusion));
  }

  bool conclude_step(std::string_view clause, std::string_view name, Conclusion conclusion) {
    note(clause, name, conclusion);
    out_.conclusion = std::move(conclusion);
    return out_.conclusion.passed();
  }

  Conclusion check_format(ByteView der) {
    try {
      token_ = cms::parse_token(der, context_.decoded());
    } catch (const Error& error) {
      return conclude(Sub::format_failure, kTimestampMalformed,
                      "the time-stamp cannot be read: " + error.why);
    }
    out_.info = token_->info;
    if (token_->data.signers.size() != 1)
      return conclude(Sub::format_failure, kTimestampMalformed,
                      "the time-stamp does not have exactly one signer");
    out_.signer = token_->data.signers.front();
    out_.id = id_of(out_.signer->signature);
    return passed();
  }

  Conclusion check_imprint(const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of) const {
    if (imprint_of(token_->info.hash) == token_->info.imprint) return passed();
    return conclude(Sub::hash_failure, kTimestampImprint, "the time-stamp is of something else");
  }

  Conclusion identify() {
    out_.unit =
        cms::signing_certificate(token_->data, *out_.signer, context_.evidence.certificates);
    if (out_.unit) return passed();
    return conclude(Sub::no_signing_certificate_found, kTimestampInvalid,
                    "the time-stamping unit's certificate is not there");
  }

  TimestampValidation& out_;
  Context& context_;
  std::optional<cms::Token> token_;
};

}  // namespace

TimestampValidation validate_timestamp(
    ByteView der, const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of, Context& context) {
  TimestampValidation out;
  out.proven = context.at;
  Token(out, context).run(der, imprint_of);
  out.steps.push_back(step("5.4", "timestamp-validation", out.conclusion));
  return out;
}

void validate_past_timestamp(TimestampValidation& timestamp, Context& context) {
  if (timestamp.id.empty() || !timestamp.unit) return;
  timestamp.proven = context.proofs.earliest(timestamp.id).time;
  if (!timestamp.conclusion.passed()) {
    const auto objection = [&](Time at) {
      return validation::objection(*timestamp.signer, *timestamp.unit, at, context.policy);
    };
    PastSignature past =
        validate_past_signature({timestamp.conclusion, timestamp.path, trust::Usage::timestamping,
                                 timestamp.proven, objection},
                                context);
    timestamp.past = past.conclusion.passed();
    timestamp.past_used = std::move(past.used);
    for (StepResult& each : past.steps) timestamp.steps.push_back(std::move(each));
    // Whatever stays is told as it was at the current time.
    if (timestamp.past) timestamp.conclusion = past.conclusion;
    if (timestamp.past)
      timestamp.conclusion =
          accept_algorithms(*timestamp.signer, *timestamp.unit, timestamp.proven, context.policy);
  }
  if (!timestamp.conclusion.passed() || context.policy.level(Rule::algorithms) != Level::fail)
    return;
  if (const auto why = context.policy.suite.objection(timestamp.info->hash, timestamp.proven))
    timestamp.conclusion =
        conclude(Sub::crypto_constraints_failure_no_poe, kTimestampInvalid, "its imprint: " + *why);
}

}  // namespace tsp::validation
