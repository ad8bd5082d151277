#include "ops/users.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ops/accounting.h"
#include "ops/enrolment.h"
#include "ops/factors.h"
#include "ops/groups.h"
#include "ops/names.h"
#include "ops/recording.h"
#include "ops/user_checks.h"
#include "sam/factors.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

void check_user_name(const std::string& name) {
  if (!is_name(name, "@"))
    throw Error(Fault::usage, "the name " + printable(name) + " cannot be used",
                "a signer's name is 1 to 64 of a-z 0-9 . _ - @ and begins with a letter or digit");
}

// Text that a certificate can carry: valid UTF-8, no control characters, bounded.
void check_text(std::string_view what, const std::string& text, std::size_t longest) {
  if (!is_utf8(text) || printable(text) != text)
    throw Error(Fault::bad_input, fmt::format("the {} cannot be used", what),
                "it holds control characters or is not UTF-8");
  if (text.size() > longest)
    throw Error(Fault::bad_input, fmt::format("the {} cannot be used", what),
                fmt::format("it is longer than {} octets", longest));
}

// As the certificate would be refused: only a natural person's has a serial number.
void check_identifiers(const EnrollUser& request) {
  const auto refuse_identifier = [](const char* option, const std::string& value,
                                    const char* such_as) {
    throw Error(Fault::usage, fmt::format("{} {} cannot be used", option, printable(value)),
                fmt::format("it is no semantics identifier such as {} (EN 319 412-1 5.1)", such_as),
                "nothing was changed");
  };
  if (!request.serial_number.empty() && !x509::is_person_identifier(request.serial_number))
    refuse_identifier("--serial-number", request.serial_number, "PNOLU-1234567");
  if (!request.organization_id.empty() &&
      !x509::is_organisation_identifier(request.organization_id))
    refuse_identifier("--organization-id", request.organization_id, "VATLU-12345678");
}

store::UserRow row_of(Provider& provider, const EnrollUser& request) {
  store::UserRow row;
  row.name = request.name;
  row.kind = request.kind;
  row.group = request.group;
  row.common_name = request.common_name;
  row.given_name = request.given_name;
  row.surname = request.surname;
  row.serial_number = request.serial_number;
  row.organization = request.organization;
  row.organization_id = request.organization_id;
  row.email = request.email;
  row.country = request.country.empty()
                    ? store::setting(provider.database(), "country").value_or("")
                    : request.country;
  row.state = "active";
  row.created_at = provider.now();
  row.proofing_sha256 = request.proofing_sha256;
  // A natural person's certificate names given name and surname: where only the common name is
  // known it is split at its last space.
  if (row.kind == "natural" && row.given_name.empty() && row.surname.empty()) {
    const auto space = row.common_name.find_last_of(' ');
    row.surname = space == std::string::npos ? row.common_name : row.common_name.substr(space + 1);
    row.given_name = space == std::string::npos ? "" : row.common_name.substr(0, space);
  }
  return row;
}

void check_enrolment(const EnrollUser& request) {
  check_user_name(request.name);
  if (request.kind != "natural" && request.kind != "legal")
    throw Error(Fault::usage, "the kind " + request.kind + " is neither natural nor legal");
  if (request.common_name.empty()) throw Error(Fault::usage, "a signer needs a common name");
  check_text("common name", request.common_name, 64);
  check_text("given name", request.given_name, 64);
  check_text("surname", request.surname, 64);
  check_text("serial number", request.serial_number, 64);
  check_text("organization", request.organization, 64);
  check_text("organization id", request.organization_id, 64);
  check_text("e-mail address", request.email, 254);
  check_text("version of the terms", request.terms, 64);
  check_identifiers(request);
  if (!request.proofing_sha256.empty() &&
      (request.proofing_sha256.size() != 64 ||
       request.proofing_sha256.find_first_not_of("0123456789abcdef") != std::string::npos))
    throw Error(Fault::bad_input, "the proofing record cannot be kept",
                "its SHA-256 is not 64 digits in lower-case hex");
  if (!request.country.empty() &&
      (request.country.size() != 2 ||
       request.country.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos))
    throw Error(Fault::bad_input, "the country " + printable(request.country) + " cannot be used",
                "it takes two capital letters (ISO 3166-1)");
  if (request.kind == "legal" && (request.organization.empty() || request.organization_id.empty()))
    throw Error(Fault::usage, "a legal person needs --organization and --organization-id");
}

// Whether it is the first of two steps.
bool check_group(Provider& provider, const EnrollUser& request) {
  const Keep keep = request.dry_run ? Keep::nothing : Keep::each;
  const Refusal refusal{"user.enroll", request.name, "two-step", {{"group", request.group}}};
  refuse_suspended_group(provider, request.group, refusal, request.name + " is not enrolled", keep);
  const bool two_steps = find_group(provider, request.group).enrolment == "two-step";
  if (two_steps && request.pin)
    refuse(provider, refusal,
           Error(Fault::policy_refused, request.name + " is not enrolled with a PIN",
                 "the group " + request.group + " enrols in two steps: the signer alone sets it",
                 "nothing was changed"),
           keep);
  return two_steps || request.two_steps;
}

