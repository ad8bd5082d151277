#include "serve/desk.h"

#include "ops/refusals.h"
#include "ops/services.h"
#include "serve/sealed.h"
#include "store/rows.h"

namespace tsp::serve {

std::vector<Answer> VerbDesk::serve(std::vector<Request> requests) {
  std::vector<Answer> answers;
  answers.reserve(requests.size());
  for (Request& request : requests)
    answers.push_back(answering(request.id, [&] { return serve_one(request); }));
  return answers;
}

Answer VerbDesk::serve_one(Request& request) {
  const auto verb = verbs_.find(request.verb);
  if (verb == verbs_.end())
    throw Error(Fault::not_found, "there is no such resource here", request.verb);
  act_for(request.asker);
  return verb->second(request);
}

void VerbDesk::act_for(const Asker& asker) {
  group_.clear();
  if (asker.api_key_sha256.empty()) {
    provider_.act_for(asker.name, asker.roles);
    return;
  }
  provider_.act_for(asker.name, {});
  group_ = group_of_key(provider_, asker.api_key_sha256);
  provider_.act_for("api:" + group_, {ops::Role::application});
}

std::string group_of_key(ops::Provider& provider, const std::string& api_key_sha256) {
  const auto row = store::find_group_by_api_key(provider.database(), api_key_sha256);
  if (!row || row->state != "active")
    ops::refuse(provider, {"caller.refused", "", row ? "group-suspended" : "api-key"},
                Error(Fault::not_permitted, "the API key is not accepted", "", "nothing was done"),
                ops::Keep::one_a_minute);
  return row->name;
}

void need_role(ops::Provider& provider, ops::Roles roles, const std::string& verb) {
  if (provider.roles().any_of(roles)) return;
  ops::refuse(provider, {"caller.refused", "", "role", {{"operation", verb}}},
              Error(Fault::not_permitted, verb + " is not for " + provider.caller().name,
                    "tsp.yaml gives him no role for it", "nothing was done"),
              ops::Keep::one_a_minute);
}

void keep_in_group(ops::Provider& provider, const std::string& group, Json& body) {
  if (group.empty() || !body.is_object()) return;
  const auto user = body.find("user");
  if (user == body.end() || !user->is_string()) return;
  const std::string name = user->get<std::string>();
  const auto row = store::find_user(provider.database(), name);
  if (!row || row->group != group) *user = "-" + name;
}

TransportStatement Opener::statement() {
  const std::int64_t day = transport_day(provider_.now());
  const auto row = store::current_certificate(provider_.database(), "sam");
  const auto known = statements_.find(day);
  if (known != statements_.end() &&
      (!row || (!known->second.certificates.empty() &&
                equal(known->second.certificates.front().der(), row->der))))
    return known->second;
  TransportStatement said;
  said.service = ops::service_id(provider_);
  said.point = key_of(day).point();
  said.begins = Time(std::chrono::hours(24 * day));
  said.ends = Time(std::chrono::hours(24 * (day + 2)));
  if (row) {
    said.certificates = {x509::Certificate::from_der(row->der),
                         provider_.certificate_of_role("issuing")};
    sign_statement(said, *provider_.session("signers")->open_signer(sam::kModuleKey));
  }
  statements_.clear();
  return statements_.emplace(day, std::move(said)).first->second;
}

const crypto::ExchangeKey& Opener::key_of(std::int64_t day) {
  const auto known = keys_.find(day);
  if (known != keys_.end()) return known->second;
  std::erase_if(keys_, [&](const auto& entry) { return entry.first < day - 1; });
  return keys_.emplace(day, transport_key(*provider_.session("signers"), day)).first->second;
}

Opener::Opened Opener::open(ByteView sealed, std::string_view purpose, ByteView manifest_sha256) {
  const Time now = provider_.now();
  const std::int64_t today = transport_day(now);
  if (const auto parsed = parse_sealed(sealed, purpose, manifest_sha256)) {
    for (const std::int64_t day : {today, today - 1}) {
      auto opened = key_of(day).open(parsed->octets, parsed->context);
      if (!opened) continue;
      if (parsed->sealed_at < now - kSealingSlack || parsed->sealed_at > now + kSealingSlack)
        throw Error(Fault::policy_refused, "the factors are refused",
                    "they were sealed at " + to_rfc3339(parsed->sealed_at) +
                        ": too long ago, or one of two clocks is wrong",
                    "nothing was done; give them again");
      return {std::move(*opened), {parsed->nonce, parsed->sealed_at + 3 * kSealingSlack}};
    }
  }
  throw Error(Fault::usage, "the factors do not open",
              "they were sealed to another key, or for something else", "nothing was done");
}

namespace {

// Secrets by name, each a pair of fields.
Secrets decode_secrets(ByteView octets) {
  Secrets out;
  ByteReader reader(octets);
  while (reader.left() > 0) {
    const auto name = reader.field();
    const auto value = reader.field();
    if (!name || !value)
      throw Error(Fault::usage, "the secrets are not what they should be", "", "nothing was done");
    out.insert_or_assign(std::string(as_text(*name)), Secret::copy_of(*value));
  }
  return out;
}

Bytes bytes_member(const Json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return {};
  auto octets = found->is_string() ? from_base64(found->get<std::string>()) : std::nullopt;
  if (!octets) throw Error(Fault::usage, std::string(name) + " is no base64");
  return std::move(*octets);
}

// Secrets of an operation are good once, as factors are.
void use_sealing(ops::Provider& provider, const std::string& operation,
                 const sam::Sealing& sealing) {
  bool first = false;
  {
    store::Transaction transaction(provider.database());
    store::delete_expired_uses(transaction, provider.now());
    first = store::use_once(transaction, "sealed", sealing.nonce, sealing.until);
    transaction.commit();
  }
  if (!first)
    ops::refuse(provider, {"caller.refused", "", "sealed-again", {{"operation", operation}}},
                Error(Fault::already_exists, "the secrets are refused",
                      "they were given before, sealed as now", "nothing was done"),
                ops::Keep::one_a_minute);
}

}  // namespace

Secrets Opener::open_secrets(const Json& body, const std::string& purpose) {
  const Bytes sealed = bytes_member(body, "sealed");
  if (sealed.empty()) return {};
  const Opened opened = open(sealed, purpose);
  use_sealing(provider_, purpose, opened.sealing);
  return decode_secrets(opened.plain.view());
}

Answer answer_call(ops::Provider& provider, Opener* opener, ops::Worker here,
                   const std::string& group, Request& request) {
  const Json body = body_of(request);
  const auto name = body.is_object() ? body.find("operation") : body.end();
  if (name == body.end() || !name->is_string())
    throw Error(Fault::usage, "the member operation is not given", "", "nothing was done");
  ops::Call call;
  call.operation = name->get<std::string>();
  if (const auto wanted = body.find("request"); wanted != body.end()) call.request = *wanted;
  keep_in_group(provider, group, call.request);
  const ops::Operation* operation = ops::find_operation(call.operation);
  if (operation != nullptr && operation->worker != here)
    throw Error(Fault::failed, "the operation came to the wrong worker", call.operation);
  if (opener != nullptr)
    call.secrets = opener->open_secrets(body, call.operation);
  else if (!bytes_member(body, "sealed").empty())
    throw Error(Fault::usage, call.operation + " takes no secret", "", "nothing was done");
  const Bytes point = bytes_member(body, "answer_point");
  Json shown = Json::object();
  if (!point.empty() && !crypto::is_point(point))
    throw Error(Fault::usage, "answer_point is no point of P-256", "", "nothing was done");
  // Without a point what is shown once has nowhere to go, and the operation says so.
  if (!point.empty())
    call.hand_out = [&](const std::string& what, const Secret& secret) {
      shown[what] = to_base64(crypto::seal_to(point, secret.view(), shown_context(call.operation)));
    };
  Json receipt = ops::run_operation(provider, call);
  return json_answer({{"receipt", std::move(receipt)}, {"shown", std::move(shown)}});
}

}  // namespace tsp::serve
