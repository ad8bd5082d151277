#include "ops/certificates.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/suite.h"
#include "ops/certify.h"
#include "ops/compromise.h"
#include "ops/groups.h"
#include "ops/keys.h"
#include "ops/notices.h"
#include "ops/recording.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

store::KeyRow key_to_certify(Provider& provider, const IssueCertificate& request) {
  if (!request.key.empty()) return show_key(provider, request.key).row;
  if (!store::find_user(provider.database(), request.user))
    throw Error(Fault::not_found, "there is no user " + printable(request.user), "",
                "tsp user list names the users");
  const auto keys = store::keys_of(provider.database(), request.user);
  const store::KeyRow* newest = nullptr;
  for (const auto& key : keys)
    if (key.state == "active" && (newest == nullptr || key.created_at >= newest->created_at))
      newest = &key;
  if (newest == nullptr)
    throw Error(Fault::not_found, request.user + " has no key", "",
                "generate one with tsp key generate --user " + request.user);
  return *newest;
}

[[noreturn]] void refuse_by_policy(Provider& provider, bool dry_run, const std::string& event,
                                   const std::string& subject, const std::string& reason,
                                   const std::string& what, const std::string& why,
                                   const std::string& next = "nothing was signed") {
  refuse(provider, {event, subject, reason}, Error(Fault::policy_refused, what, why, next),
         dry_run ? Keep::nothing : Keep::each);
}

store::UserRow owner_of(Provider& provider, const store::KeyRow& key, bool dry_run) {
  if (key.state != "active")
    refuse_by_policy(provider, dry_run, "cert.issue", key.id, "key-" + key.state,
                     "no certificate is issued for " + key.id, "the key is " + key.state);
  const auto user = store::find_user(provider.database(), key.owner);
  if (!user) throw Error(Fault::tampered, "the key " + key.id + " belongs to nobody");
  if (user->state != "active")
    refuse_by_policy(provider, dry_run, "cert.issue", key.id, "user-" + user->state,
                     "no certificate is issued for " + key.id, "its owner is " + user->state);
  refuse_suspended_group(provider, user->group, {"cert.issue", key.id, {}},
                         "no certificate is issued for " + key.id,
                         dry_run ? Keep::nothing : Keep::each);
  return *user;
}

CertificateInfo dry_info(Provider& provider, const Certification& what) {
  const x509::Plan plan = plan_certification(provider, what, x509::random_serial());
  store::CertificateRow row;
  row.subject = x509::to_text(what.subject);
  row.profile = what.profile;
  row.key = what.key_name;
  row.owner = what.owner;
  row.state = "planned";
  return {row, provider.certificate_of_role("issuing"), "", 0};
}

Certification certification_of(Provider& provider, const store::KeyRow& key,
                               const std::string& profile, bool dry_run) {
  const store::UserRow user = owner_of(provider, key, dry_run);
  Certification what{.profile = profile,
                     .subject = subject_of(user),
                     .key = crypto::PublicKey::from_spki(key.spki),
                     .key_name = key.id,
                     .owner = user.name,
                     .lifetime = {}};
  if (what.profile.empty()) what.profile = find_group(provider, user.group).profile;
  if (what.profile.empty()) what.profile = user.kind == "legal" ? "legal-person" : "natural-person";
  if (provider.profile(what.profile).role != x509::Role::signer)
    refuse_by_policy(provider, dry_run, "cert.issue", key.id, "profile-not-for-signers",
                     "no certificate is issued for " + key.id,
                     "the profile " + what.profile + " is not for signers");
  return what;
}

CertificateInfo run_certification(Provider& provider, const Certification& what, bool dry_run) {
  if (dry_run) return dry_info(provider, what);
  try {
    return certify(provider, what);
  } catch (const Error& error) {
    if (error.fault != Fault::policy_refused) throw;
    refuse(provider,
           {what.event,
            what.key_name,
            "pre-issuance-check",
            {{"profile", what.profile}, {"objections", error.why}}},
           error, Keep::each);
  }
}

store::CertificateRow must_find_certificate(Provider& provider, const std::string& serial) {
  std::string lower = serial;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  auto row = store::find_certificate(provider.database(), lower);
  if (!row || row->der.empty())
    throw Error(Fault::not_found, "there is no certificate " + printable(serial), "",
                "tsp cert list names the certificates");
  return *row;
}

}  // namespace

CertificateInfo issue_certificate(Provider& provider, const IssueCertificate& request) {
  const store::KeyRow key = key_to_certify(provider, request);
  Certification what = certification_of(provider, key, request.profile, request.dry_run);
  what.lifetime = request.lifetime;
  refuse_compromised(provider, key.spki, {"cert.issue", key.id, {}},
                     "no certificate is issued for " + key.id,
                     request.dry_run ? Keep::nothing : Keep::each);
  return run_certification(provider, what, request.dry_run);
}

