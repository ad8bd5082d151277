#include "ops/accounting.h"

#include <limits>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/text.h"

namespace tsp::ops {
namespace {

constexpr auto kDay = std::chrono::hours(24);

std::int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch() / kDay;
}

std::string date_of(std::int64_t day) {
  return to_rfc3339(Time{kDay * day}).substr(0, std::string_view("2026-11-21").size());
}

Json name_or_null(const std::string& group) {
  return group.empty() ? Json(nullptr) : Json(group);
}

Json date_or_null(const std::optional<std::int64_t>& day) {
  return day ? Json(date_of(*day)) : Json(nullptr);
}

}  // namespace

void account(store::Transaction& transaction, Time now, const std::string& group,
             const audit::Event& event, std::int64_t calls) {
  store::count_calls(transaction, {group, day_of(now), event.event,
                                   std::string(audit::name_of(event.outcome)), calls});
}

bool is_about_a_user(const std::string& event) {
  for (const char* noun :
       {"user.", "sign.", "key.", "factor.", "device.", "notice.", "code.", "seal."})
    if (event.starts_with(noun)) return true;
  return event == "sign";
}

std::int64_t record_call(Provider& provider, store::Transaction& transaction,
                         const std::string& group, const audit::Event& event) {
  const Time now = provider.now();
  account(transaction, now, group, event);
  return audit::append(transaction, now, event);
}

std::string group_of_user(store::Database& database, const std::string& user) {
  const auto row = store::find_user(database, user);
  return row ? row->group : "";
}

std::string group_of(store::Database& database, const audit::Event& event) {
  const std::string& subject = event.subject;
  if (event.event.starts_with("group.")) return store::find_group(database, subject) ? subject : "";
  const auto named = event.details.find("group");
  if (named != event.details.end() && store::find_group(database, named->get<std::string>()))
    return named->get<std::string>();
  if (subject.empty()) return "";
  if (const auto key = store::find_key(database, subject))
    return group_of_user(database, key->owner);
  if (const auto certificate = store::find_certificate(database, subject))
    return group_of_user(database, certificate->owner);
  return is_about_a_user(event.event) ? group_of_user(database, subject) : "";
}

GroupReport report_group(Provider& provider, const ReportGroup& request) {
  if (!request.group.empty() && !store::find_group(provider.database(), request.group))
    throw Error(Fault::not_found, "there is no group " + printable(request.group), "",
                "tsp group list names the groups");
  GroupReport report;
  report.group = request.group;
  if (request.since) report.since = day_of(*request.since);
  if (request.until) report.until = day_of(*request.until);
  if (report.since && report.until && *report.since > *report.until)
    throw Error(Fault::usage, "the report ends before it begins");
  const std::int64_t first = report.since.value_or(std::numeric_limits<std::int64_t>::min());
  const std::int64_t last = report.until.value_or(std::numeric_limits<std::int64_t>::max());
  const auto take = [&](const std::string& group) {
    for (auto& row : store::accounts_of(provider.database(), group, first, last))
      report.calls.push_back(std::move(row));
  };
  if (!request.group.empty()) {
    take(request.group);
    return report;
  }
  take("");
  for (const auto& group : store::all_groups(provider.database())) take(group.name);
  return report;
}

Json to_json(const GroupReport& report) {
  Json calls = Json::array(), totals = Json::array();
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> sums;
  for (const auto& row : report.calls) {
    calls.push_back({{"group", name_or_null(row.group)},
                     {"day", date_of(row.day)},
                     {"operation", row.operation},
                     {"outcome", row.outcome},
                     {"calls", row.calls}});
    sums[{row.group, row.operation, row.outcome}] += row.calls;
  }
  for (const auto& [what, sum] : sums)
    totals.push_back({{"group", name_or_null(std::get<0>(what))},
                      {"operation", std::get<1>(what)},
                      {"outcome", std::get<2>(what)},
                      {"calls", sum}});
  return {{"group", name_or_null(report.group)},
          {"since", date_or_null(report.since)},
          {"until", date_or_null(report.until)},
          {"calls", calls},
          {"totals", totals}};
}

}  // namespace tsp::ops
