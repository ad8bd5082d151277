// Signers' keys. Members are named as the options are; KEY is `key`.
#include "base/error.h"
#include "ops/keys.h"
#include "ops/operations.h"
#include "ops/user_checks.h"

namespace tsp::ops {
namespace {

GenerateKey key_order_of(const Call& call) {
  GenerateKey request;
  request.user = required_text(call, "user");
  const std::string algorithm = text_of(call, "algorithm", "ecdsa-p256");
  const auto parsed = crypto::parse_key_algorithm(algorithm);
  if (!parsed) throw Error(Fault::usage, "there is no algorithm " + algorithm);
  request.algorithm = *parsed;
  const std::int64_t scal = integer_of(call, "scal").value_or(1);
  if (scal != 1 && scal != 2) throw Error(Fault::usage, "a key is of SCAL 1 or 2");
  request.scal = static_cast<int>(scal);
  request.label = text_of(call, "label");
  request.pin = given_secret(call, "pin");
  request.hand_out = hand_out_as(call, "share");
  request.dry_run = flag_of(call, "dry_run");
  return request;
}

// A signer makes himself keys of SCAL 2, which his PIN seals; those of SCAL 1 are an officer's to
// make.
Json generate_key(Provider& provider, const Call& call) {
  const GenerateKey request = key_order_of(call);
  if (!provider.caller().staff && request.scal != 2) demand_role(provider, call, kOfficer);
  refuse_blind_trial(provider, call.operation, request.dry_run);
  authenticate_signer(provider, request.user, request.pin ? &*request.pin : nullptr);
  return to_json(generate_key(provider, request));
}

// What is refused before a PIN is asked for; nothing is told to who is not staff.
Json check_generation(Provider& provider, const Call& call) {
  const GenerateKey request = key_order_of(call);
  if (provider.caller().staff) check_generation(provider, request);
  return Json::object();
}

// A page (call.h): {user, after}, a key's id.
Json list_keys(Provider& provider, const Call& call) {
  Json keys = Json::array();
  for (const auto& key : list_keys(provider, text_of(call, "user"), text_of(call, "after"), kPage))
    keys.push_back(to_json(key));
  Json receipt{{"keys", std::move(keys)}};
  if (const Json& all = receipt.at("keys"); all.size() == kPage)
    receipt["next"] = all.back().at("key");
  return receipt;
}

Json show_key(Provider& provider, const Call& call) {
  return to_json(show_key(provider, required_text(call, "key")));
}

Json destroy_key(Provider& provider, const Call& call) {
  return to_json(destroy_key(provider, required_text(call, "key"), flag_of(call, "dry_run")));
}

}  // namespace

std::vector<Operation> key_operations() {
  return {
      {"key generate",
       kSigner,
       Worker::signers,
       true,
       {"user", "algorithm", "scal", "label", "dry_run"},
       {"pin"},
       &generate_key},
      {"key generate check",
       kSigner,
       Worker::signers,
       false,
       {"user", "algorithm", "scal", "label"},
       {},
       &check_generation},
      {"key list", kReaders, Worker::pki, false, {"user", "after"}, {}, &list_keys},
      {"key show", kReaders, Worker::pki, false, {"key"}, {}, &show_key},
      {"key destroy", kOfficer, Worker::pki, true, {"key", "dry_run"}, {}, &destroy_key},
  };
}

}  // namespace tsp::ops
