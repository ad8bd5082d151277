// What officers do about signers, and what is read of them. Members are named as the options of
// the command are: NAME is `user`.
#include "ops/enrolment.h"
#include "ops/operations.h"
#include "ops/remove_user.h"
#include "ops/user_history.h"

namespace tsp::ops {
namespace {

constexpr Roles kOfRecords{Role::officer, Role::auditor};

// {user, kind, group, names…, proofing_sha256, terms, two_steps, elsewhere}; secret pin; hands out
// totp_uri or, in two steps, enrolment_code.
Json enroll_user(Provider& provider, const Call& call) {
  EnrollUser request;
  request.name = required_text(call, "user");
  request.kind = word_of(call, "kind", "natural|legal", "natural");
  request.group = text_of(call, "group", "default");
  request.common_name = required_text(call, "common_name");
  request.given_name = text_of(call, "given_name");
  request.surname = text_of(call, "surname");
  request.serial_number = text_of(call, "serial_number");
  request.organization = text_of(call, "organization");
  request.organization_id = text_of(call, "organization_id");
  request.email = text_of(call, "email");
  request.country = text_of(call, "country");
  request.proofing_sha256 = text_of(call, "proofing_sha256");
  request.terms = text_of(call, "terms");
  request.two_steps = flag_of(call, "two_steps");
  request.elsewhere = flag_of(call, "elsewhere");
  request.pin = given_secret(call, "pin");
  request.hand_out = hand_out_as(call, "totp_uri");
  request.hand_out_code = hand_out_as(call, "enrolment_code");
  request.dry_run = flag_of(call, "dry_run");
  return to_json(enroll_user(provider, request));
}

Json renew_enrolment_code(Provider& provider, const Call& call) {
  return to_json(renew_enrolment_code(
      provider, {required_text(call, "user"), hand_out_as(call, "enrolment_code"),
                 flag_of(call, "dry_run")}));
}

// A page (call.h): {after}, a name.
Json list_users(Provider& provider, const Call& call) {
  Json users = Json::array();
  for (const auto& user : list_users(provider, text_of(call, "after"), kPage))
    users.push_back(to_json(user));
  Json receipt{{"users", std::move(users)}};
  if (const Json& all = receipt.at("users"); all.size() == kPage)
    receipt["next"] = all.back().at("user");
  return receipt;
}

Json show_user(Provider& provider, const Call& call) {
  return to_json(show_user(provider, required_text(call, "user")));
}

Json suspend_user(Provider& provider, const Call& call) {
  return to_json(suspend_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

Json resume_user(Provider& provider, const Call& call) {
  return to_json(resume_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

Json unlock_user(Provider& provider, const Call& call) {
  return to_json(unlock_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

// A page: {user, since, until, after}, the number of a record.
Json user_history(Provider& provider, const Call& call) {
  const HistoryOf request{required_text(call, "user"), time_of(call, "since"),
                          time_of(call, "until"), record_after(call)};
  Json receipt{{"user", request.user}, {"events", Json::array()}};
  Json& events = receipt["events"];
  const auto next = user_history(provider, request, [&](const HistoryEvent& event) {
    events.push_back(to_json(event));
    return events.size() < kPage;
  });
  if (next) receipt["next"] = *next;
  return receipt;
}

Json remove_user(Provider& provider, const Call& call) {
  return to_json(remove_user(provider, required_text(call, "user"), flag_of(call, "dry_run")));
}

}  // namespace

std::vector<Operation> user_operations() {
  return {
      {"user enroll",
       kOfficer,
       Worker::signers,
       true,
       {"user", "kind", "group", "common_name", "given_name", "surname", "serial_number",
        "organization", "organization_id", "email", "country", "proofing_sha256", "terms",
        "two_steps", "elsewhere", "dry_run"},
       {"pin"},
       &enroll_user},
      {"user enroll code",
       kOfficer,
       Worker::signers,
       true,
       {"user", "dry_run"},
       {},
       &renew_enrolment_code},
      {"user list", kReaders, Worker::pki, false, {"after"}, {}, &list_users},
      {"user show", kReaders, Worker::pki, false, {"user"}, {}, &show_user},
      {"user suspend", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &suspend_user},
      {"user resume", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &resume_user},
      {"user unlock", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &unlock_user},
      {"user history",
       kOfRecords,
       Worker::pki,
       false,
       {"user", "since", "until", "after"},
       {},
       &user_history},
      {"user remove", kOfficer, Worker::pki, true, {"user", "dry_run"}, {}, &remove_user},
  };
}

}  // namespace tsp::ops
