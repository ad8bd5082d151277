#include "ops/compromise.h"

namespace tsp::ops {
namespace {

std::string why_compromised(const store::CertificateRow& row) {
  return "its key is compromised: the certificate " + row.serial + " was revoked for that";
}

// Of a signer; another key for the TSP's own is a ceremony's to make.
std::string next_key(const store::CertificateRow& row) {
  return row.role == "signer"
             ? "nothing was signed; make a new key with tsp key generate --user " + row.owner
             : "nothing was signed";
}

}  // namespace

bool says_compromised(std::string_view reason) {
  return reason == "keyCompromise" || reason == "cACompromise";
}

std::optional<store::CertificateRow> compromised_certificate(Provider& provider, ByteView spki) {
  for (auto& row : store::certificates_of_spki(provider.database(), spki))
    if (row.state == "revoked" && says_compromised(row.reason)) return std::move(row);
  return std::nullopt;
}

void refuse_compromised(Provider& provider, ByteView spki, Refusal refusal, const std::string& what,
                        Keep keep) {
  const auto row = compromised_certificate(provider, spki);
  if (!row) return;
  refusal.reason = "key-compromised";
  refusal.details["certificate"] = row->serial;
  refuse(provider, refusal,
         Error(Fault::policy_refused, what, why_compromised(*row), next_key(*row)), keep);
}

void expect_not_compromised(Provider& provider, ByteView spki) {
  if (const auto row = compromised_certificate(provider, spki))
    throw Error(Fault::busy, "the key was found compromised meanwhile", why_compromised(*row),
                next_key(*row));
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
