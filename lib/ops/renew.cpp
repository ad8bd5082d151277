#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/certificates.h"
#include "ops/certify.h"
#include "ops/compromise.h"

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

// Of a signer, or a TSP's own by its serial number: what is over stays so.
void refuse_revoked(Provider& provider, const store::CertificateRow& row, Keep keep) {
  if (row.state != "revoked") return;
  refuse_compromised(provider, row.spki, {"cert.renew", row.serial, {}},
                     "the certificate " + row.serial + " is not renewed", keep);
  refuse(provider, {"cert.renew", row.serial, "revoked"},
         Error(Fault::policy_refused, "the certificate " + row.serial + " is not renewed",
               "it is revoked for " + row.reason,
               row.role == "signer"
                   ? "nothing was signed; issue another to a key that is still there with tsp cert "
                     "issue, or make a new key with tsp key generate --user " +
                         row.owner
                   : "nothing was signed; the role gets a new one with tsp cert renew " + row.role),
         keep);
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
    refuse_revoked(provider, old.row, keep);
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
  refuse_compromised(provider, old->spki, {"cert.renew", role_or_serial, {}},
                     "the certificate of " + role_or_serial + " is not renewed", keep);
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
