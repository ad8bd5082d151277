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

Error error_from_json(const Json& json) {
  const auto text = [&](const char* member) {
    const auto found = json.is_object() ? json.find(member) : json.end();
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Fault fault = Fault::failed;
  const std::string code = text("code");
  for (int at = 0; at <= static_cast<int>(kLastFault); ++at)
    if (fault_row(static_cast<Fault>(at)).name == code) fault = static_cast<Fault>(at);
  const std::string message = text("message");
  std::optional<std::uint64_t> seq;
  if (json.is_object() && json.contains("audit_seq") && json["audit_seq"].is_number_unsigned())
    seq = json["audit_seq"].get<std::uint64_t>();
  return Error(fault, message.empty() ? "the server failed" : message, "", text("hint"), seq);
}

}  // namespace tsp::ops
