// Which list is believed, and what of it counts.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/suite.h"
#include "trust/trusted_list.h"
#include "trust/trusted_list_names.h"
#include "trust/trusted_list_parts.h"
#include "xml/signature.h"

namespace tsp::trust {
namespace {

constexpr std::chrono::minutes kSkew{5};

[[noreturn]] void refuse(const std::string& name, std::string why) {
  throw Error(Fault::policy_refused, "the trusted list " + name + " is refused", std::move(why));
}

// XAdES' signing certificate, where stated, must be the one whose key verified.
void check_named(const std::string& name, const xml::SignatureVerdict& verdict,
                 const x509::Certificate& signer) {
  if (verdict.signing_certificate.empty()) return;
  const xml::CertificateDigest& named = verdict.signing_certificate.front();
  if (!equal(crypto::digest(named.hash, signer.der()), named.value))
    refuse(name, "its signature names another signing certificate");
}

}  // namespace

void check_signature(xml::Document& document, const std::string& name,
                     const std::vector<x509::Certificate>& signers, Time now) {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(signers.size());
  for (const x509::Certificate& signer : signers) keys.push_back(signer.public_key());
  const xml::SignatureVerdict verdict = xml::verify_enveloped(document, keys);
  if (!verdict.problem.empty()) refuse(name, verdict.problem);
  const x509::Certificate& signer = signers.at(verdict.key.value());
  check_named(name, verdict, signer);
  if (now < signer.not_before() || whole_seconds(now) > signer.not_after())
    refuse(name, fmt::format("its signer's certificate is valid from {} to {}",
                             to_rfc3339(signer.not_before()), to_rfc3339(signer.not_after())));
  if (const auto weak = crypto::objection(verdict.scheme, verdict.hash, signer.public_key(), now))
    refuse(name, "its signature is too weak: " + *weak);
}

void check_succession(const TrustedList& list, const std::string& name,
                      const std::optional<ListState>& before, Time now) {
  if (list.issued > now + kSkew)
    refuse(name, "it was issued at " + to_rfc3339(list.issued) + ", which is in the future");
  if (list.next_update && *list.next_update < now)
    refuse(name, "it should have been replaced by " + to_rfc3339(*list.next_update) +
                     "; a newer one must be published");
  if (!before) return;
  if (list.sequence < before->sequence)
    refuse(name, fmt::format("its sequence number {} is lower than {}, which was seen before",
                             list.sequence, before->sequence));
  if (list.sequence == before->sequence && list.issued < before->issued)
    refuse(name, fmt::format("it was issued at {}, before the one that is here with the same "
                             "sequence number {}",
                             to_rfc3339(list.issued), list.sequence));
}

std::vector<ListedAnchor> anchors_of(const TrustedList& list) {
  std::vector<ListedAnchor> out;
  for (const ListedService& listed : list.services) {
    if (!listed.unknown_critical.empty()) continue;
    std::vector<ServiceStatus> statuses = listed.statuses;
    std::ranges::stable_sort(statuses, {}, &ServiceStatus::from);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      const auto service = service_of(statuses[i].type);
      if (!service || !is_approval(statuses[i].status)) continue;
      Term term{*service, statuses[i].from};
      if (i + 1 < statuses.size()) term.until = statuses[i + 1].from;
      for (const x509::Certificate& certificate : listed.certificates)
        out.push_back({listed.provider, listed.name, certificate, term});
    }
  }
  return out;
}

}  // namespace tsp::trust