std::vector<FactorInfo> factor_infos(Provider& provider, const std::string& name) {
  std::vector<FactorInfo> infos;
  for (const auto& factor : store::factors_of(provider.database(), name))
    infos.push_back({factor.id, factor.type});
  return infos;
}

StateChanged set_state(Provider& provider, const std::string& name, const std::string& state,
                       const std::string& event, bool dry_run) {
  const store::UserRow before = must_find_user(provider, name);
  refuse_removed(provider, before, event, dry_run ? Keep::nothing : Keep::each);
  if (before.state == state) return {name, state, 0, false};
  if (dry_run) return {name, state, 0, true};
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    if (must_find_user(provider, name).state != before.state)
      throw Error(Fault::busy, name + " was changed meanwhile", "", "try again");
    store::set_user_state(transaction, name, state);
    Json details = {{"from", before.state}, {"to", state}};
    // An approval given before a suspension is void.
    if (state == "suspended")
      details["approvals_voided"] = store::delete_approvals_of(transaction, name);
    return record_call(provider, transaction, before.group,
                       provider.event(event, audit::Outcome::done, name, std::move(details)));
  });
  return {name, state, seq, true};
}

// Of a signer whose factors an authentication service checks: the identity alone.
UserEnrolled enroll_elsewhere(Provider& provider, const store::UserRow& row,
                              const EnrollUser& request, bool two_steps) {
  if (two_steps || request.pin)
    throw Error(Fault::usage, row.name + " cannot be enrolled with factors elsewhere and here", "",
                "nothing was changed");
  if (provider.config().text("sign.authentication_services").empty())
    refuse(provider, {"user.enroll", row.name, "no-authentication-service", {{"group", row.group}}},
           Error(Fault::policy_refused, row.name + " is not enrolled without factors",
                 "sign.authentication_services names nobody who would check them",
                 "nothing was changed"),
           request.dry_run ? Keep::nothing : Keep::each);
  UserEnrolled receipt{row.name, row.kind, row.group, {}, 0, row.state, {}};
  if (request.dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::insert_user(transaction, row);
    return record_call(provider, transaction, row.group,
                       provider.event("user.enroll", audit::Outcome::done, row.name,
                                      {{"kind", row.kind},
                                       {"group", row.group},
                                       {"common_name", row.common_name},
                                       {"proofing_sha256", row.proofing_sha256},
                                       {"terms", request.terms},
                                       {"factors", Json::array()},
                                       {"elsewhere", true}}));
  });
  return receipt;
}

}  // namespace