CertificatePage list_certificates(Provider& provider, const std::string& after, std::size_t most) {
  CertificatePage page;
  const auto rows = store::certificates_after(provider.database(), after, most);
  for (const auto& row : rows)
    if (!row.der.empty()) page.certificates.push_back(info_of(row));
  if (rows.size() == most) page.next = rows.back().serial;
  return page;
}

CertificateInfo show_certificate(Provider& provider, const std::string& serial) {
  return info_of(must_find_certificate(provider, serial));
}

std::string export_certificate(Provider& provider, const std::string& serial, bool chain) {
  const CertificateInfo info = show_certificate(provider, serial);
  std::string pem = info.certificate.pem();
  if (!chain) return pem;
  std::string issuer = info.row.issuer_serial;
  while (!issuer.empty()) {
    const store::CertificateRow row = must_find_certificate(provider, issuer);
    pem += x509::Certificate::from_der(row.der).pem();
    issuer = row.issuer_serial;
  }
  return pem;
}

std::string certificate_request(Provider& provider, const std::string& key) {
  const KeyInfo info = show_key(provider, key);
  if (info.row.state != "active" || info.row.request.empty())
    refuse_by_policy(provider, false, "cert.request", info.row.id, "key-" + info.row.state,
                     "there is no request for " + info.row.id, "the key is " + info.row.state);
  std::string pem = "-----BEGIN CERTIFICATE REQUEST-----\n";
  const std::string body = to_base64(info.row.request);
  for (std::size_t at = 0; at < body.size(); at += 64) pem += body.substr(at, 64) + "\n";
  return pem + "-----END CERTIFICATE REQUEST-----\n";
}

CertificateInfo import_certificate(Provider& provider, const std::string& key_id,
                                   const x509::Certificate& certificate, bool dry_run) {
  const KeyInfo key = show_key(provider, key_id);
  const auto no = [&](const std::string& reason, const std::string& why) {
    refuse_by_policy(provider, dry_run, "cert.import", key.row.id, reason,
                     "the certificate is not imported", why);
  };
  const crypto::PublicKey public_key = certificate.public_key();
  if (key.row.state != "active") no("key-" + key.row.state, "the key is " + key.row.state);
  if (public_key.spki() != key.row.spki) no("foreign-key", "it is for another key");
  refuse_compromised(provider, key.row.spki, {"cert.import", key.row.id, {}},
                     "the certificate is not imported", dry_run ? Keep::nothing : Keep::each);
  if (const auto weak = crypto::find_weakness(public_key)) no("weak-key", *weak);
  if (certificate.is_ca()) no("ca-certificate", "it is a CA's");
  constexpr int kDigitalSignature = 0, kNonRepudiation = 1;
  if (!certificate.has_key_usage(kDigitalSignature) && !certificate.has_key_usage(kNonRepudiation))
    no("not-for-signing", "its key usage does not allow signatures");
  const Time now = provider.now();
  if (now < certificate.not_before() || now > certificate.not_after())
    no("not-valid-now", "it is valid from " + to_rfc3339(certificate.not_before()) + " to " +
                            to_rfc3339(certificate.not_after()));
  if (store::find_certificate(provider.database(), certificate.serial()))
    throw Error(Fault::already_exists,
                "a certificate with the serial " + certificate.serial() + " is there already");
  store::CertificateRow row;
  row.serial = certificate.serial();
  row.role = "signer";
  row.key = key.row.id;
  row.owner = key.row.owner;
  row.subject = certificate.subject();
  row.profile = "external";
  row.spki = public_key.spki();
  row.not_before = certificate.not_before();
  row.not_after = certificate.not_after();
  row.der = certificate.der();
  row.state = "external";
  row.created_at = now;
  CertificateInfo info{row, certificate, certificate.issuer(), 0};
  if (dry_run) return info;
  info.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    expect_not_compromised(provider, row.spki);
    store::insert_certificate(transaction, row);
    tell_of_certificate(provider, transaction, row);
    return audit::append(transaction, now,
                         provider.event("cert.import", audit::Outcome::done, row.serial,
                                        {{"key", row.key},
                                         {"user", row.owner},
                                         {"issuer", info.issuer},
                                         {"certificate_sha256", to_hex(certificate.sha256())}}));
  });
  return info;
}

Json to_json(const CertificateInfo& info) {
  Json json = {{"serial", info.row.serial},
               {"key", info.row.key},
               {"user", info.row.owner},
               {"role", info.row.role},
               {"state", info.row.state},
               {"subject", info.row.subject},
               {"issuer", info.issuer},
               {"not_before", to_rfc3339(info.row.not_before)},
               {"not_after", to_rfc3339(info.row.not_after)},
               {"profile", info.row.profile}};
  if (info.row.revoked_at) {
    json["revoked_at"] = to_rfc3339(*info.row.revoked_at);
    json["reason"] = info.row.reason;
  }
  if (info.row.state == "planned")  // decided when it is issued
    for (const char* name : {"serial", "not_before", "not_after"}) json[name] = nullptr;
  else
    json["certificate"] = info.certificate.pem();
  if (info.audit_seq != 0) json["audit_seq"] = info.audit_seq;
  return json;
}

}  // namespace tsp::ops
