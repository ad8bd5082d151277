#include "audit/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace tsp::audit {
namespace {

constexpr int kVersion = 1;
constexpr int kDeepestDetails = 12;  // the reader allows 16 in all
constexpr std::array<const char*, 9> kMembers{"v",     "seq",  "time",    "event",  "outcome",
                                              "actor", "role", "subject", "details"};
constexpr std::array kOutcomes{Outcome::intent, Outcome::done, Outcome::refused, Outcome::failed};

// Letters, digits, '-' and '_' in parts joined by dots, none empty.
bool is_event_name(std::string_view name) {
  bool part_open = false;
  for (const char c : name) {
    if (c == '.' && !part_open) return false;
    part_open = c != '.';
    if (c != '.' && c != '-' && c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
      return false;
  }
  return part_open;
}

[[noreturn]] void cannot_record(const std::string& why) {
  throw Error(Fault::failed, "cannot record the event", why, "this is an error of the program");
}

void check_recordable(const Json& value, int depth) {
  if (depth > kDeepestDetails) cannot_record("its details are nested too deeply");
  if (value.is_number_float() || value.is_binary() || value.is_discarded())
    cannot_record("its details hold what has no canonical form");
  if (value.is_object())
    for (const auto& member : value.items()) {
      if (!is_utf8(member.key())) cannot_record("a member's name is not UTF-8");
      check_recordable(member.value(), depth + 1);
    }
  if (value.is_array())
    for (const Json& element : value) check_recordable(element, depth + 1);
}

[[noreturn]] void not_canonical(const std::string& why) {
  throw Error(Fault::bad_input, "cannot read the audit record", why);
}

const std::string& text_of(const Json& object, const char* name) {
  const Json& value = object.at(name);
  if (!value.is_string()) not_canonical(std::string(name) + " is not a string");
  return value.get_ref<const std::string&>();
}

void check_shape(const Json& object) {
  if (!object.is_object() || object.size() != kMembers.size()) not_canonical("not nine members");
  std::size_t index = 0;
  for (const auto& member : object.items())
    if (member.key() != kMembers[index++]) not_canonical("members missing or out of order");
  if (object["v"] != kVersion) not_canonical("not of version 1");
  if (!object["seq"].is_number_unsigned()) not_canonical("seq is not a number from 0");
  if (!object["details"].is_object()) not_canonical("details are not an object");
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::intent:
      return "intent";
    case Outcome::done:
      return "done";
    case Outcome::refused:
      return "refused";
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  const auto* found = std::find_if(kOutcomes.begin(), kOutcomes.end(),
                                   [&](Outcome outcome) { return name_of(outcome) == name; });
  return found == kOutcomes.end() ? std::nullopt : std::optional(*found);
}

// Put together by hand: the strings need escaping, and copying the details would cost more than all
// the rest.
Bytes encode(std::int64_t seq, Time time, const Event& event) {
  if (seq < 0) cannot_record("its number is negative");
  if (!is_event_name(event.event)) cannot_record("\"" + event.event + "\" is not an event's name");
  if (!event.details.is_object() && !event.details.is_null())
    cannot_record("its details are not an object");
  check_recordable(event.details, 1);
  const std::string stamp = to_rfc3339(time, true);
  if (from_rfc3339(stamp) != time) cannot_record("its time has no four-digit year");
  const std::string line =
      fmt::format(R"({{"v":{},"seq":{},"time":"{}","event":"{}","outcome":"{}",)"
                  R"("actor":{},"role":{},"subject":{},"details":{}}})",
                  kVersion, seq, stamp, event.event, name_of(event.outcome), dump(event.actor),
                  dump(event.role), dump(event.subject),
                  event.details.is_null() ? std::string("{}") : dump(event.details));
  if (line.size() > kRecordLimit) cannot_record("it is longer than 65535 octets");
  return to_bytes(as_bytes(line));
}

Record decode(ByteView octets) {
  Json object = parse_json(octets, "an audit record", {kRecordLimit, 16});
  check_shape(object);
  Record record;
  const auto seq = object["seq"].get<std::uint64_t>();
  if (seq > static_cast<std::uint64_t>(INT64_MAX)) not_canonical("seq is too large");
  record.seq = static_cast<std::int64_t>(seq);
  const auto time = from_rfc3339(text_of(object, "time"));
  const auto outcome = parse_outcome(text_of(object, "outcome"));
  if (!time) not_canonical("time is not a moment");
  if (!outcome) not_canonical("outcome is none of the four");
  record.time = *time;
  record.event = {text_of(object, "event"),   *outcome,
                  text_of(object, "actor"),   text_of(object, "role"),
                  text_of(object, "subject"), std::move(object["details"])};
  Bytes again;
  try {
    again = encode(record.seq, record.time, record.event);
  } catch (const Error& error) {
    not_canonical(error.why);
  }
  if (!equal(again, octets)) not_canonical("not in canonical form");
  return record;
}

Bytes chain_after(ByteView previous, ByteView record) {
  return crypto::Hasher(crypto::HashAlgorithm::sha256).update(previous).update(record).finish();
}

Bytes first_chain() {
  return Bytes(32, 0);
}

}  // namespace tsp::audit
