// How the TSP is, its time-stamps, and receipts of what was signed.
#include "base/error.h"
#include "ops/operations.h"
#include "ops/receipt.h"
#include "ops/status.h"
#include "ops/timestamp.h"

namespace tsp::ops {
namespace {

constexpr Roles kApplication{Role::application};
constexpr Roles kStampers{Role::application, Role::operator_};
constexpr std::size_t kMostProofs = 100;  // of one call

Json tell_status(Provider& provider, const Call&) {
  return status(provider);
}

// {hash_algorithm, imprint}, hex. `token`: the RFC 3161 token in base64.
Json timestamp(Provider& provider, const Call& call) {
  const auto hash = crypto::parse_hash(text_of(call, "hash_algorithm", "sha256"));
  cms::TimestampRequest request;
  request.imprint = hex_of(call, "imprint");
  request.certificates = true;
  if (!hash || request.imprint.size() != crypto::size_of(*hash))
    throw Error(Fault::usage, "the imprint is no digest of a hash that is stamped");
  request.hash = *hash;
  if (flag_of(call, "dry_run")) {
    check_stamp(provider, request);
    return {{"imprint", to_hex(request.imprint)}};
  }
  const Stamped receipt = stamp(provider, request);
  Json json = to_json(receipt);
  json["token"] = to_base64(receipt.token);
  return json;
}

// {records: [number…], checkpoint}: the records with proofs against the checkpoint, an auditor's
// or those of what the caller himself did. Without a checkpoint one is signed.
Json prove_records(Provider& provider, const Call& call) {
  std::vector<std::int64_t> numbers;
  const auto found = call.request.find("records");
  const bool listed = found != call.request.end() && found->is_array();
  if (listed)
    for (const Json& each : *found)
      if (each.is_number_integer()) numbers.push_back(each.get<std::int64_t>());
  if (!listed || numbers.size() != found->size() || numbers.size() > kMostProofs)
    throw Error(Fault::usage, "records of sign receipt is no list of numbers",
                "one call proves at most " + std::to_string(kMostProofs));
  return prove_records(provider, numbers, text_of(call, "checkpoint"));
}

}  // namespace

std::vector<Operation> service_operations() {
  return {
      {"status", kStaff, Worker::pki, false, {}, {}, &tell_status},
      {"timestamp",
       kStampers,
       Worker::pki,
       true,
       {"hash_algorithm", "imprint", "dry_run"},
       {},
       &timestamp},
      {"sign receipt",
       kApplication,
       Worker::pki,
       true,
       {"records", "checkpoint"},
       {},
       &prove_records},
  };
}

}  // namespace tsp::ops
