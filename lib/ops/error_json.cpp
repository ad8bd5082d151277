#include "ops/error_json.h"

namespace tsp::ops {

Json error_json(const Error& error) {
  const FaultRow& row = fault_row(error.fault);
  Json json = {{"code", row.name},
               {"message", error.message},
               {"hint", error.next},
               {"exit", row.exit_status},
               {"audit_seq", nullptr}};
  if (error.audit_seq) json["audit_seq"] = *error.audit_seq;
  return json;
}

}  // namespace tsp::ops
