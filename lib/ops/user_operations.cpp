#include "ops/operations.h"
#include "ops/users.h"

namespace tsp::ops {
namespace {

constexpr Roles kOfficer{Role::officer};
constexpr Roles kReaders{Role::officer, Role::operator_, Role::auditor};

Json list(Provider& provider, const Call&) {
  Json users = Json::array();
  for (const auto& user : list_users(provider)) users.push_back(to_json(user));
  return {{"users", users}};
}

Json show(Provider& provider, const Call& call) {
  return to_json(show_user(provider, required_text(call, "user")));
}

Json suspend(Provider& provider, const Call& call) {
  return to_json(suspend_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

Json resume(Provider& provider, const Call& call) {
  return to_json(resume_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

Json unlock(Provider& provider, const Call& call) {
  return to_json(unlock_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

}  // namespace

std::vector<Operation> user_operations() {
  return {
      {"user list", kReaders, Worker::pki, false, {}, {}, &list},
      {"user show", kReaders, Worker::pki, false, {"user"}, {}, &show},
      {"user suspend", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &suspend},
      {"user resume", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &resume},
      {"user unlock", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &unlock},
  };
}

}  // namespace tsp::ops
