#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/certificates.h"
#include "ops/certify.h"

namespace tsp::ops {
namespace {

// The subject of an infrastructure certificate, taken over by its renewal.
x509::Subject subject_of_role(Provider& provider, const std::string& role) {
  x509::Subject subject;
  subject.country = store::setting(provider.database(), "country").value_or("");
  subject.organization = provider.name();
  subject.common_name = provider.certificate_of_role(role).common_name();
  return subject;
}

bool is_role(const std::string& word) {
  return word == "issuing" || word == "ocsp" || word == "tsa";
}

}  // namespace

CertificateInfo renew_certificate(Provider& provider, const std::string& role_or_serial,
                                  bool dry_run) {
  if (role_or_serial == "root")
    throw Error(Fault::policy_refused, "the root is not renewed",
                "a new root is a new trust anchor and needs a ceremony");
  if (!is_role(role_or_serial)) {
    const CertificateInfo old = show_certificate(provider, role_or_serial);
    if (old.row.role != "signer") return renew_certificate(provider, old.row.role, dry_run);
    return issue_certificate(provider,
                             {.key = old.row.key,
                              .user = {},
                              .profile = old.row.state == "external" ? "" : old.row.profile,
                              .lifetime = {},
                              .dry_run = dry_run});
  }
  const auto old = store::current_certificate(provider.database(), role_or_serial);
  if (!old)
    throw Error(Fault::not_found,
                "there is no certificate of the role " + role_or_serial + " to renew");
  const x509::Certificate before = x509::Certificate::from_der(old->der);
  const Certification what{.profile = role_or_serial,
                           .subject = subject_of_role(provider, role_or_serial),
                           .key = before.public_key(),
                           .key_name = old->key,
                           .owner = {},
                           .event = "cert.renew",
                           .lifetime = {}};
  if (dry_run) {
    plan_certification(provider, what, Bytes(16, 0x55));
    return info_of(*old);
  }
  const CertificateInfo renewed = certify(provider, what);
  write_file(provider.home().certificate(role_or_serial), as_bytes(renewed.certificate.pem()),
             Existing::replace);
  return renewed;
}

}  // namespace tsp::ops
