#include "serve/admission.h"

#include "base/json.h"
#include "serve/csc.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::seconds kToRecord{9};

void refuse_if_unknown(const Asker& asker, const Route& route) {
  if (route.anyone) return;
  const bool gateway = asker.roles.has(ops::Role::gateway);
  if (gateway && asker.api_key_sha256.empty())
    throw HttpRefusal(401, "an API key is asked for", "it stands in X-API-Key, or Authorization");
  if (!gateway && asker.roles.empty())
    throw Error(Fault::not_permitted, "this is not for " + asker.name, "tsp.yaml gives him no role",
                "nothing was done");
}

}  // namespace

void check_admission(const Asker& asker, const Route& route, const Exchange& exchange,
                     Service service) {
  check_service(service, route);
  if (exchange.bad_authorization && csc::is_path(exchange.path))
    throw Error(Fault::usage, "Malformed authorization header");
  refuse_if_unknown(asker, route);
}

Answer answer_of(const Error& error, const Exchange& exchange) {
  if (exchange.door != Door::socket || !csc::is_path(exchange.path)) return refusal(error);
  const bool no_method = error.fault == Fault::not_found;
  return csc::error_of(no_method ? csc::refusal(error, exchange.path) : refusal(error),
                       exchange.path, !exchange.api_key_sha256.empty());
}

void RefusedCallers::count(const std::string& caller) {
  const auto known = counts_.find(caller);
  if (known != counts_.end())
    ++known->second;
  else
    ++counts_[counts_.size() < kMost ? caller : "others"];
}

std::optional<Request> RefusedCallers::take() {
  if (counts_.empty()) return std::nullopt;
  Json callers = Json::array();
  for (const auto& [caller, count] : counts_)
    callers.push_back({{"caller", caller}, {"count", count}});
  counts_.clear();
  Request request;
  request.asker.name = "front";
  request.verb = kRefusedCallersVerb;
  request.deadline = SteadyClock::now() + kToRecord;
  request.body = to_bytes(as_bytes(dump(callers)));
  return request;
}

bool Room::take(std::size_t size) {
  if (taken_ > 0 && taken_ + size > kAll) return false;
  taken_ += size;
  return true;
}

}  // namespace tsp::serve
