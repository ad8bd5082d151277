#include "validation/conclusion.h"

#include <array>
#include <utility>

namespace tsp::validation {
namespace {

constexpr std::array<std::string_view, 26> kNames{
    "",
    "FORMAT_FAILURE",
    "HASH_FAILURE",
    "SIG_CRYPTO_FAILURE",
    "REVOKED",
    "EXPIRED",
    "NOT_YET_VALID",
    "SIG_CONSTRAINTS_FAILURE",
    "CHAIN_CONSTRAINTS_FAILURE",
    "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    "CRYPTO_CONSTRAINTS_FAILURE",
    "POLICY_PROCESSING_ERROR",
    "SIGNATURE_POLICY_NOT_AVAILABLE",
    "TIMESTAMP_ORDER_FAILURE",
    "NO_SIGNING_CERTIFICATE_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    "REVOKED_NO_POE",
    "REVOKED_CA_NO_POE",
    "OUT_OF_BOUNDS_NOT_REVOKED",
    "OUT_OF_BOUNDS_NO_POE",
    "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "NO_POE",
    "TRY_LATER",
    "SIGNED_DATA_NOT_FOUND",
};
static_assert(kNames.size() == static_cast<std::size_t>(Sub::signed_data_not_found) + 1);

int weight(Indication indication) {
  switch (indication) {
    case Indication::total_passed:
      return 0;
    case Indication::indeterminate:
      return 1;
    case Indication::total_failed:
      return 2;
  }
  return 2;
}

}  // namespace

std::string_view name_of(Sub sub) {
  return kNames.at(static_cast<std::size_t>(sub));
}

Status status_of(Sub sub) {
  if (sub == Sub::none) return Status::passed;
  return sub <= Sub::not_yet_valid ? Status::failed : Status::indeterminate;
}

Conclusion passed() {
  return {};
}

Conclusion conclude(Sub sub, std::string_view finding, std::string reason) {
  return {sub, std::string(finding), std::move(reason)};
}

StepResult step(std::string_view clause, std::string_view name, const Conclusion& conclusion) {
  return {std::string(clause), std::string(name),
          conclusion.status(), std::string(name_of(conclusion.sub)),
          conclusion.finding,  conclusion.reason};
}

Indication indication_of(const Conclusion& conclusion) {
  switch (conclusion.status()) {
    case Status::passed:
      return Indication::total_passed;
    case Status::failed:
      return Indication::total_failed;
    case Status::indeterminate:
      return Indication::indeterminate;
  }
  return Indication::indeterminate;
}

bool worse(Indication a, Indication b) {
  return weight(a) > weight(b);
}

}  // namespace tsp::validation
