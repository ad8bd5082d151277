// Who is at the other end of the Unix socket (SO_PEERCRED, SO_PEERGROUPS), and which roles
// tsp.yaml gives him. Deny by default.
#pragma once

#include <sys/types.h>

#include <vector>

#include "ops/config.h"
#include "serve/message.h"

namespace tsp::serve {

struct Peer {
  uid_t uid;
  std::vector<gid_t> groups;
};
// Error{failed} where the kernel does not say.
Peer peer_of(int socket);

class RoleTable {
 public:
  // Settings roles.ROLE: names and numbers of users ("user:alice", "user:1000") and groups
  // ("group:officers"), separated by commas. Where none is set, the server's own user and root hold
  // every role, and nobody else any. Error{bad_input} for a user or group that does not exist.
  RoleTable(const ops::Config& config, uid_t owner);
  // Error{not_permitted} for whoever would be officer and auditor at once.
  ops::Roles roles_of(const Peer& peer) const;
  bool separated() const { return separated_; }

 private:
  struct Row {
    ops::Role role;
    bool group;
    std::uint32_t id;
  };
  std::vector<Row> rows_;
  uid_t owner_;
  bool separated_ = false;
};

}  // namespace tsp::serve
