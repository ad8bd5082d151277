#include "serve/passing.h"

#include "base/json.h"
#include "serve/csc.h"
#include "serve/pki_metrics.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::milliseconds kForMetrics{2000};

Asker known(const Asker& asker, const Exchange& exchange) {
  Asker known = asker;
  known.api_key_sha256 = exchange.api_key_sha256;
  return known;
}

// A gateway's callers are the service providers, each by his key.
std::string counted_as(const Asker& asker) {
  return asker.name + ' ' + asker.api_key_sha256;
}

}  // namespace

Passing::Passing(const FrontOrder& order, Links& links, std::function<std::size_t()> connections)
    : order_(order), links_(links), connections_(std::move(connections)) {}

Target Passing::find_target(const Exchange& exchange) const {
  Target target = target_of(exchange.door, exchange.method, exchange.path);
  if (order_.limits.documents && target.route && takes_documents(*target.route))
    target.route->largest_body = kDocuments;
  return target;
}

Admission Passing::admit(const Asker& asker, const Exchange& exchange) {
  const auto begun = SteadyClock::now();
  std::string verb = "none";
  try {
    const Target target = find_target(exchange);
    if (!target.route) return {};
    verb = target.route->verb;
    check_admission(known(asker, exchange), *target.route, exchange, order_.service);
    return {target.route->largest_body, {}};
  } catch (const Error& error) {
    if (error.fault == Fault::not_permitted) refused_callers_.count(asker.name);
    Answer answer = answer_of(error, exchange);
    note(asker, verb, begun, answer);
    return {0, std::move(answer)};
  }
}

void Passing::handle(const Asker& asker, Exchange exchange, Reply reply) {
  const auto begun = SteadyClock::now();
  if (csc::is_path(exchange.path))
    reply = [reply = std::move(reply), path = exchange.path,
             key_shown = !exchange.api_key_sha256.empty()](const Answer& answer) {
      reply(csc::error_of(answer, path, key_shown));
    };
  try {
    Target target = find_target(exchange);
    if (target.own == Own::health) return reply(health());
    if (target.own == Own::metrics) return metrics(asker, reply);
    pass_on(asker, target, std::move(exchange), begun, reply);
  } catch (const Error& error) {
    finish(asker, "none", begun, refusal(error), reply);
  }
}

std::size_t Passing::in_flight(const std::string& who) const {
  const auto found = in_flight_.find(who);
  return found == in_flight_.end() ? 0 : found->second;
}

bool Passing::is_full(const std::string& who, const Asker& asker) const {
  return in_flight(who) >= order_.limits.waiting_of_one ||
         in_flight(asker.name) >= order_.limits.waiting_of_user();
}

void Passing::pass_on(const Asker& asker, Target& target, Exchange exchange, Begun begun,
                      const Reply& reply) {
  Route& route = *target.route;
  check_media(route, exchange.content_type);
  Request request = request_for(target, route, known(asker, exchange), std::move(exchange.body));
  const std::string who = counted_as(request.asker);
  if (is_full(who, asker)) {
    Answer answer = failure(0, Error(Fault::busy, "too many requests at a time", "",
                                     "nothing was done; wait for those before"));
    answer.status = 429;
    return finish(asker, route.verb, begun, std::move(answer), reply);
  }
  ++in_flight_[who], ++in_flight_[asker.name];
  links_.ask(route.kind, std::move(request),
             [this, asker, who, verb = route.verb, begun, reply](Answer answer) {
               for (const std::string& each : {who, asker.name})
                 if (--in_flight_[each] == 0) in_flight_.erase(each);
               finish(asker, verb, begun, std::move(answer), reply);
             });
}

void Passing::finish(const Asker& asker, const std::string& verb, Begun begun, Answer answer,
                     const Reply& reply) {
  note(asker, verb, begun, answer);
  reply(std::move(answer));
}

void Passing::note(const Asker& asker, const std::string& verb, Begun begun, const Answer& answer) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun);
  metrics_.count(verb, answer, took);
  if (asker.roles.empty() && answer.fault)
    refused_.count(asker.name, verb, answer, took);
  else
    log_request(asker.name, verb, answer, took);
}

Answer Passing::health() {
  bool well = true;
  Json workers = Json::object();
  for (const Kind kind : kKinds) {
    if (kind == Kind::signatures && order_.service == Service::authentication) continue;
    workers[std::string(name_of(kind))] = links_.is_ready(kind);
    well = well && links_.is_ready(kind);
  }
  Answer answer;
  answer.status = well ? 200 : 503;
  Json json{{"ok", well}, {"workers", workers}};
  // An alarm and no reason to send signers elsewhere: signing goes on.
  if (order_.space_is_low) json["space"] = order_.space_is_low() ? "low" : "enough";
  answer.body = to_bytes(as_bytes(dump(json)));
  return answer;
}

// With what the PKI worker knows, where it answers soon.
void Passing::metrics(const Asker& asker, const Reply& reply) {
  if (!asker.roles.any_of(ops::Roles::staff())) {
    refused_callers_.count(asker.name);
    return reply(failure(0, Error(Fault::not_permitted, "this is not for " + asker.name)));
  }
  Request request;
  request.asker = asker;
  request.verb = kMetricsVerb;
  request.deadline = SteadyClock::now() + kForMetrics;
  links_.ask(Kind::pki, std::move(request), [this, reply](Answer known) {
    Answer answer;
    answer.type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    answer.body = to_bytes(
        as_bytes(metrics_.text(gauges(), known.fault ? std::string_view() : as_text(known.body))));
    reply(std::move(answer));
  });
}

Metrics::Gauges Passing::gauges() const {
  Metrics::Gauges gauges;
  gauges.connections = connections_();
  for (const Kind kind : kKinds) {
    gauges.waiting.at(static_cast<std::size_t>(kind)) = links_.waiting(kind);
    gauges.workers.at(static_cast<std::size_t>(kind)) = links_.ready(kind);
  }
  return gauges;
}

void Passing::tell_refusals() {
  refused_.flush();
  if (auto request = refused_callers_.take())
    links_.ask(Kind::pki, std::move(*request), [](const Answer&) {});
}

}  // namespace tsp::serve
