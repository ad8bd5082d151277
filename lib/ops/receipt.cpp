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

// The record as it was logged, member by member.
Json as_logged(Provider& provider, std::int64_t seq) {
  const auto record = audit::find(provider.database(), seq);
  if (!record) throw Error(Fault::tampered, fmt::format("audit record {} is gone", seq));
  return parse_json(audit::encode(record->seq, record->time, record->event), "the audit record");
}

}  // namespace

Json make_receipt(Provider& provider, const std::vector<Json>& results) {
  const std::string note = make_checkpoint(provider);
  Json signatures = Json::array();
  for (const Json& result : results) {
    Json entry{{"result", result}, {"record", nullptr}, {"proof", nullptr}};
    if (const auto seq = record_of(result)) {
      entry["record"] = as_logged(provider, *seq);
      entry["proof"] = audit::prove(provider.database(), *seq, note);
    }
    signatures.push_back(std::move(entry));
  }
  return {{"receipt", 1}, {"signatures", std::move(signatures)}, {"checkpoint", note}};
}

}  // namespace tsp::ops
