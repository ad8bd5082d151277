// Failure is one exception type. A verdict (a signature that does not verify, a path that cannot
// be built) is an answer and never an Error; "not there" is std::optional.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace tsp {

// What went wrong, by name. The names, in kebab case, are the `code` of the JSON error object and
// stand in docs/errors.md beside exit status, HTTP status and CSC error; never renamed.
enum class Fault {
  failed,                // anything that has no name of its own
  usage,                 // the command line or request is not understood
  bad_input,             // a document or file is damaged or not what it should be
  tampered,              // our own store or log was changed behind our back
  evidence_missing,      // certificates, revocation data or a time-stamp cannot be had
  factor_refused,        // PIN, one-time code or other factor refused
  locked_out,            // too many refused factors
  hsm_unavailable,       // the HSM is gone, not one, or its PIN is refused
  audit_before_signing,  // the record could not be written; the HSM was not called
  audit_after_signing,   // the HSM signed, the result could not be recorded and was wiped
  not_found,             // a named file, user, key or serial is absent
  already_exists,        // what would be made is there already
  policy_refused,        // suspended, revoked, profile, algorithm, pre-issuance check, permissions
  input_needed,          // something must be asked, but nobody can be
  not_permitted,         // not for this caller
  busy,                  // try again
  interrupted,           // stopped by a signal
  output_failed,         // disk full, no permission, closed pipe
  space_low,             // the disk is nearly full: what is left is for signing and revocation
};
inline constexpr Fault kLastFault = Fault::space_low;

// Everything a person needs: what failed, why, what to do next (which says whether anything was
// changed or signed), and the audit record that tells of it, if there is one. Carries no secret.
struct Error : std::exception {
  Error(Fault fault_, std::string what_, std::string why_ = {}, std::string next_ = {},
        std::optional<std::uint64_t> audit_seq_ = std::nullopt);

  // "what: why"; the hint is separate.
  const char* what() const noexcept override { return message.c_str(); }

  Fault fault;
  std::string failed;  // what failed
  std::string why;
  std::string next;
  std::optional<std::uint64_t> audit_seq;
  std::string message;
};

// The row of docs/errors.md for a fault. `csc_error` is the error of the CSC API.
struct FaultRow {
  Fault fault;
  std::string_view name;
  int exit_status;
  int http_status;
  std::string_view csc_error;
};
const FaultRow& fault_row(Fault fault);

// Throws Error{not_found/not_permitted/output_failed/failed} for a failed system call on a file.
[[noreturn]] void throw_errno(int error_number, std::string what, std::string next = {});

}  // namespace tsp
