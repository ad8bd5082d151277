#include "ops/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/operations.h"
#include "ops/refusals.h"
#include "ops/space.h"

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
    for (auto* noun : {&user_operations, &signer_operations, &group_operations, &seal_operations,
                       &key_operations, &certificate_operations, &crl_operations, &audit_operations,
                       &service_operations, &device_operations})
      for (Operation& row : noun()) rows.push_back(std::move(row));
    return rows;
  }();
  return all;
}

const Operation* find_operation(std::string_view name) {
  const auto found = std::ranges::find(operations(), name, &Operation::name);
  return found == operations().end() ? nullptr : &*found;
}

void demand_role(Provider& provider, const Call& call, Roles roles) {
  if (provider.roles().any_of(roles)) return;
  refuse(provider, {"caller.refused", "", "role", {{"operation", call.operation}}},
         Error(Fault::not_permitted, call.operation + " is not for " + provider.caller().name,
               fmt::format("it takes one of the roles {}", fmt::join(roles.names(), ", ")),
               "nothing was done; roles stand in tsp.yaml"),
         Keep::one_a_minute);
}

Json run_operation(Provider& provider, const Call& call) {
  const Operation* operation = find_operation(call.operation);
  if (operation == nullptr)
    throw Error(Fault::usage, "there is no such operation", "", "nothing was done");
  demand_role(provider, call, operation->roles);
  refuse_unknown_members(*operation, call);
  if (operation->changes_state && !goes_on_where_space_is_low(operation->name))
    if (const Space space = look_at_space(provider.home(), provider.config()); space.low())
      refuse(provider, {"caller.refused", "", "space-low", {{"operation", call.operation}}},
             space_is_low(space, call.operation),
             flag_of(call, "dry_run") ? Keep::nothing : Keep::one_a_minute);
  Json receipt = operation->run(provider, call);
  if (flag_of(call, "dry_run")) receipt["dry_run"] = true;
  return receipt;
}

std::string text_of(const Call& call, std::string_view name, std::string_view fallback) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) not_understood(call, name, "is no text");
  return value->get<std::string>();
}

std::string required_text(const Call& call, std::string_view name) {
  if (member_of(call, name) == nullptr) not_understood(call, name, "is not given");
  return text_of(call, name);
}

std::optional<std::string> given_text(const Call& call, std::string_view name) {
  if (member_of(call, name) == nullptr) return std::nullopt;
  return text_of(call, name);
}

std::string word_of(const Call& call, std::string_view name, std::string_view words,
                    std::string_view fallback) {
  std::string word = text_of(call, name, fallback);
  const std::string listed = fmt::format("|{}|", words);
  if (word.find('|') != std::string::npos || listed.find("|" + word + "|") == std::string::npos)
    not_understood(call, name, fmt::format("is none of {}", words));
  return word;
}

std::vector<std::string> texts_of(const Call& call, std::string_view name) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return {};
  const auto is_text = [](const Json& each) { return each.is_string(); };
  if (!value->is_array() || !std::ranges::all_of(*value, is_text))
    not_understood(call, name, "is no list of texts");
  return value->get<std::vector<std::string>>();
}

bool flag_of(const Call& call, std::string_view name) {
  return given_flag(call, name).value_or(false);
}

std::optional<bool> given_flag(const Call& call, std::string_view name) {
  const Json* value = member_of(call, name);
  if (value == nullptr) return std::nullopt;
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

std::int64_t required_integer(const Call& call, std::string_view name) {
  const auto number = integer_of(call, name);
  if (!number) not_understood(call, name, "is not given");
  return *number;
}

std::optional<Time> time_of(const Call& call, std::string_view name) {
  const auto text = given_text(call, name);
  if (!text) return std::nullopt;
  const auto moment = from_rfc3339(*text);
  if (!moment) not_understood(call, name, "is no time");
  return moment;
}

std::int64_t record_after(const Call& call) {
  const std::int64_t after = integer_of(call, "after").value_or(-1);
  if (after < -1 || after == INT64_MAX) not_understood(call, "after", "is no record's number");
  return after + 1;
}

Bytes octets_of(const Call& call, std::string_view name) {
  auto octets = from_base64(text_of(call, name));
  if (!octets) not_understood(call, name, "is no base64");
  return std::move(*octets);
}

Bytes hex_of(const Call& call, std::string_view name) {
  auto octets = from_hex(required_text(call, name));
  if (!octets) not_understood(call, name, "is no hex");
  return std::move(*octets);
}

const Secret* secret_of(const Call& call, std::string_view name) {
  const auto found = call.secrets.find(name);
  return found == call.secrets.end() ? nullptr : &found->second;
}

std::optional<Secret> given_secret(const Call& call, std::string_view name) {
  const Secret* secret = secret_of(call, name);
  return secret == nullptr ? std::nullopt : std::optional(secret->clone());
}

std::function<void(const Secret&)> hand_out_as(const Call& call, std::string name) {
  if (!call.hand_out) return {};
  return [&call, name = std::move(name)](const Secret& secret) { call.hand_out(name, secret); };
}

}  // namespace tsp::ops
