#include "ops/receipt.h"

#include <fmt/format.h>

#include "audit/proof.h"
#include "base/error.h"
#include "ops/audit_log.h"

namespace tsp::ops {
namespace {

std::optional<std::int64_t> record_of(const Json& result) {
  const Json& told = result.contains("error") ? result.at("error") : result;
  const auto seq = told.find("audit_seq");
  if (seq == told.end() || !seq->is_number_integer()) return std::nullopt;
  return seq->get<std::int64_t>();
}

constexpr std::size_t kOneCall = 100;  // records

// The record as it was logged, member by member.
Json as_logged(Provider& provider, std::int64_t seq) {
  const auto record = audit::find(provider.database(), seq);
  const bool reads_all = provider.roles().has(Role::auditor);
  if (!reads_all && (!record || record->event.actor != provider.caller().name))
    throw Error(Fault::not_found, fmt::format("there is no audit record {} of yours", seq));
  if (!record) throw Error(Fault::tampered, fmt::format("audit record {} is gone", seq));
  return parse_json(audit::encode(record->seq, record->time, record->event), "the audit record");
}

}  // namespace

Json prove_records(Provider& provider, const std::vector<std::int64_t>& numbers,
                   const std::string& checkpoint) {
  Json records = Json::array();
  for (const std::int64_t seq : numbers) records.push_back({{"record", as_logged(provider, seq)}});
  const std::string note = checkpoint.empty() ? make_checkpoint(provider) : checkpoint;
  for (std::size_t at = 0; at < numbers.size(); ++at)
    records[at]["proof"] = audit::prove(provider.database(), numbers[at], note);
  return {{"checkpoint", note}, {"records", std::move(records)}};
}

Json make_receipt(Backend& backend, const std::vector<Json>& results) {
  std::string note;
  Json signatures = Json::array();
  for (const Json& result : results)
    signatures.push_back({{"result", result}, {"record", nullptr}, {"proof", nullptr}});
  for (std::size_t at = 0; at < results.size() || note.empty();) {
    Call call{.operation = "sign receipt", .request = {{"records", Json::array()}}};
    std::vector<std::size_t> places;
    for (; at < results.size() && places.size() < kOneCall; ++at)
      if (const auto seq = record_of(results[at])) {
        places.push_back(at);
        call.request["records"].push_back(*seq);
      }
    if (!note.empty()) call.request["checkpoint"] = note;
    const Json proven = backend.call(call);
    note = proven.at("checkpoint").get<std::string>();
    for (std::size_t i = 0; i < places.size(); ++i)
      signatures[places[i]].update(proven.at("records").at(i));
  }
  return {{"receipt", 1}, {"signatures", std::move(signatures)}, {"checkpoint", note}};
}

}  // namespace tsp::ops
