// The rows of ops/call.h, one file a noun. Each file says which members a request has.
#pragma once

#include "ops/call.h"
#include "ops/provider.h"

namespace tsp::ops {

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
