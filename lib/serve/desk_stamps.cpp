#include "serve/desk_stamps.h"

#include "ops/json_members.h"
#include "serve/desk.h"
#include "serve/desk_csc.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kLongestNonce = 32;  // octets
// As for the operation of that name (docs/roles.md).
constexpr ops::Roles kStampers{ops::Role::operator_, ops::Role::application};
constexpr std::string_view kOwn = "timestamp", kPublic = "tsa", kCsc = "signatures/timestamp";

cms::TimestampRequest own_request(const Json& body) {
  cms::TimestampRequest request;
  const auto hash = crypto::parse_hash(ops::text_at(body, "hash_algorithm"));
  if (!hash) throw Error(Fault::usage, "there is no such hash algorithm");
  request.hash = *hash;
  request.imprint = ops::octets_at(body, "imprint");
  return request;
}

// CSC 11.13: the hash's algorithm by its OID, the nonce in hex.
cms::TimestampRequest csc_request(const Json& body) {
  csc::check_common(body);
  cms::TimestampRequest request;
  const auto hash = crypto::hash_of_oid(csc::text_parameter(body, "hashAlgo"));
  if (!hash) csc::invalid("Invalid parameter hashAlgo");
  request.hash = *hash;
  const std::string text = csc::text_parameter(body, "hash");
  if (text.empty()) csc::invalid("Empty hash parameter");
  auto imprint = from_base64(text);
  if (!imprint) csc::invalid("Invalid Base64 hash string parameter");
  request.imprint = std::move(*imprint);
  if (request.imprint.size() != crypto::size_of(*hash)) csc::invalid("Invalid digest value length");
  if (const auto hex = csc::optional_text(body, "nonce")) {
    const auto nonce = from_hex(*hex);
    if (!nonce || nonce->empty() || nonce->size() > kLongestNonce)
      csc::invalid("Invalid parameter nonce");
    request.nonce = *nonce;
  }
  request.certificates = true;
  return request;
}

// Those of callers with a role, in JSON.
void answer_known(ops::Provider& provider, const std::vector<Request>& requests,
                  const std::function<void(const Request&)>& act_for,
                  std::vector<Answer>& answers) {
  std::vector<ops::StampOrder> orders;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < requests.size(); ++at) {
    const Request& request = requests[at];
    if (request.verb == kPublic) continue;
    try {
      act_for(request);
      need_role(provider, kStampers, request.verb == kOwn ? request.verb : std::string(kCsc));
      const Json body = body_of(request);
      orders.push_back({request.verb == kOwn ? own_request(body) : csc_request(body),
                        provider.caller().name, provider.roles(), false});
      places.push_back(at);
    } catch (const Error& error) {
      answers[at] = failure_of(request, error);
    }
  }
  const auto results = ops::stamp_all(provider, orders);
  for (std::size_t at = 0; at < results.size(); ++at) {
    const Request& request = requests[places[at]];
    if (results[at].error) {
      answers[places[at]] = failure_of(request, *results[at].error);
      continue;
    }
    answers[places[at]] = answering(request.id, [&] {
      return json_answer(
          {{request.verb == kOwn ? "token" : "timestamp", to_base64(results[at].stamped->token)}});
    });
  }
}

void answer_public(PublicDesk& desk, const std::vector<Request>& requests,
                   const std::function<void(const Request&)>& act_for,
                   std::vector<Answer>& answers) {
  std::vector<ops::TimestampQuery> queries;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < requests.size(); ++at) {
    const Request& request = requests[at];
    if (request.verb != kPublic) continue;
    try {
      act_for(request);
      queries.push_back({request.body, request.asker.name, request.asker.roles});
      places.push_back(at);
    } catch (const Error& error) {
      answers[at] = failure(request.id, error);
    }
  }
  auto made = desk.tsa(queries);
  for (std::size_t at = 0; at < made.size(); ++at) {
    made[at].id = requests[places[at]].id;
    answers[places[at]] = std::move(made[at]);
  }
}

}  // namespace

bool asks_for_stamp(const Request& request) {
  return request.verb == kOwn || request.verb == kPublic || request.verb.ends_with(kCsc);
}

std::vector<Answer> answer_stamps(ops::Provider& provider, PublicDesk& desk,
                                  const std::vector<Request>& requests,
                                  const std::function<void(const Request&)>& act_for) {
  std::vector<Answer> answers(requests.size());
  try {
    answer_known(provider, requests, act_for, answers);
    answer_public(desk, requests, act_for, answers);
  } catch (const std::exception& error) {
    for (std::size_t at = 0; at < requests.size(); ++at)
      if (answers[at].id != requests[at].id)
        answers[at] =
            failure(requests[at].id, Error(Fault::failed, "an unexpected failure", error.what()));
  }
  return answers;
}

}  // namespace tsp::serve
