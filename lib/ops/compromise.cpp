#include "ops/compromise.h"

namespace tsp::ops {

bool says_compromised(std::string_view reason) {
  return reason == "keyCompromise" || reason == "cACompromise";
}

std::optional<std::string> compromised_certificate(Provider& provider, ByteView spki) {
  for (const auto& row : store::certificates_of_spki(provider.database(), spki))
    if (row.state == "revoked" && says_compromised(row.reason)) return row.serial;
  return std::nullopt;
}

void refuse_compromised(Provider& provider, ByteView spki, Refusal refusal, const std::string& what,
                        Keep keep) {
  const auto serial = compromised_certificate(provider, spki);
  if (!serial) return;
  refusal.reason = "key-compromised";
  refusal.details["certificate"] = *serial;
  refuse(provider, refusal,
         Error(Fault::policy_refused, what,
               "its key is compromised: the certificate " + *serial + " was revoked for that",
               "nothing was signed; a new key is needed (tsp key generate)"),
         keep);
}

void expect_not_compromised(Provider& provider, ByteView spki) {
  if (const auto serial = compromised_certificate(provider, spki))
    throw Error(Fault::busy, "the key was found compromised meanwhile",
                "the certificate " + *serial + " was revoked for that",
                "nothing was signed; a new key is needed (tsp key generate)");
}

std::vector<store::CertificateRow> siblings_of(Provider& provider,
                                               const store::CertificateRow& certificate) {
  std::vector<store::CertificateRow> siblings;
  for (auto& row : store::certificates_of_spki(provider.database(), certificate.spki))
    if (row.serial != certificate.serial &&
        (row.state == "valid" || row.state == "external" || row.state == "reserved"))
      siblings.push_back(std::move(row));
  return siblings;
}

}  // namespace tsp::ops
