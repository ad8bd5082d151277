#include <algorithm>

#include "audit/examination.h"

namespace tsp::audit {
namespace {

constexpr const char* kSign = "sign";

bool is_digest(const Json& details, const char* name) {
  if (!details.contains(name) || !details[name].is_string()) return false;
  const auto& text = details[name].get_ref<const std::string&>();
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// What intent and result must have alike, where one of them has it.
Json bound_members(const Json& details) {
  Json bound = Json::object();
  for (const char* name : {"key", "dtbs", "dtbs_sha256"})
    if (details.contains(name)) bound[name] = details[name];
  return bound;
}

bool names_what_is_signed(const Json& details) {
  return is_digest(details, "dtbs_sha256") ||
         (!details.contains("dtbs_sha256") && details.contains("dtbs") &&
          details["dtbs"].is_string() && !details["dtbs"].get_ref<const std::string&>().empty());
}

}  // namespace

std::optional<std::string> Order::objection(const Record& record) {
  const Json& details = record.event.details;
  const bool marked = details.contains("clock") && details["clock"] == "stepped-back";
  if (last_ && record.time < *last_ && !marked) return "its time is before the record before it";
  last_ = record.time;
  return record.event.outcome == Outcome::intent ? begin(record) : end(record);
}

std::optional<std::string> Order::begin(const Record& record) {
  const Json& details = record.event.details;
  if (record.event.event == kSign && !details.contains("key")) return "the intent names no key";
  if (record.event.event == kSign && !names_what_is_signed(details))
    return "the intent does not say what is to be signed";
  open_.emplace(record.seq, Intent{record.event.event, bound_members(details)});
  return std::nullopt;
}

// A refusal or failure before any intent stands alone; a signature never does.
std::optional<std::string> Order::end(const Record& record) {
  const Json& details = record.event.details;
  const bool signature = record.event.event == kSign && record.event.outcome == Outcome::done;
  if (!details.contains("intent"))
    return signature ? std::optional("a signature without an intent") : std::nullopt;
  if (!details["intent"].is_number_unsigned()) return "its intent is not a record's number";
  const auto found = open_.find(details["intent"].get<std::int64_t>());
  if (found == open_.end()) return "a result without an open intent before it";
  const Intent& intent = found->second;
  if (intent.event != record.event.event) return "a result of another event than its intent";
  const Json repeated = bound_members(details);
  for (const auto& member : repeated.items())
    if (!intent.bound.contains(member.key()) || intent.bound[member.key()] != member.value())
      return "its " + member.key() + " is not the intent's";
  if (record.event.event == kSign && repeated != intent.bound)
    return "it does not repeat what its intent bound";
  if (signature && !is_digest(details, "signature_sha256")) return "a signature without its digest";
  open_.erase(found);
  return std::nullopt;
}

}  // namespace tsp::audit
