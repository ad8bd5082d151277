// The rows of ops/call.h, one file a noun. Each file says which members a request has.
#pragma once

#include "ops/call.h"
#include "ops/provider.h"

namespace tsp::ops {

// Who may ask: what several files say.
inline constexpr Roles kAdministrator{Role::administrator};
inline constexpr Roles kOfficer{Role::officer};
inline constexpr Roles kOperator{Role::operator_};
inline constexpr Roles kSigner{Role::officer, Role::application};  // or an officer for him
inline constexpr Roles kReaders{Role::officer, Role::operator_, Role::auditor};
inline constexpr Roles kStaff = Roles::staff();

std::vector<Operation> user_operations();
std::vector<Operation> signer_operations();
std::vector<Operation> group_operations();
std::vector<Operation> seal_operations();
std::vector<Operation> key_operations();
std::vector<Operation> certificate_operations();
std::vector<Operation> crl_operations();
std::vector<Operation> audit_operations();
std::vector<Operation> service_operations();
std::vector<Operation> device_operations();

}  // namespace tsp::ops
