// What a signer does himself, with his code, his PIN and his device. A caller who is not staff
// learns nothing of anybody before the signer's factors were right (ops/user_checks.h).
#include "base/error.h"
#include "ops/change_pin.h"
#include "ops/enrolment.h"
#include "ops/factors.h"
#include "ops/operations.h"
#include "ops/user_checks.h"

namespace tsp::ops {
namespace {

constexpr Roles kOfFactors{Role::officer, Role::operator_, Role::auditor, Role::application};

// {user, device_card}, the card in base64; secrets enrolment_code and pin. Hands out totp_uri,
// hotp_uri or ocra_uri.
Json activate_user(Provider& provider, const Call& call) {
  ActivateUser request;
  request.user = required_text(call, "user");
  request.introduction = octets_of(call, "device_card");
  request.code = given_secret(call, "enrolment_code");
  request.pin = given_secret(call, "pin");
  if (call.hand_out)
    request.hand_out = [&](sam::Factor type, const Secret& uri) {
      call.hand_out(std::string(sam::name_of(type)) + "_uri", uri);
    };
  request.dry_run = flag_of(call, "dry_run");
  refuse_blind_trial(provider, call.operation, request.dry_run);
  return to_json(activate_user(provider, request));
}

ChangePin pin_change_of(const Call& call) {
  ChangePin request;
  request.user = required_text(call, "user");
  request.pin = given_secret(call, "pin");
  request.new_pin = given_secret(call, "new_pin");
  if (const Secret* shares = secret_of(call, "shares")) request.shares = lines_of(*shares);
  request.dry_run = flag_of(call, "dry_run");
  return request;
}

// {user}; secrets new_pin, shares (lines of activation files) and, of a caller who is not staff,
// pin. What stands before the change, and requests to the device. Hands out answer_keys, for the
// change itself.
Json ask_pin_change(Provider& provider, const Call& call) {
  const PinAsked asked = ask_pin_change(provider, pin_change_of(call));
  if (!asked.requests.empty()) {
    if (!call.hand_out)
      throw Error(Fault::input_needed, "the keys of the answers have nowhere to go", "",
                  "nothing was changed");
    call.hand_out("answer_keys", answer_keys_of(asked));
  }
  return to_json(asked);
}

// {user, answers: [{key, request, answer}]}, hex and base64; secrets pin, new_pin, shares and
// answer_keys, which "user pin ask" handed out.
Json change_pin(Provider& provider, const Call& call) {
  ChangePin request = pin_change_of(call);
  refuse_blind_trial(provider, call.operation, request.dry_run);
  request.answers = answers_of(call);
  return to_json(change_pin(provider, request));
}

AddFactor factor_order_of(const Call& call) {
  AddFactor request;
  request.user = required_text(call, "user");
  request.introduction = octets_of(call, "device_card");
  request.address = text_of(call, "address");
  request.pin = given_secret(call, "pin");
  request.hand_out = hand_out_as(call, "uri");
  request.dry_run = flag_of(call, "dry_run");
  return request;
}

void authenticate(Provider& provider, const Call& call) {
  refuse_blind_trial(provider, call.operation, flag_of(call, "dry_run"));
  authenticate_signer(provider, required_text(call, "user"), secret_of(call, "pin"));
}

// {user, type, address, device_card}; secret pin. Hands out uri.
Json add_factor(Provider& provider, const Call& call) {
  AddFactor request = factor_order_of(call);
  request.type = *sam::parse_factor(word_of(call, "type", "pin|totp|hotp|ocra|oob|device", ""));
  authenticate(provider, call);
  return to_json(add_factor(provider, request));
}

// {user, factor}; secret pin.
Json list_factors(Provider& provider, const Call& call) {
  const std::string user = required_text(call, "user");
  authenticate(provider, call);
  Json factors = Json::array();
  for (const auto& factor : list_factors(provider, user)) factors.push_back(to_json(factor));
  return {{"user", user}, {"factors", std::move(factors)}};
}

Json remove_factor(Provider& provider, const Call& call) {
  const RemoveFactor request{required_text(call, "user"), required_integer(call, "factor"),
                             given_secret(call, "pin"), flag_of(call, "dry_run")};
  authenticate(provider, call);
  return to_json(remove_factor(provider, request));
}

Json reset_factor(Provider& provider, const Call& call) {
  const AddFactor request = factor_order_of(call);
  const std::int64_t factor = required_integer(call, "factor");
  authenticate(provider, call);
  return to_json(reset_factor(provider, request, factor));
}

}  // namespace

std::vector<Operation> signer_operations() {
  return {
      {"user activate",
       kSigner,
       Worker::signers,
       true,
       {"user", "device_card", "dry_run"},
       {"enrolment_code", "pin"},
       &activate_user},
      {"user pin ask",
       kSigner,
       Worker::signers,
       true,
       {"user"},
       {"pin", "new_pin", "shares"},
       &ask_pin_change},
      {"user pin",
       kSigner,
       Worker::signers,
       true,
       {"user", "answers", "dry_run"},
       {"pin", "new_pin", "shares", "answer_keys"},
       &change_pin},
      {"user factor add",
       kSigner,
       Worker::signers,
       true,
       {"user", "type", "address", "device_card", "dry_run"},
       {"pin"},
       &add_factor},
      {"user factor list", kOfFactors, Worker::signers, false, {"user"}, {"pin"}, &list_factors},
      {"user factor remove",
       kSigner,
       Worker::signers,
       true,
       {"user", "factor", "dry_run"},
       {"pin"},
       &remove_factor},
      {"user factor reset",
       kSigner,
       Worker::signers,
       true,
       {"user", "factor", "dry_run"},
       {"pin"},
       &reset_factor},
  };
}

}  // namespace tsp::ops
