#include "base/error.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace tsp {
namespace {

constexpr std::array kRows{
    FaultRow{Fault::failed, "failed", 1, 500, "server_error"},
    FaultRow{Fault::usage, "usage", 2, 400, "invalid_request"},
    FaultRow{Fault::bad_input, "bad-input", 1, 400, "invalid_request"},
    FaultRow{Fault::tampered, "tampered", 3, 500, "server_error"},
    FaultRow{Fault::evidence_missing, "evidence-missing", 4, 503, "temporarily_unavailable"},
    FaultRow{Fault::factor_refused, "factor-refused", 5, 400, "invalid_otp"},
    FaultRow{Fault::locked_out, "locked-out", 6, 400, "invalid_request"},
    FaultRow{Fault::hsm_unavailable, "hsm-unavailable", 7, 503, "temporarily_unavailable"},
    FaultRow{Fault::audit_before_signing, "audit-before-signing", 8, 503, "server_error"},
    FaultRow{Fault::audit_after_signing, "audit-after-signing", 8, 503, "server_error"},
    FaultRow{Fault::not_found, "not-found", 9, 404, "invalid_request"},
    FaultRow{Fault::already_exists, "already-exists", 10, 409, "invalid_request"},
    FaultRow{Fault::policy_refused, "policy-refused", 11, 403, "access_denied"},
    FaultRow{Fault::input_needed, "input-needed", 12, 400, "invalid_request"},
    FaultRow{Fault::not_permitted, "not-permitted", 13, 403, "access_denied"},
    FaultRow{Fault::busy, "busy", 75, 503, "temporarily_unavailable"},
    FaultRow{Fault::interrupted, "interrupted", 130, 503, "temporarily_unavailable"},
    FaultRow{Fault::output_failed, "output-failed", 1, 500, "server_error"},
    FaultRow{Fault::space_low, "space-low", 14, 507, "temporarily_unavailable"},
};

Fault fault_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Fault::not_found;
    case EACCES:
    case EPERM:
      return Fault::not_permitted;
    case EEXIST:
      return Fault::already_exists;
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case EFBIG:
    case EPIPE:
      return Fault::output_failed;
    case EAGAIN:
      return Fault::busy;
    default:
      return Fault::failed;
  }
}

}  // namespace

Error::Error(Fault fault_, std::string what_, std::string why_, std::string next_,
             std::optional<std::uint64_t> audit_seq_)
    : fault(fault_),
      failed(std::move(what_)),
      why(std::move(why_)),
      next(std::move(next_)),
      audit_seq(audit_seq_),
      message(why.empty() ? failed : failed + ": " + why) {}

const FaultRow& fault_row(Fault fault) {
  for (const FaultRow& row : kRows)
    if (row.fault == fault) return row;
  return kRows.front();
}

void throw_errno(int error_number, std::string what, std::string next) {
  throw Error(fault_of_errno(error_number), std::move(what),
              std::generic_category().message(error_number), std::move(next));
}

}  // namespace tsp
