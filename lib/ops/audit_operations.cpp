// The audit log. Members are named as the options are; what an auditor has in files of his own is
// verified where he is, without a call.
#include "ops/audit_log.h"
#include "ops/operations.h"

namespace tsp::ops {
namespace {

constexpr Roles kAuditor{Role::auditor};
constexpr Roles kVerifiers{Role::auditor, Role::operator_};

// {checkpoint, verifier_key}, texts.
Json verify_log(Provider& provider, const Call& call) {
  return to_json(
      verify_log(provider, VerifyLog{text_of(call, "checkpoint"), text_of(call, "verifier_key")}));
}

Json tell_verifier_key(Provider& provider, const Call&) {
  return {{"verifier_key", verifier_key(provider)}};
}

// A page (call.h): {since, until, event, subject, after}, the number of a record.
Json show_log(Provider& provider, const Call& call) {
  const ShowLog request{time_of(call, "since"), time_of(call, "until"), text_of(call, "event"),
                        text_of(call, "subject"), record_after(call)};
  Json receipt{{"records", Json::array()}};
  Json& records = receipt["records"];
  std::size_t size = 0;
  const auto next = show_log(provider, request, [&](const audit::Record& record) {
    Json json = to_json(record);
    size += dump(json).size();
    records.push_back(std::move(json));
    return records.size() < kPage && size < kPageSize;
  });
  if (next) receipt["next"] = *next;
  return receipt;
}

Json make_checkpoint(Provider& provider, const Call& call) {
  if (flag_of(call, "dry_run")) return {{"size", check_checkpoint(provider)}};
  return {{"checkpoint", make_checkpoint(provider)}};
}

}  // namespace

std::vector<Operation> audit_operations() {
  return {
      {"audit verify",
       kVerifiers,
       Worker::pki,
       false,
       {"checkpoint", "verifier_key"},
       {},
       &verify_log},
      {"audit verify key", Roles::all(), Worker::pki, false, {}, {}, &tell_verifier_key},
      {"audit show",
       kAuditor,
       Worker::pki,
       false,
       {"since", "until", "event", "subject", "after"},
       {},
       &show_log},
      {"audit checkpoint", kOperator, Worker::pki, true, {"dry_run"}, {}, &make_checkpoint},
  };
}

}  // namespace tsp::ops
