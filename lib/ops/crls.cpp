#include "ops/crls.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"
#include "ops/recording.h"
#include "x509/revocation.h"

namespace tsp::ops {
namespace {

struct Ca {
  const char* token;
  const char* key;
  const char* validity;  // setting
};

Ca ca_named(const std::string& name) {
  if (name == "root") return {"root", kRootKey, "crl.root_validity"};
  if (name == "issuing") return {"pki", kIssuingKey, "crl.validity"};
  throw Error(Fault::usage, "there is no CA " + name, "it is root or issuing");
}

// Also those that the CA issued under certificates of before: name and key are the CA.
std::vector<x509::RevokedEntry> entries_of(Provider& provider, const Ca& ca) {
  std::vector<x509::RevokedEntry> entries;
  for (const auto& issuer : store::certificates_of_key(provider.database(), ca.key))
    store::revoked_of(provider.database(), issuer.serial, [&](const store::CertificateRow& row) {
      entries.push_back({row.serial, row.revoked_at.value_or(Time{}), row.reason});
    });
  return entries;
}

// Overdue: none yet, older than the interval, or past half of its validity (the root's).
bool is_due(Provider& provider, const std::string& ca) {
  const auto current = store::current_crl_head(provider.database(), ca);
  if (!current) return true;
  const Time now = provider.now();
  if (ca == "issuing")
    return now - current->this_update >= provider.config().duration("crl.interval");
  return now >= current->next_update - std::chrono::hours(24 * 14);
}

bool can_open(Provider& provider, const std::string& ca) {
  return ca != "root" || exists(provider.home().pin("root"));
}

std::int64_t append_crl_record(Provider& provider, store::Transaction& transaction,
                               audit::Outcome outcome, const CrlIssued& receipt, const Json& more) {
  Json details = {{"number", receipt.number}, {"entries", receipt.entries}};
  details.update(more);
  return audit::append(transaction, provider.now(),
                       provider.event("crl.issue", outcome, receipt.ca, std::move(details)));
}

// HOME/crl is the store's newest CRL, whoever made it. A disk that was full when it was made may
// have kept an older one there.
void write_newest(Provider& provider, const std::string& name) {
  const std::string path = provider.home().crl(name);
  const auto newest = store::current_crl(provider.database(), name);
  if (!newest || (exists(path) && read_file(path, kLargestCrl) == newest->der)) return;
  make_directory(directory_of(path), 0755);
  write_file(path, newest->der, Existing::replace);
}

// Closes the intent of a CRL that the HSM did not sign; its number is not used again.
Bytes sign_crl_or_abandon(Provider& provider, const x509::CrlOrder& order,
                          const x509::Certificate& certificate, crypto::Signer& signer,
                          const CrlIssued& receipt, std::int64_t intent) {
  try {
    return x509::issue_crl(order, certificate, signer);
  } catch (const Error& error) {
    const auto seq = commit(provider, Hsm::called, [&](store::Transaction& transaction) {
      return append_crl_record(provider, transaction, audit::Outcome::failed, receipt,
                               {{"intent", intent}, {"reason", error.message}});
    });
    throw Error(error.fault, error.failed, error.why, error.next, seq);
  }
}

}  // namespace

CrlIssued issue_crl(Provider& provider, const std::string& name) {
  const Ca ca = ca_named(name);
  const x509::Certificate certificate = provider.certificate_of_role(name);
  const auto session = provider.session(ca.token);
  const auto signer = session->open_signer(ca.key);

  CrlIssued receipt;
  receipt.ca = name;
  receipt.this_update = whole_seconds(provider.now());
  receipt.next_update = receipt.this_update + provider.config().duration(ca.validity);
  x509::CrlOrder order;
  const auto intent = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    receipt.number = store::reserve_crl_number(transaction, name);
    order.entries = entries_of(provider, ca);
    receipt.entries = order.entries.size();
    return append_crl_record(provider, transaction, audit::Outcome::intent, receipt,
                             Json::object());
  });
  order.number = static_cast<std::uint64_t>(receipt.number);
  order.this_update = receipt.this_update;
  order.next_update = receipt.next_update;
  receipt.der = sign_crl_or_abandon(provider, order, certificate, *signer, receipt, intent);
  receipt.audit_seq = commit(
      provider, Hsm::called,
      [&](store::Transaction& transaction) {
        store::put_crl(transaction, {name, receipt.number, receipt.this_update, receipt.next_update,
                                     receipt.der});
        return append_crl_record(provider, transaction, audit::Outcome::done, receipt,
                                 {{"intent", intent},
                                  {"next_update", to_rfc3339(receipt.next_update)},
                                  {"crl_sha256", to_hex(crypto::sha256(receipt.der))}});
      },
      fmt::format("the CRL was thrown away; the intent of audit record {} stays open", intent));
  write_newest(provider, name);
  return receipt;
}

CrlIssued issue_crl_after_revoking(Provider& provider, const std::string& name,
                                   const std::string& what, std::int64_t audit_seq) {
  try {
    return issue_crl(provider, name);
  } catch (const Error& error) {
    throw Error(error.fault, what + " is revoked, but no CRL says so", error.message,
                "its signer is stopped already; repeat tsp crl issue",
                static_cast<std::uint64_t>(audit_seq));
  }
}

void check_crl_key(Provider& provider, const std::string& name) {
  const Ca ca = ca_named(name);
  provider.session(ca.token)->open_signer(ca.key);
}

std::vector<CrlIssued> issue_crls(Provider& provider, const std::vector<std::string>& cas,
                                  bool dry_run) {
  std::vector<CrlIssued> issued;
  const std::vector<std::string> all{"root", "issuing"};
  for (const std::string& name : cas.empty() ? all : cas) {
    const Ca ca = ca_named(name);
    if (!dry_run) {
      issued.push_back(issue_crl(provider, name));
      continue;
    }
    check_crl_key(provider, name);
    CrlIssued planned;
    planned.ca = name;
    planned.this_update = whole_seconds(provider.now());
    planned.next_update = planned.this_update + provider.config().duration(ca.validity);
    planned.entries = entries_of(provider, ca).size();
    const auto current = store::current_crl(provider.database(), name);
    planned.number = current ? current->number + 1 : 1;
    issued.push_back(std::move(planned));
  }
  return issued;
}

void issue_due_crls(Provider& provider) {
  for (const char* name : {"root", "issuing"})
    if (is_due(provider, name) && can_open(provider, name))
      issue_crl(provider, name);
    else
      write_newest(provider, name);
}

std::vector<Published> publish_crls(Provider& provider, bool dry_run) {
  if (!dry_run) issue_due_crls(provider);
  std::vector<Published> out;
  for (const char* name : {"root", "issuing"}) {
    if (dry_run && is_due(provider, name) && can_open(provider, name))
      check_crl_key(provider, name);
    const auto crl = store::current_crl(provider.database(), name);
    if (!crl && !dry_run)
      throw Error(Fault::evidence_missing, fmt::format("there is no CRL of the {} CA", name));
    out.push_back({name, crl ? crl->number : 0, provider.certificate_of_role(name)});
  }
  return out;
}

Json to_json(const CrlIssued& receipt) {
  return {{"ca", receipt.ca},
          {"number", receipt.number},
          {"this_update", to_rfc3339(receipt.this_update)},
          {"next_update", to_rfc3339(receipt.next_update)},
          {"entries", receipt.entries},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
