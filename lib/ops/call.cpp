#include "ops/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/operations.h"
#include "ops/refusals.h"

namespace tsp::ops {
namespace {

[[noreturn]] void not_understood(const Call& call, std::string_view member,
                                 const std::string& why) {
  throw Error(Fault::usage, fmt::format("{} of {} {}", member, call.operation, why), "",
              "nothing was done");
}

const Json* member_of(const Call& call, std::string_view name) {
  const auto found = call.request.find(std::string(name));
  return found == call.request.end() || found->is_null() ? nullptr : &*found;
}

void refuse_unknown_members(const Operation& operation, const Call& call) {
  if (!call.request.is_object()) not_understood(call, "the request", "is no object");
  for (const auto& [name, value] : call.request.items())
    if (std::ranges::find(operation.members, name) == operation.members.end())
      not_understood(call, name, "is not known");
  for (const auto& [name, secret] : call.secrets)
    if (std::ranges::find(operation.secrets, name) == operation.secrets.end())
      not_understood(call, "the secret " + name, "is not known");
}

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> rows;
    for (auto* noun : {&user_operations})
      for (Operation& row : noun()) rows.push_back(std::move(row));
    return rows;
  }();
  return all;
}

const Operation* find_operation(std::string_view name) {
  const auto found = std::ranges::find(operations(), name, &Operation::name);
  return found == operations().end() ? nullptr : &*found;
}

Json run_operation(Provider& provider, const Call& call) {
  const Operation* operation = find_operation(call.operation);
  if (operation == nullptr)
    throw Error(Fault::usage, "there is no such operation", "", "nothing was done");
  if (!provider.roles().any_of(operation->roles))
    refuse(provider, {"caller.refused", "", "role", {{"operation", call.operation}}},
           Error(Fault::not_permitted, call.operation + " is not for " + provider.caller().name,
                 "it takes one of the roles " +
                     fmt::format("{}", fmt::join(operation->roles.names(), ", ")),
                 "nothing was done; roles stand in tsp.yaml"),
           Keep::one_a_minute);
  refuse_unknown_members(*operation, call);
  return operation->run(provider, call);
}

std::string text_of(const Call& call, std::string_view name, std::string_view fallback) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) not_understood(call, name, "is no text");
  return value->get<std::string>();
}

std::string required_text(const Call& call, std::string_view name) {
  std::string text = text_of(call, name);
  if (text.empty()) not_understood(call, name, "is not given");
  return text;
}

bool flag_of(const Call& call, std::string_view name) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) not_understood(call, name, "is neither true nor false");
  return value->get<bool>();
}

std::optional<std::int64_t> integer_of(const Call& call, std::string_view name) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX))
    not_understood(call, name, "is no whole number");
  return value->get<std::int64_t>();
}

const Secret* secret_of(const Call& call, std::string_view name) {
  const auto found = call.secrets.find(name);
  return found == call.secrets.end() ? nullptr : &found->second;
}

}  // namespace tsp::ops
