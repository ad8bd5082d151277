#include "ops/user_history.h"

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "ops/accounting.h"
#include "ops/audit_log.h"

namespace tsp::ops {
namespace {

// What a record can name, and which of it is the signer's.
struct Signer {
  std::string name;
  std::set<std::string, std::less<>> keys, certificates;
  std::set<std::int64_t> open;  // records of intents without result
};

Signer signer_named(Provider& provider, const std::string& name) {
  if (!store::find_user(provider.database(), name))
    throw Error(Fault::not_found, "there is no user " + printable(name), "",
                "tsp user list names the users");
  Signer signer{name, {}, {}, {}};
  for (const auto& key : store::keys_of(provider.database(), name)) signer.keys.insert(key.id);
  for (const auto& row : store::certificates_of(provider.database(), name))
    signer.certificates.insert(row.serial);
  for (const auto& intent : store::open_intents(provider.database()))
    signer.open.insert(intent.audit_seq);
  return signer;
}

// The member as text; empty where it is absent or no text.
std::string text_or_empty(const Json& details, const char* member) {
  const auto found = details.find(member);
  return found != details.end() && found->is_string() ? found->get<std::string>() : "";
}

bool concerns(const Signer& signer, const audit::Event& event) {
  if (is_about_a_user(event.event) && event.subject == signer.name) return true;
  if (text_or_empty(event.details, "user") == signer.name) return true;
  return signer.keys.count(event.subject) != 0 || signer.certificates.count(event.subject) != 0;
}

bool is_shown(const Signer& signer, const audit::Record& record) {
  if (record.event.outcome == audit::Outcome::intent && signer.open.count(record.seq) == 0)
    return false;
  return concerns(signer, record.event);
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts)
    if (!text.empty()) return text;
  return "";
}

HistoryEvent event_of(const Signer& signer, const audit::Record& record) {
  const audit::Event& event = record.event;
  const auto subject_in = [&](const auto& names) {
    return names.count(event.subject) != 0 ? event.subject : "";
  };
  return {record.seq,
          record.time,
          event.event,
          std::string(audit::name_of(event.outcome)),
          text_or_empty(event.details, "document"),
          text_or_empty(event.details, "file_sha256"),
          first_of({text_or_empty(event.details, "key"), subject_in(signer.keys)}),
          first_of({text_or_empty(event.details, "certificate"), subject_in(signer.certificates)}),
          event.actor,
          event.role,
          text_or_empty(event.details, "reason")};
}

}  // namespace

std::optional<std::int64_t> user_history(Provider& provider, const HistoryOf& request,
                                         const std::function<bool(const HistoryEvent&)>& each) {
  const Signer signer = signer_named(provider, request.user);
  return read_on(provider, request.from, [&](const audit::Record& record) {
    const bool within = (!request.since || record.time >= *request.since) &&
                        (!request.until || record.time < *request.until);
    return !within || !is_shown(signer, record) || each(event_of(signer, record));
  });
}

Json to_json(const HistoryEvent& event) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };
  return {{"seq", event.seq},
          {"time", to_rfc3339(event.time)},
          {"event", event.event},
          {"outcome", event.outcome},
          {"document", or_null(event.document)},
          {"file_sha256", or_null(event.file_sha256)},
          {"key", or_null(event.key)},
          {"certificate", or_null(event.certificate)},
          {"by", event.by},
          {"role", event.role},
          {"reason", or_null(event.reason)}};
}

}  // namespace tsp::ops
