// Groups of service providers. Members are named as the options are; NAME is `group`.
#include "ops/accounting.h"
#include "ops/groups.h"
#include "ops/operations.h"

namespace tsp::ops {
namespace {

constexpr Roles kOfAccounts{Role::administrator, Role::auditor};

// {group, profile, factors_scal1, factors_scal2, enrolment, bare_hashes, documents,
// approval_seconds, seal_operators, lists_credentials, state, api_key: keep|new|none}. An empty
// profile and a zero take back what was set. Hands out api_key.
EditGroup edit_of(const Call& call, std::string_view api_key) {
  EditGroup request;
  request.name = required_text(call, "group");
  request.profile = given_text(call, "profile");
  request.factors_scal1 = given_text(call, "factors_scal1");
  request.factors_scal2 = given_text(call, "factors_scal2");
  request.enrolment = given_text(call, "enrolment");
  request.bare_hashes = given_flag(call, "bare_hashes");
  request.documents = integer_of(call, "documents");
  if (const auto seconds = integer_of(call, "approval_seconds"))
    request.approval = std::chrono::seconds(*seconds);
  request.seal_operators = integer_of(call, "seal_operators");
  request.lists_credentials = given_flag(call, "lists_credentials");
  request.state = given_text(call, "state");
  const std::string word = word_of(call, "api_key", "keep|new|none", api_key);
  request.api_key = word == "new"    ? EditGroup::ApiKey::make
                    : word == "none" ? EditGroup::ApiKey::none
                                     : EditGroup::ApiKey::keep;
  request.hand_out = hand_out_as(call, "api_key");
  request.dry_run = flag_of(call, "dry_run");
  return request;
}

Json add_group(Provider& provider, const Call& call) {
  return to_json(add_group(provider, edit_of(call, "new")));
}

Json set_group(Provider& provider, const Call& call) {
  return to_json(set_group(provider, edit_of(call, "keep")));
}

Json list_groups(Provider& provider, const Call&) {
  Json groups = Json::array();
  for (const auto& group : list_groups(provider)) groups.push_back(to_json(group));
  return {{"groups", std::move(groups)}};
}

Json show_group(Provider& provider, const Call& call) {
  return to_json(show_group(provider, required_text(call, "group")));
}

Json report_group(Provider& provider, const Call& call) {
  return to_json(report_group(
      provider, {text_of(call, "group"), time_of(call, "since"), time_of(call, "until")}));
}

}  // namespace

std::vector<Operation> group_operations() {
  const std::vector<std::string_view> rules{
      "group",       "profile",   "factors_scal1",    "factors_scal2",  "enrolment",
      "bare_hashes", "documents", "approval_seconds", "seal_operators", "lists_credentials",
      "state",       "api_key",   "dry_run"};
  return {
      {"group add", kAdministrator, Worker::pki, true, rules, {}, &add_group},
      {"group list", kStaff, Worker::pki, false, {}, {}, &list_groups},
      {"group show", kStaff, Worker::pki, false, {"group"}, {}, &show_group},
      {"group set", kAdministrator, Worker::pki, true, rules, {}, &set_group},
      {"group report",
       kOfAccounts,
       Worker::pki,
       false,
       {"group", "since", "until"},
       {},
       &report_group},
  };
}

}  // namespace tsp::ops
