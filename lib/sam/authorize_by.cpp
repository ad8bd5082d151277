// The signing service's part: an assertion in place of factors, once.
#include <fmt/format.h>

#include "sam/context.h"
#include "sam/sad.h"

namespace tsp::sam {
namespace {

// A clock that is put back by less opens no second use.
constexpr std::chrono::hours kKept{24};
constexpr const char* kAssertionRefused = "the assertion is refused";

SignedAssertion read_assertion(ByteView octets) {
  try {
    return decode_assertion(octets);
  } catch (const Error& error) {
    throw Refusal("assertion-malformed", error);
  }
}

// From a service that is known, as it left it, and for this one.
void check_origin(const AcceptedAssertions& accepted, const SignedAssertion& given, Time now) {
  const Assertion& said = given.assertion;
  const auto issuer = accepted.issuers.find(said.issuer);
  if (issuer == accepted.issuers.end())
    throw refusal("assertion-issuer", kAssertionRefused,
                  "sign.authentication_services does not name who issued it", Fault::not_permitted);
  const x509::Certificate& certificate = issuer->second;
  if (now < certificate.not_before() || whole_seconds(now) > certificate.not_after())
    throw refusal("assertion-certificate", kAssertionRefused,
                  "the certificate that is kept for its issuer is not valid now",
                  Fault::not_permitted);
  if (!is_signed_by(given, certificate.public_key()))
    throw refusal("assertion-signature", kAssertionRefused, "its signature is wrong",
                  Fault::factor_refused);
  if (said.audience != accepted.audience)
    throw refusal("assertion-audience", kAssertionRefused, "it is for another signing service");
}

// For this order, and now.
void check_scope(const Assertion& said, const std::string& signer, const std::string& key,
                 const Manifest& manifest, Time now) {
  if (said.signer != signer || said.credential != key)
    throw refusal("assertion-signer", kAssertionRefused, "it is for another signer or credential");
  if (!equal(said.manifest_sha256, manifest_hash(manifest)) ||
      said.count != manifest.entries.size())
    throw refusal("assertion-manifest", kAssertionRefused, "it is for other documents");
  if (said.issued_at > now + kAssertionSkew)
    throw refusal("assertion-early", kAssertionRefused,
                  "it was issued at " + to_rfc3339(said.issued_at, true) +
                      ", which is yet to come: one of two clocks is wrong");
  if (now >= said.expires_at)
    throw refusal("assertion-expired", kAssertionRefused,
                  "it expired at " + to_rfc3339(said.expires_at, true));
}

void check_verified(const Fit& fit, const Assertion& said) {
  if (fit.scal != 1)
    throw refusal("assertion-scal", kAssertionRefused,
                  "the credential is of SCAL 2, whose factors cross to this module alone");
  const auto wanted = Requirement::parse(fit.group.factors[0], 1);
  if (!fulfils(said.factors, wanted))
    throw refusal("assertion-factors", kAssertionRefused,
                  fmt::format("{} was verified; the policy asks for {}", text_of(said.factors),
                              wanted.text()));
}

bool use(store::Transaction& transaction, const Assertion& said, Time now) {
  store::delete_expired_uses(transaction, now);
  return store::use_once(transaction, "assertion " + said.issuer, said.id, said.expires_at + kKept);
}

Refusal used() {
  return refusal("assertion-used", kAssertionRefused, "it gave an approval before",
                 Fault::already_exists);
}

}  // namespace

Approval SignatureActivationModule::authorize_by(const Caller& caller, const std::string& signer,
                                                 const std::string& key, const Manifest& manifest,
                                                 ByteView assertion) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("sign.authorize", caller, signer, key, manifest);
  try {
    const auto& accepted = context.policy.accepted;
    if (!accepted)
      throw refusal("assertion-not-accepted", kAssertionRefused,
                    "this service checks factors itself (sign.authentication_services)",
                    Fault::not_permitted);
    const SignedAssertion given = read_assertion(assertion);
    const Assertion& said = given.assertion;
    check_origin(*accepted, given, now);
    event.details["issuer"] = said.issuer;
    event.details["assertion"] = to_hex(said.id);
    check_scope(said, signer, key, manifest, now);
    event.details["factors"] = text_of(said.factors);
    std::optional<Fit> fit;
    try {
      fit = fit_to_sign(context, view_of(context, signer), key, manifest, now);
      check_verified(*fit, said);
    } catch (const Refusal& refusal) {  // as a code is used whose signer may not sign
      refuse(context, event, refusal, [&](store::Transaction& transaction) {
        if (!use(transaction, said, now)) throw used();
      });
    }
    store::ApprovalRow row;
    row.user = signer;
    row.key = key;
    row.manifest_sha256 = said.manifest_sha256;
    row.count = static_cast<std::int64_t>(manifest.entries.size());
    row.expires_at = now + lifetime_of(fit->group, fit->scal);
    Sad sad = make_sad(*context.signers, std::move(row), Secret(Bytes()));
    const std::int64_t seq = put(context, [&](store::Transaction& transaction) {
      if (!use(transaction, said, now)) throw used();
      return store_approval(context, transaction, event, sad, *fit, manifest, now);
    });
    return {std::move(sad.secret), sad.row.expires_at, seq};
  } catch (const Refusal& refusal) {
    refuse(context, event, refusal);
  }
}

}  // namespace tsp::sam
