#include "ops/roles.h"

#include <array>
#include <utility>

namespace tsp::ops {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 6> kNames{
    {{Role::administrator, "administrator"},
     {Role::officer, "officer"},
     {Role::operator_, "operator"},
     {Role::auditor, "auditor"},
     {Role::application, "application"},
     {Role::gateway, "gateway"}}};

}  // namespace

std::string_view name_of(Role role) {
  for (const auto& [each, name] : kNames)
    if (each == role) return name;
  return "";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const auto& [role, each] : kNames)
    if (each == name) return role;
  return std::nullopt;
}

std::vector<std::string> Roles::names() const {
  std::vector<std::string> out;
  for (const auto& [role, name] : kNames)
    if (has(role)) out.emplace_back(name);
  return out;
}

}  // namespace tsp::ops
