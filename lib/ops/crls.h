// The CRLs of this TSP.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

struct CrlIssued {
  std::string ca;  // root, issuing
  std::int64_t number = 0;
  Time this_update{}, next_update{};
  std::size_t entries = 0;
  Bytes der;
  std::int64_t audit_seq = 0;
};
// One CA's CRL, or every CRL of this TSP. The number is stored before the CRL is signed; HOME/crl
// is rewritten.
CrlIssued issue_crl(Provider& provider, const std::string& ca);
// The same after a revocation that stands, `what` being what was revoked and
// `audit_seq` its record: the error says so.
CrlIssued issue_crl_after_revoking(Provider& provider, const std::string& ca,
                                   const std::string& what, std::int64_t audit_seq);
std::vector<CrlIssued> issue_crls(Provider& provider, const std::vector<std::string>& cas,
                                  bool dry_run);
// What a dry run checks of a CRL to come: that the HSM has the CA's key, and its PIN is right.
void check_crl_key(Provider& provider, const std::string& ca);
// Issues those that are due (older than crl.interval, or missing), on record, and sees to it that
// HOME/crl holds the newest. Called by verbs that rely on them.
void issue_due_crls(Provider& provider);
struct Published {
  std::string ca;
  std::int64_t number = 0;  // of its newest CRL; 0: none yet, which only a dry run meets
  x509::Certificate certificate;
};
// What a web server shows, once what is due was issued. A dry run checks that it could be.
std::vector<Published> publish_crls(Provider& provider, bool dry_run);

Json to_json(const CrlIssued& receipt);

}  // namespace tsp::ops
