#include "ops/certify.h"

#include <fmt/format.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/suite.h"
#include "ops/accounting.h"
#include "ops/compromise.h"
#include "ops/notices.h"
#include "ops/recording.h"

namespace tsp::ops {
namespace {

std::string_view name_of(x509::Role role) {
  switch (role) {
    case x509::Role::root:
      return "root";
    case x509::Role::issuing:
      return "issuing";
    case x509::Role::ocsp:
      return "ocsp";
    case x509::Role::tsa:
      return "tsa";
    case x509::Role::sam:
      return "sam";
    case x509::Role::signer:
      return "signer";
  }
  return "signer";
}

// Who signs certificates of a role: the root signs itself and the issuing CA, which signs the rest.
struct Issuer {
  std::string ca, token, key;
};
Issuer issuer_of(x509::Role role) {
  if (role == x509::Role::root || role == x509::Role::issuing) return {"root", "root", kRootKey};
  return {"issuing", "pki", kIssuingKey};
}

x509::Order certificate_order(Provider& provider, const Certification& what, ByteView serial,
                              const std::optional<x509::Certificate>& issuer) {
  const x509::Profile& profile = provider.profile(what.profile);
  const Time start = whole_seconds(provider.now());
  Time end = start + what.lifetime.value_or(profile.lifetime) - std::chrono::seconds(1);
  // A default lifetime is cut to the issuer's; an asked-for one is refused by the check instead.
  if (issuer && !what.lifetime) end = std::min(end, issuer->not_after());
  x509::Order order{.profile = profile,
                    .subject = what.subject,
                    .key = what.key,
                    .serial = to_bytes(serial),
                    .not_before = start,
                    .not_after = end,
                    .crl_url = {},
                    .ocsp_url = {},
                    .issuer_url = {},
                    .policy_oid = provider.test_policy()};
  const std::string url = provider.config().text("pki.url");
  if (!url.empty() && issuer) {
    const std::string ca = issuer_of(profile.role).ca;
    order.issuer_url = url + "/ca/" + ca + ".cer";
    const bool can_be_revoked = !profile.validity_assured && !profile.ocsp_nocheck;
    if (can_be_revoked) order.crl_url = url + "/crl/" + ca + ".crl";
    // The responder answers for the issuing CA alone.
    if (can_be_revoked && ca == "issuing") order.ocsp_url = url + "/ocsp";
  }
  return order;
}

store::CertificateRow reserved_row(Provider& provider, const Certification& what,
                                   const x509::Order& order, const std::string& issuer_serial,
                                   const std::string& subject) {
  store::CertificateRow row;
  row.serial = to_hex(order.serial);
  row.role = name_of(order.profile.role);
  row.key = what.key_name;
  row.owner = what.owner;
  row.issuer_serial = issuer_serial;
  row.subject = subject;
  row.profile = what.profile;
  row.spki = order.key.spki();
  row.not_before = order.not_before;
  row.not_after = order.not_after;
  row.state = "reserved";
  row.created_at = provider.now();
  return row;
}

Json details_of(const store::CertificateRow& row) {
  return {{"serial", row.serial},   {"key", row.key},
          {"user", row.owner},      {"profile", row.profile},
          {"subject", row.subject}, {"not_after", to_rfc3339(row.not_after)}};
}

struct Prepared {
  x509::Order order;
  std::optional<x509::Certificate> issuer;
  x509::Plan plan;
};

Prepared prepare_certificate(Provider& provider, const Certification& what, ByteView serial) {
  const Issuer signer = issuer_of(provider.profile(what.profile).role);
  std::optional<x509::Certificate> issuer;
  if (!what.self_signed) issuer = provider.certificate_of_role(signer.ca);
  x509::Order order = certificate_order(provider, what, serial, issuer);
  const crypto::PublicKey issuer_key = issuer ? issuer->public_key() : what.key;
  x509::Plan plan =
      x509::plan_certificate(order, issuer ? &*issuer : nullptr, issuer_key, provider.now());
  return {std::move(order), std::move(issuer), std::move(plan)};
}

void refuse_objections(const x509::Plan& plan, const std::string& profile) {
  if (plan.objections.empty()) return;
  throw Error(Fault::policy_refused, "the certificate would not fit the profile " + profile,
              fmt::format("{}", fmt::join(plan.objections, "; ")), "nothing was signed");
}

// Closes the intent of a certificate that the HSM did not sign, or not well.
[[noreturn]] void abandon(Provider& provider, const store::CertificateRow& row,
                          const std::string& event, std::int64_t intent, const Error& error) {
  Json details = details_of(row);
  details["intent"] = intent;
  details["reason"] = error.message;
  const auto seq = commit(provider, Hsm::called, [&](store::Transaction& transaction) {
    store::set_certificate_state(transaction, row.serial, "abandoned");
    return record_call(provider, transaction, group_of_user(provider.database(), row.owner),
                       provider.event(event, audit::Outcome::failed, row.serial, details));
  });
  throw Error(error.fault, error.failed, error.why, error.next, seq);
}

x509::Certificate sign_certificate_or_abandon(Provider& provider, const x509::Plan& plan,
                                              crypto::Signer& signer,
                                              const store::CertificateRow& row,
                                              const std::string& event, std::int64_t intent) {
  try {
    return x509::issue_certificate(plan, signer);
  } catch (const Error& error) {
    abandon(provider, row, event, intent, error);
  }
}

}  // namespace

x509::Subject subject_of(const store::UserRow& user) {
  x509::Subject subject;
  subject.country = user.country;
  subject.organization = user.organization;
  subject.organization_id = user.organization_id;
  subject.given_name = user.given_name;
  subject.surname = user.surname;
  subject.serial_number = user.serial_number;
  subject.common_name = user.common_name;
  return subject;
}

CertificateInfo info_of(const store::CertificateRow& row) {
  const auto certificate = x509::Certificate::from_der(row.der);
  return {row, certificate, certificate.issuer(), 0};
}

x509::Plan plan_certification(Provider& provider, const Certification& what, ByteView serial) {
  Prepared prepared = prepare_certificate(provider, what, serial);
  refuse_objections(prepared.plan, what.profile);
  return std::move(prepared.plan);
}

CertificateInfo certify(Provider& provider, const Certification& what) {
  const Bytes serial = x509::random_serial();
  const Prepared prepared = prepare_certificate(provider, what, serial);
  refuse_objections(prepared.plan, what.profile);
  const Issuer by = issuer_of(prepared.order.profile.role);
  // The session is opened before anything is written: an HSM that is away leaves no trace to clean
  // up.
  const auto session = provider.session(by.token);
  const auto signer = session->open_signer(by.key);

  store::CertificateRow row =
      reserved_row(provider, what, prepared.order, prepared.issuer ? prepared.issuer->serial() : "",
                   x509::to_text(what.subject));
  const auto intent = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    expect_not_compromised(provider, row.spki);
    store::insert_certificate(transaction, row);
    Json details = details_of(row);
    details["tbs_sha256"] = to_hex(crypto::sha256(prepared.plan.tbs));
    return audit::append(transaction, provider.now(),
                         provider.event(what.event, audit::Outcome::intent, row.serial, details));
  });
  const auto certificate =
      sign_certificate_or_abandon(provider, prepared.plan, *signer, row, what.event, intent);
  const auto seq = commit(
      provider, Hsm::called,
      [&](store::Transaction& transaction) {
        store::complete_certificate(transaction, row.serial, certificate.der());
        tell_of_certificate(provider, transaction, row);
        Json details = details_of(row);
        details["intent"] = intent;
        details["certificate_sha256"] = to_hex(certificate.sha256());
        return record_call(provider, transaction, group_of_user(provider.database(), row.owner),
                           provider.event(what.event, audit::Outcome::done, row.serial, details));
      },
      fmt::format("the certificate was thrown away; the intent of audit record {} stays open",
                  intent));
  row.der = certificate.der();
  row.state = "valid";
  return {row, certificate, certificate.issuer(), seq};
}

}  // namespace tsp::ops
