#include "ops/groups.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "ops/accounting.h"
#include "ops/names.h"
#include "ops/recording.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

constexpr std::string_view kApiKeyPrefix = "tsp_";
constexpr std::size_t kApiKeySize = 32;
constexpr std::size_t kApiKeyText = 52;  // of base32
constexpr std::chrono::seconds kShortestApproval{10};

Secret make_api_key() {
  const Secret random = Secret::random(kApiKeySize);
  std::string text = to_base32(random.view());
  Bytes key;
  key.reserve(kApiKeyPrefix.size() + kApiKeyText);  // so that no copy stays behind
  append(key, as_bytes(kApiKeyPrefix));
  append(key, as_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return Secret(std::move(key));
}

void check_group_name(const std::string& name) {
  if (!is_name(name))
    throw Error(Fault::bad_input, "the name " + printable(name) + " cannot be used",
                "a group's name is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit");
}

void check_word(const std::string& word, const char* one, const char* other) {
  if (word != one && word != other)
    throw Error(Fault::usage, fmt::format("{} is neither {} nor {}", printable(word), one, other));
}

// `event` names the verb that is refused.
void check_rules(Provider& provider, const EditGroup& request, const std::string& event) {
  const auto no = [&](const std::string& reason, Json details, const std::string& why) {
    refuse(provider, {event, request.name, reason, std::move(details)},
           Error(Fault::policy_refused, "the group " + request.name + " cannot be so", why,
                 "nothing was changed"),
           request.dry_run ? Keep::nothing : Keep::each);
  };
  if (request.enrolment) check_word(*request.enrolment, "one-step", "two-step");
  if (request.state) check_word(*request.state, "active", "suspended");
  if (request.seal_operators && (*request.seal_operators < 0 || *request.seal_operators > 2))
    throw Error(Fault::usage, "one or two operators approve a window, or none is opened (0)");
  if (request.documents && *request.documents < 0)
    throw Error(Fault::usage, "a group's approval covers at least one document");
  if (request.approval && request.approval->count() != 0 && *request.approval < kShortestApproval)
    throw Error(Fault::usage, "an approval of that length cannot be used in time", "",
                fmt::format("it is {}s or longer", kShortestApproval.count()));
  if (request.factors_scal1) sam::Requirement::parse(*request.factors_scal1, 1);
  if (request.factors_scal2) sam::Requirement::parse(*request.factors_scal2, 2);
  if (request.profile && !request.profile->empty() &&
      provider.profile(*request.profile).role != x509::Role::signer)
    no("profile-not-for-signers", {{"profile", *request.profile}},
       "the profile " + *request.profile + " is not for signers");
  const auto most = provider.config().integer("sign.documents");
  if (request.documents && *request.documents > most)
    no("above-configuration", {{"documents", *request.documents}, {"most", most}},
       fmt::format("sign.documents allows at most {} documents under one approval", most));
  const auto longest = provider.config().duration("sign.approval");
  if (request.approval && *request.approval > longest)
    no("above-configuration",
       {{"approval_seconds", request.approval->count()}, {"most", longest.count()}},
       fmt::format("sign.approval allows at most {}s", longest.count()));
}

void apply(const EditGroup& request, const std::optional<Secret>& key, store::GroupRow& row) {
  row.profile = request.profile.value_or(row.profile);
  row.factors_scal1 = request.factors_scal1.value_or(row.factors_scal1);
  row.factors_scal2 = request.factors_scal2.value_or(row.factors_scal2);
  row.enrolment = request.enrolment.value_or(row.enrolment);
  row.bare_hashes = request.bare_hashes.value_or(row.bare_hashes);
  row.documents = request.documents.value_or(row.documents);
  if (request.approval) row.approval_seconds = request.approval->count();
  row.seal_operators = request.seal_operators.value_or(row.seal_operators);
  row.lists_credentials = request.lists_credentials.value_or(row.lists_credentials);
  row.state = request.state.value_or(row.state);
  if (request.api_key == EditGroup::ApiKey::none) row.api_key_sha256.clear();
  if (key) row.api_key_sha256 = api_key_digest(*key);
}

// What goes on record of a group. Of the key only whether there is one.
Json rules_of(const store::GroupRow& row) {
  return {{"profile", row.profile},
          {"ca", row.ca},
          {"factors_scal1", row.factors_scal1},
          {"factors_scal2", row.factors_scal2},
          {"enrolment", row.enrolment},
          {"bare_hashes", row.bare_hashes},
          {"documents", row.documents},
          {"approval_seconds", row.approval_seconds},
          {"seal_operators", row.seal_operators},
          {"lists_credentials", row.lists_credentials},
          {"state", row.state},
          {"api_key", row.api_key_sha256.empty() ? "none" : "set"}};
}

Json differences(const store::GroupRow& before, const store::GroupRow& after) {
  const Json from = rules_of(before), to = rules_of(after);
  Json changed = Json::object();
  for (const auto& member : from.items())
    if (member.value() != to.at(member.key()))
      changed[member.key()] = {{"from", member.value()}, {"to", to.at(member.key())}};
  if (!changed.contains("api_key") && before.api_key_sha256 != after.api_key_sha256)
    changed["api_key"] = {{"from", "set"}, {"to", "new"}};
  return changed;
}

std::optional<Secret> api_key_for(const EditGroup& request) {
  if (request.api_key != EditGroup::ApiKey::make || request.dry_run) return std::nullopt;
  if (!request.hand_out)
    throw Error(Fault::input_needed, "the API key has nowhere to go", "",
                "give --api-key-out FILE");
  return make_api_key();
}

GroupInfo info_of(Provider& provider, store::GroupRow row, std::int64_t signers) {
  GroupInfo info;
  const auto most = provider.config().integer("sign.documents");
  const auto longest = provider.config().duration("sign.approval");
  info.documents = row.documents == 0 ? most : std::min(row.documents, most);
  info.approval = row.approval_seconds == 0
                      ? longest
                      : std::min(std::chrono::seconds(row.approval_seconds), longest);
  info.signers = signers;
  info.row = std::move(row);
  return info;
}

}  // namespace

