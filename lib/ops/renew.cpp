#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/certificates.h"
#include "ops/certify.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

// The subject of an infrastructure certificate, taken over by its renewal.
x509::Subject subject_of_role(Provider& provider, const x509::Certificate& before) {
  x509::Subject subject;
  subject.country = store::setting(provider.database(), "country").value_or("");
  subject.organization = provider.name();
  subject.common_name = before.common_name();
  return subject;
}

// Also where it is revoked: the role must get a valid one again.
std::optional<store::CertificateRow> newest_of_role(Provider& provider, const std::string& role) {
  return store::newest_certificate(provider.database(), role);
}

}  // namespace

bool is_infrastructure(const std::string& word) {
  return word == "root" || word == "issuing" || word == "ocsp" || word == "tsa" || word == "sam";
}

CertificateInfo renew_certificate(Provider& provider, const std::string& role_or_serial,
                                  bool dry_run) {
  const Keep keep = dry_run ? Keep::nothing : Keep::each;
  if (role_or_serial == "root")
    refuse(provider, {"cert.renew", "root", "root"},
           Error(Fault::policy_refused, "the root is not renewed",
                 "a new root is a new trust anchor and needs a ceremony", "nothing was signed"),
           keep);
  if (!is_infrastructure(role_or_serial)) {
    const CertificateInfo old = show_certificate(provider, role_or_serial);
    if (old.row.role != "signer") return renew_certificate(provider, old.row.role, dry_run);
    return issue_certificate(provider,
                             {.key = old.row.key,
                              .user = {},
                              .profile = old.row.state == "external" ? "" : old.row.profile,
                              .lifetime = {},
                              .dry_run = dry_run});
  }
  const auto old = newest_of_role(provider, role_or_serial);
  if (!old)
    throw Error(Fault::not_found,
                "there is no certificate of the role " + role_or_serial + " to renew");
  if (old->reason == "keyCompromise" || old->reason == "cACompromise")
    refuse(provider, {"cert.renew", role_or_serial, "key-compromised"},
           Error(Fault::policy_refused, "the certificate of " + role_or_serial + " is not renewed",
                 "its key is revoked as compromised", "nothing was signed"),
           keep);
  const x509::Certificate before = x509::Certificate::from_der(old->der);
  const Certification what{.profile = role_or_serial,
                           .subject = subject_of_role(provider, before),
                           .key = before.public_key(),
                           .key_name = old->key,
                           .owner = {},
                           .event = "cert.renew",
                           .lifetime = {}};
  if (dry_run) {
    plan_certification(provider, what, x509::random_serial());
    return info_of(*old);
  }
  CertificateInfo renewed = certify(provider, what);
  write_file(provider.home().certificate(role_or_serial), as_bytes(renewed.certificate.pem()),
             Existing::replace);
  return renewed;
}

}  // namespace tsp::ops
