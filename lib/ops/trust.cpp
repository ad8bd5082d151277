#include "ops/trust.h"

#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/accounting.h"
#include "ops/named_certificates.h"
#include "ops/names.h"
#include "ops/recording.h"
#include "ops/trust_fetch.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kMostSigners = 32;
constexpr const char* kUnchanged = "nothing was changed";

void check_trust_name(const std::string& name) {
  if (!is_name(name))
    throw Error(Fault::bad_input, "the name " + printable(name) + " cannot be used",
                "a name is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit", kUnchanged);
}

void check_source(const AddTrust& request) {
  check_trust_name(request.name);
  const int sources = !request.url.empty() + !request.file.empty() + !request.pem.empty();
  if (sources != 1)
    throw Error(Fault::usage, "one source is needed: --url, --file or --pem", "", kUnchanged);
  if (!request.pem.empty() && !(request.signers.empty() && request.territories.empty()))
    throw Error(Fault::usage, "--signer and --territory belong to a trusted list", "", kUnchanged);
  if (request.pem.empty() && request.signers.empty())
    throw Error(Fault::usage, "a trusted list needs --signer: the certificate that signs it",
                "a list that vouches for itself proves nothing",
                "its operator publishes it; a list of lists names the signers of the others");
  if (!request.url.empty() && !request.url.starts_with("https://") &&
      !request.url.starts_with("http://"))
    throw Error(Fault::usage, "--url takes http or https", "", kUnchanged);
}

TrustEntry entry_of(const AddTrust& request, Time now) {
  TrustEntry entry;
  entry.name = request.name;
  entry.kind = request.pem.empty() ? "list" : "anchors";
  entry.url = request.url;
  if (!request.file.empty()) entry.file = absolute_path(request.file);
  entry.territories = request.territories;
  entry.added = whole_seconds(now);
  for (const std::string& path : request.signers)
    for (x509::Certificate& signer : certificates_of_file(path)) entry.signers.push_back(signer);
  if (entry.signers.size() > kMostSigners)
    throw Error(Fault::bad_input, fmt::format("a list has at most {} signers", kMostSigners), "",
                kUnchanged);
  if (!request.pem.empty())
    for (x509::Certificate& anchor : certificates_of_file(request.pem))
      entry.anchors.push_back({{}, "", "", std::move(anchor), {}});
  return entry;
}

// What goes on record: which lists, by digest, and how many anchors.
Json details_of(const TrustEntry& entry, const std::vector<TrustChanged::Failed>& failed) {
  constexpr std::size_t kMostOnRecord = 100;
  Json lists = Json::array(), signers = Json::array(), failures = Json::array();
  for (const KeptList& list : entry.lists)
    if (lists.size() < kMostOnRecord)
      lists.push_back({{"url", list.url}, {"sequence", list.sequence}, {"sha256", list.sha256}});
  for (const x509::Certificate& signer : entry.signers) signers.push_back(to_hex(signer.sha256()));
  for (const auto& each : failed)
    if (failures.size() < kMostOnRecord) failures.push_back(each.list);
  Json details{{"kind", entry.kind}, {"anchors", entry.anchors.size()}};
  if (entry.kind == "list")
    details.update({{"signers", std::move(signers)},
                    {"lists", std::move(lists)},
                    {"failed", std::move(failures)}});
  return details;
}

std::int64_t put_on_record(const TrustPlace& place, const char* event, const std::string& name,
                           Json details) {
  if (place.provider == nullptr) return 0;
  Provider& provider = *place.provider;
  return commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    return record_call(provider, transaction, {},
                       provider.event(event, audit::Outcome::done, name, std::move(details)));
  });
}

FileLock lock(const TrustPlace& place) {
  make_directory(place.home.trust(), 0700);
  return FileLock(place.home.trust() + "/lock", 5000);
}

void keep(const TrustPlace& place, const char* event, TrustChanged& receipt) {
  receipt.audit_seq =
      put_on_record(place, event, receipt.entry.name, details_of(receipt.entry, receipt.failed));
  write_trust(place.home, receipt.entry);
}

}  // namespace