std::string api_key_digest(const Secret& key) {
  return to_hex(crypto::sha256(key.view()));
}

GroupChanged add_group(Provider& provider, const EditGroup& request) {
  check_group_name(request.name);
  if (store::find_group(provider.database(), request.name))
    throw Error(Fault::already_exists, "the group " + request.name + " is there already", "",
                "nothing was changed; tsp group show " + request.name);
  check_rules(provider, request, "group.add");
  store::GroupRow row;
  row.name = request.name;
  row.ca = "issuing";
  row.factors_scal1 = "pin+totp";
  row.factors_scal2 = "pin+device";
  row.enrolment = "one-step";
  row.state = "active";
  row.created_at = provider.now();
  const auto key = api_key_for(request);
  apply(request, key, row);
  if (request.dry_run) return {info_of(provider, std::move(row), 0), true, 0};
  // Handed out before anything is written: a key whose digest was never stored opens nothing.
  if (key) request.hand_out(*key);
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::insert_group(transaction, row);
    return record_call(provider, transaction, row.name,
                       provider.event("group.add", audit::Outcome::done, row.name, rules_of(row)));
  });
  return {info_of(provider, std::move(row), 0), true, seq};
}

GroupChanged set_group(Provider& provider, const EditGroup& request) {
  const store::GroupRow before = find_group(provider, request.name);
  check_rules(provider, request, "group.set");
  const auto key = api_key_for(request);
  store::GroupRow row = before;
  apply(request, key, row);
  const bool new_key = request.api_key == EditGroup::ApiKey::make;
  GroupChanged receipt;
  receipt.changed = new_key || !differences(before, row).empty();
  if (receipt.changed && !request.dry_run) {
    if (key) request.hand_out(*key);
    receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
      // Read again: somebody may have changed something else meanwhile.
      const store::GroupRow now = find_group(provider, request.name);
      row = now;
      apply(request, key, row);
      store::update_group(transaction, row);
      return record_call(
          provider, transaction, row.name,
          provider.event("group.set", audit::Outcome::done, row.name, differences(now, row)));
    });
  }
  receipt.group = info_of(provider, std::move(row),
                          store::count_users_of_group(provider.database(), request.name));
  return receipt;
}

store::GroupRow find_group(Provider& provider, const std::string& name) {
  auto row = store::find_group(provider.database(), name);
  if (!row)
    throw Error(Fault::not_found, "there is no group " + printable(name), "",
                "tsp group list names the groups");
  return *row;
}

void refuse_suspended_group(Provider& provider, const std::string& name, Refusal refusal,
                            const std::string& what, Keep keep) {
  if (find_group(provider, name).state == "active") return;
  refusal.reason = "group-suspended";
  refusal.details["group"] = name;
  refuse(provider, refusal,
         Error(Fault::policy_refused, what, "the group " + name + " is suspended",
               "nothing was changed; tsp group set " + name + " --state active"),
         keep);
}

GroupInfo show_group(Provider& provider, const std::string& name) {
  return info_of(provider, find_group(provider, name),
                 store::count_users_of_group(provider.database(), name));
}

std::vector<GroupInfo> list_groups(Provider& provider) {
  std::vector<GroupInfo> groups;
  for (auto& row : store::all_groups(provider.database())) {
    const std::int64_t count = store::count_users_of_group(provider.database(), row.name);
    groups.push_back(info_of(provider, std::move(row), count));
  }
  return groups;
}

Json to_json(const GroupInfo& group) {
  const store::GroupRow& row = group.row;
  Json json = {{"group", row.name},
               {"state", row.state},
               {"profile", nullptr},
               {"ca", row.ca},
               {"factors_scal1", row.factors_scal1},
               {"factors_scal2", row.factors_scal2},
               {"enrolment", row.enrolment},
               {"bare_hashes", row.bare_hashes},
               {"documents", group.documents},
               {"approval_seconds", group.approval.count()},
               {"seal_operators", row.seal_operators},
               {"lists_credentials", row.lists_credentials},
               {"has_api_key", !row.api_key_sha256.empty()},
               {"signers", group.signers},
               {"created_at", nullptr}};
  if (!row.profile.empty()) json["profile"] = row.profile;
  if (row.created_at != Time{}) json["created_at"] = to_rfc3339(row.created_at);
  return json;
}

Json to_json(const GroupChanged& receipt) {
  Json json = to_json(receipt.group);
  json["changed"] = receipt.changed;
  json["audit_seq"] = record_json(receipt.audit_seq);
  return json;
}

}  // namespace tsp::ops