UserEnrolled enroll_user(Provider& provider, const EnrollUser& request) {
  check_enrolment(request);
  if (const auto user = store::find_user(provider.database(), request.name)) {
    refuse_removed(provider, *user, "user.enroll", request.dry_run ? Keep::nothing : Keep::each);
    throw Error(Fault::already_exists, "the user " + request.name + " is there already", "",
                "nothing was changed; tsp user show " + request.name);
  }
  const bool two_steps = check_group(provider, request);
  store::UserRow row = row_of(provider, request);
  if (request.elsewhere) return enroll_elsewhere(provider, row, request, two_steps);
  if (two_steps) return register_user(provider, std::move(row), request);
  if (request.dry_run) return {row.name, row.kind, row.group, {}, 0, row.state, {}};
  if (!request.pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give it with --pin-from");
  refuse_weak_pin(provider, *request.pin, {"user.enroll", row.name, "", {{"group", row.group}}},
                  Keep::each);

  const auto session = provider.session("signers");
  const Secret seed = Secret::random(kSeedSize);
  const Bytes verifier =
      sam::make_pin_verifier(*session, row.name, *request.pin, provider.pin_cost());
  const Bytes sealed = sam::seal_seed(*session, row.name, seed);

  UserEnrolled receipt{row.name, row.kind, row.group, {}, 0, row.state, {}};
  // Handed out before anything is written: a signer whose secret nobody has could never sign, while
  // the secret of a signer who was not enrolled is good for nothing.
  if (!request.hand_out)
    throw Error(Fault::input_needed, "the TOTP secret has nowhere to go", "",
                "give --totp-uri-out FILE");
  request.hand_out(sam::totp_uri(provider.name(), row.name, seed));
  const auto write = [&](store::Transaction& transaction) {
    store::insert_user(transaction, row);
    const auto pin_id =
        store::insert_factor(transaction, {0, row.name, "pin", verifier, 0, row.created_at});
    const auto totp_id =
        store::insert_factor(transaction, {0, row.name, "totp", sealed, 0, row.created_at});
    receipt.factors = {{pin_id, "pin"}, {totp_id, "totp"}};
    const Json details = {{"kind", row.kind},
                          {"group", row.group},
                          {"common_name", row.common_name},
                          {"proofing_sha256", row.proofing_sha256},
                          {"terms", request.terms},
                          {"factors", {"pin", "totp"}},
                          {"steps", 1}};
    return record_call(provider, transaction, row.group,
                       provider.event("user.enroll", audit::Outcome::done, row.name, details));
  };
  receipt.audit_seq = commit(provider, Hsm::not_called, write,
                             "nothing was signed and nobody was enrolled; look at the disk and try "
                             "again");
  return receipt;
}

UserInfo show_user(Provider& provider, const std::string& name) {
  UserInfo info;
  info.row = must_find_user(provider, name);
  info.factors = factor_infos(provider, name);
  for (const auto& key : store::keys_of(provider.database(), name)) info.keys.push_back(key.id);
  for (const auto& certificate : store::certificates_of(provider.database(), name))
    info.certificates.push_back(certificate.serial);
  const auto allowed = provider.config().integer("pin.tries");
  info.tries_left =
      std::max<std::int64_t>(0, allowed - store::attempts_of(provider.database(), name));
  info.locked = info.tries_left == 0;
  return info;
}

std::vector<UserInfo> list_users(Provider& provider, const std::string& after, std::size_t most) {
  std::vector<UserInfo> users;
  for (const auto& row : store::users_after(provider.database(), after, most))
    users.push_back(show_user(provider, row.name));
  return users;
}

StateChanged suspend_user(Provider& provider, const std::string& name, bool dry_run) {
  return set_state(provider, name, "suspended", "user.suspend", dry_run);
}

StateChanged resume_user(Provider& provider, const std::string& name, bool dry_run) {
  const store::UserRow user = must_find_user(provider, name);
  if (user.state == "registered")
    refuse(provider, {"user.resume", name, "user-registered"},
           Error(Fault::policy_refused, name + " is not made active",
                 "he is registered: he alone activates, with his enrolment code",
                 "nothing was changed"),
           dry_run ? Keep::nothing : Keep::each);
  // Whoever was suspended before he activated has to do so still.
  const bool waits = store::find_enrolment(provider.database(), name).has_value();
  return set_state(provider, name, waits ? "registered" : "active", "user.resume", dry_run);
}

StateChanged unlock_user(Provider& provider, const std::string& name, bool dry_run) {
  const store::UserRow user = must_find_user(provider, name);
  refuse_removed(provider, user, "user.unlock", dry_run ? Keep::nothing : Keep::each);
  const auto tries = store::attempts_of(provider.database(), name);
  if (tries == 0) return {name, "unlocked", 0, false};
  if (dry_run) return {name, "unlocked", 0, true};
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::clear_attempts(transaction, name);
    return record_call(
        provider, transaction, user.group,
        provider.event("user.unlock", audit::Outcome::done, name, {{"wrong_tries", tries}}));
  });
  return {name, "unlocked", seq, true};
}

Json to_json(const UserEnrolled& receipt) {
  Json factors = Json::array();
  for (const auto& factor : receipt.factors)
    factors.push_back({{"id", factor.id}, {"type", factor.type}});
  Json json = {{"user", receipt.user},   {"kind", receipt.kind},
               {"group", receipt.group}, {"state", receipt.state},
               {"factors", factors},     {"audit_seq", record_json(receipt.audit_seq)}};
  if (receipt.code_expires_at) json["code_expires_at"] = to_rfc3339(*receipt.code_expires_at);
  return json;
}

Json to_json(const UserInfo& user) {
  Json factors = Json::array();
  for (const auto& factor : user.factors)
    factors.push_back({{"id", factor.id}, {"type", factor.type}});
  return {{"user", user.row.name},
          {"kind", user.row.kind},
          {"group", user.row.group},
          {"state", user.row.state},
          {"locked", user.locked},
          {"tries_left", user.tries_left},
          {"common_name", user.row.common_name},
          {"given_name", user.row.given_name},
          {"surname", user.row.surname},
          {"serial_number", user.row.serial_number},
          {"organization", user.row.organization},
          {"organization_id", user.row.organization_id},
          {"email", user.row.email},
          {"country", user.row.country},
          {"proofing_sha256", user.row.proofing_sha256},
          {"created_at", to_rfc3339(user.row.created_at)},
          {"factors", factors},
          {"keys", user.keys},
          {"certificates", user.certificates}};
}

Json to_json(const StateChanged& receipt) {
  return {{"user", receipt.user},
          {"state", receipt.state},
          {"changed", receipt.changed},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
