#include "ops/json_members.h"

#include "base/error.h"

namespace tsp::ops {
namespace {

[[noreturn]] void member_not_understood(const char* member, const char* why) {
  throw Error(Fault::usage, std::string("the member ") + member + " " + why, "",
              "nothing was signed");
}

}  // namespace

const Json* find_member(const Json& json, const char* member) {
  if (!json.is_object()) throw Error(Fault::usage, "the request is no JSON object");
  const auto found = json.find(member);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

const Json& member_at(const Json& json, const char* member) {
  const Json* found = find_member(json, member);
  if (found == nullptr) member_not_understood(member, "is not given");
  return *found;
}

std::string text_at(const Json& json, const char* member) {
  const Json& value = member_at(json, member);
  if (!value.is_string()) member_not_understood(member, "is no text");
  return value.get<std::string>();
}

Bytes octets_at(const Json& json, const char* member) {
  auto octets = from_base64(text_at(json, member));
  if (!octets) member_not_understood(member, "is no base64");
  return std::move(*octets);
}

std::int64_t integer_at(const Json& json, const char* member) {
  const Json& value = member_at(json, member);
  if (!value.is_number_integer() ||
      (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    member_not_understood(member, "is no whole number");
  return value.get<std::int64_t>();
}

void each_octets(const Json& json, const char* member,
                 const std::function<void(const Bytes&)>& take) {
  const Json& list = member_at(json, member);
  if (!list.is_array()) member_not_understood(member, "is no list");
  for (const Json& entry : list) {
    const auto octets = entry.is_string() ? from_base64(entry.get<std::string>()) : std::nullopt;
    if (!octets) member_not_understood(member, "holds what is no base64");
    take(*octets);
  }
}

}  // namespace tsp::ops