TrustChanged add_trust(const TrustPlace& place, const AddTrust& request) {
  check_source(request);
  if (exists(trust_file(place.home, request.name)))
    throw Error(Fault::already_exists, request.name + " is trusted already", "",
                "nothing was changed; tsp trust update or tsp trust remove " + request.name);
  TrustChanged receipt;
  receipt.entry = entry_of(request, place.world.clock.now());
  if (receipt.entry.kind == "list") receipt = fetch_lists(place.world, receipt.entry);
  receipt.changed = true;
  if (request.dry_run) return receipt;
  const FileLock held = lock(place);
  if (exists(trust_file(place.home, request.name)))
    throw Error(Fault::already_exists, request.name + " is trusted already", "", kUnchanged);
  keep(place, "trust.add", receipt);
  return receipt;
}

TrustChanged update_trust(const TrustPlace& place, const std::string& name, bool dry_run) {
  const TrustEntry before = read_trust(place.home, name);
  if (before.kind != "list")
    throw Error(Fault::usage, name + " is no trusted list", "anchors from a file do not change",
                "remove it and add it anew to change it");
  TrustChanged receipt = fetch_lists(place.world, before);
  if (dry_run) return receipt;
  const FileLock held = lock(place);
  // Somebody may have brought a newer one meanwhile, or removed it.
  if (trust_json(read_trust(place.home, name)) != trust_json(before))
    throw Error(Fault::busy, name + " was changed by somebody else meanwhile", "", kUnchanged);
  if (receipt.changed)
    keep(place, "trust.update", receipt);
  else
    write_trust(place.home, receipt.entry);  // when it was verified
  return receipt;
}

std::int64_t remove_trust(const TrustPlace& place, const std::string& name, bool dry_run) {
  check_trust_name(name);
  const std::string path = trust_file(place.home, name);
  if (!exists(path)) read_trust(place.home, name);  // says so
  if (dry_run) return 0;
  const FileLock held = lock(place);
  const auto seq = put_on_record(place, "trust.remove", name, Json::object());
  if (::unlink(path.c_str()) != 0) throw_errno(errno, "cannot remove " + path);
  sync_directory(place.home.trust());
  return seq;
}

std::vector<TrustEntry> list_trust(const Home& home) {
  std::vector<TrustEntry> out;
  for (const std::string& name : trust_names(home)) out.push_back(read_trust(home, name));
  return out;
}

LoadedTrust load_trust(const Home& home, Time now) {
  LoadedTrust out;
  for (const TrustEntry& entry : list_trust(home)) {
    const auto is_expired = [&](const KeptList& list) {
      return list.next_update && *list.next_update < now;
    };
    // Where the list of lists is out of date, so is what it says of the others' signers.
    const bool all = !entry.lists.empty() && is_expired(entry.lists.front());
    for (const KeptList& list : entry.lists)
      if (is_expired(list)) out.expired.push_back(entry.name + ": " + list.url);
    for (const KeptAnchor& anchor : entry.anchors) {
      if (!anchor.list) {
        out.store.add(anchor.certificate);
      } else if (!all && !is_expired(entry.lists[*anchor.list])) {
        for (const trust::Term& term : anchor.terms) out.store.add(anchor.certificate, term);
      }
    }
  }
  return out;
}

Json to_json(const TrustEntry& entry) {
  Json lists = Json::array(), signers = Json::array();
  for (const KeptList& list : entry.lists)
    lists.push_back(
        {{"url", list.url},
         {"operator", list.operator_name},
         {"territory", list.territory},
         {"sequence", list.sequence},
         {"issued", to_rfc3339(list.issued)},
         {"next_update", list.next_update ? Json(to_rfc3339(*list.next_update)) : Json(nullptr)},
         {"sha256", list.sha256},
         {"verified", to_rfc3339(list.verified)}});
  for (const x509::Certificate& signer : entry.signers)
    signers.push_back({{"subject", signer.subject()}, {"sha256", to_hex(signer.sha256())}});
  return {{"name", entry.name},
          {"kind", entry.kind},
          {"url", entry.url},
          {"file", entry.file},
          {"added", to_rfc3339(entry.added)},
          {"signers", std::move(signers)},
          {"lists", std::move(lists)},
          {"anchors", entry.anchors.size()}};
}

Json to_json(const TrustChanged& receipt) {
  Json out = to_json(receipt.entry);
  Json failed = Json::array();
  for (const auto& each : receipt.failed)
    failed.push_back({{"list", each.list},
                      {"code", fault_row(each.error.fault).name},
                      {"message", each.error.message}});
  out["failed"] = std::move(failed);
  out["changed"] = receipt.changed;
  out["audit_seq"] = record_json(receipt.audit_seq);
  return out;
}

}  // namespace tsp::ops
