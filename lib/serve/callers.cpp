#include "serve/callers.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace tsp::serve {
namespace {

constexpr std::string_view kUserPrefix = "user:", kGroupPrefix = "group:";

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint32_t system_id_of(const std::string& name, bool group, const std::string& setting) {
  if (const auto number = number_of(name)) return *number;
  if (group) {
    if (const ::group* found = ::getgrnam(name.c_str())) return found->gr_gid;
  } else if (const passwd* found = ::getpwnam(name.c_str())) {
    return found->pw_uid;
  }
  throw Error(Fault::bad_input, fmt::format("{} names {}, which does not exist", setting, name), "",
              "mend it in tsp.yaml");
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    const auto first = word.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    out.push_back(word.substr(first, word.find_last_not_of(' ') - first + 1));
  }
  return out;
}

}  // namespace

Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    throw_errno(errno, "cannot tell who calls");
  Peer peer{credentials.uid, {credentials.gid}};
  std::vector<gid_t> groups(64);
  while (true) {
    size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) break;
    if (errno != ERANGE) return peer;
    groups.resize(size / sizeof(gid_t));
  }
  peer.groups.insert(peer.groups.end(), groups.begin(),
                     groups.begin() + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
  return peer;
}

RoleTable::RoleTable(const ops::Config& config, uid_t owner) : owner_(owner) {
  constexpr ops::Role kRoles[] = {ops::Role::administrator, ops::Role::officer,
                                  ops::Role::operator_,     ops::Role::auditor,
                                  ops::Role::application,   ops::Role::gateway};
  for (const ops::Role role : kRoles) {
    const std::string setting = fmt::format("roles.{}", ops::name_of(role));
    for (const std::string_view word : split(config.text(setting))) {
      const bool group = word.starts_with(kGroupPrefix);
      if (!group && !word.starts_with(kUserPrefix))
        throw Error(Fault::bad_input, fmt::format("{} has \"{}\"", setting, word),
                    "it takes user:NAME and group:NAME", "mend it in tsp.yaml");
      const std::string name(word.substr(group ? kGroupPrefix.size() : kUserPrefix.size()));
      rows_.push_back({role, group, system_id_of(name, group, setting)});
    }
  }
  separated_ = !rows_.empty();
}

ops::Roles RoleTable::roles_of(const Peer& peer) const {
  if (!separated_) return peer.uid == owner_ || peer.uid == 0 ? ops::Roles::all() : ops::Roles();
  ops::Roles roles;
  for (const Row& row : rows_) {
    const bool his =
        row.group ? std::find(peer.groups.begin(), peer.groups.end(), row.id) != peer.groups.end()
                  : row.id == peer.uid;
    if (his) roles.add(row.role);
  }
  if (roles.has(ops::Role::officer) && roles.has(ops::Role::auditor))
    throw Error(Fault::not_permitted,
                fmt::format("uid {} is officer and auditor at once", peer.uid),
                "nobody may be both", "mend the roles in tsp.yaml");
  return roles;
}

}  // namespace tsp::serve
