// Who asks, and what he may ask for. In one process one person holds every role; behind a socket a
// caller has those that tsp.yaml gives his user or group, and nothing where it gives none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsp::ops {

enum class Role {
  administrator,  // settings, groups, certificates of the TSP's own
  officer,        // registration: signers, their factors, keys and certificates
  operator_,      // CRLs, checkpoints, status
  auditor,        // reads all records, changes nothing
  application,    // a signer's program: signs with that signer's factors
  gateway         // a reverse proxy: speaks for the service provider of an API key, never for staff
};
std::string_view name_of(Role role);  // "operator", as in tsp.yaml
std::optional<Role> parse_role(std::string_view name);

class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= bit(role);
  }
  static constexpr Roles all() {
    return {Role::administrator, Role::officer, Role::operator_, Role::auditor, Role::application};
  }
  static constexpr Roles staff() {
    return {Role::administrator, Role::officer, Role::operator_, Role::auditor};
  }
  constexpr void add(Role role) { bits_ |= bit(role); }
  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  constexpr bool any_of(Roles other) const { return (bits_ & other.bits_) != 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  static constexpr Roles from_bits(std::uint32_t bits) {
    Roles out;
    out.bits_ = bits & ((1U << 6) - 1);
    return out;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const Roles&) const = default;
  std::vector<std::string> names() const;

 private:
  static constexpr std::uint32_t bit(Role role) { return 1U << static_cast<unsigned>(role); }
  std::uint32_t bits_ = 0;
};

}  // namespace tsp::ops
