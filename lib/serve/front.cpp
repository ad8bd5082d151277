#include "serve/front.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <set>

#include "base/json.h"
#include "serve/admission.h"
#include "serve/control.h"
#include "serve/csc.h"
#include "serve/http_session.h"
#include "serve/links.h"
#include "serve/log.h"
#include "serve/metrics.h"
#include "serve/pki_metrics.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::milliseconds kLookForEnd{50}, kForMetrics{2000};
constexpr std::chrono::minutes kMinute{1};

class Front {
 public:
  explicit Front(FrontOrder order)
      : order_(std::move(order)),
        control_(context_, order_.control.get()),
        socket_(context_),
        open_(context_),
        end_timer_(context_),
        minute_timer_(context_),
        links_(context_, order_.limits.waiting,
               {[this](std::uint32_t slot) {
                  tell({Notice::ready, slot});
                },
                [this](pid_t pid) {
                  tell({Notice::hung, 0, Kind::approvals, pid});
                }}) {
    order_.control.release();
    socket_.assign(asio::local::stream_protocol(), order_.socket.release());
    if (order_.open_listener) open_.assign(asio::ip::tcp::v4(), order_.open_listener.release());
    handlers_ = handlers();
  }

  int run() {
    listen_to_supervisor();
    flush_refusals();
    accept(socket_, Door::socket);
    if (open_.is_open()) accept(open_, Door::open);
    context_.run();
    refused_.flush();
    return 0;
  }

 private:
  Handlers handlers() {
    return {[this](const Asker& asker, const Exchange& exchange) { return admit(asker, exchange); },
            [this](std::size_t size) { return room_.take(size); },
            [this](std::size_t size) { room_.give(size); },
            [this](const Asker& asker, Exchange exchange, Reply reply) {
              handle(asker, std::move(exchange), std::move(reply));
            },
            [this] { --connections_; }};
  }

  Target find_target(Door door, const Exchange& exchange) const {
    Target target = target_of(door, exchange.method, exchange.path);
    if (order_.limits.documents && target.route && takes_documents(*target.route))
      target.route->largest_body = kDocuments;
    return target;
  }

  void tell(const Control& control) {
    try {
      send_control(control_.native_handle(), control);
    } catch (const Error&) {
      context_.stop();
    }
  }

  void listen_to_supervisor() {
    control_.async_wait(asio::posix::stream_descriptor::wait_read, [this](ErrorCode error) {
      auto control = error ? std::nullopt : receive_control(control_.native_handle());
      if (!control) return context_.stop();  // nobody would replace a worker any more
      if (control->notice == Notice::worker && control->channel)
        links_.take(control->slot, control->kind, control->pid, std::move(control->channel));
      if (control->notice == Notice::drain) drain();
      listen_to_supervisor();
    });
  }

  template <class Acceptor>
  void accept(Acceptor& acceptor, Door door) {
    acceptor.async_accept([this, &acceptor, door](ErrorCode error, auto socket) {
      if (error == asio::error::operation_aborted || draining_) return;
      if (!error) {
        welcome(std::move(socket), door);
        accept(acceptor, door);
        return;
      }
      // No descriptor to be had: who idles makes room.
      make_room();
      end_timer_.expires_after(kLookForEnd);
      end_timer_.async_wait([this, &acceptor, door](ErrorCode) { accept(acceptor, door); });
    });
  }

  Asker asker_of(asio::local::stream_protocol::socket& socket) {
    const Peer peer = peer_of(socket.native_handle());
    Asker asker{fmt::format("uid:{}", peer.uid), {}, {}};
    try {
      asker.roles = order_.roles->roles_of(peer);
    } catch (const Error& error) {
      log_line(Level::warning,
               {{"event", "caller"}, {"caller", asker.name}, {"why", error.message}});
    }
    return asker;
  }
  Asker asker_of(asio::ip::tcp::socket&) { return {"public", {}, {}}; }

  template <class Accepted>
  void welcome(Accepted socket, Door door) {
    try {
      Asker asker = asker_of(socket);
      if (connections_ >= order_.limits.connections && !make_room()) return;
      ++connections_;
      auto session = connection(std::move(socket), std::move(asker), door, handlers_);
      remember(session);
      session->begin();
    } catch (const Error& error) {
      log_line(Level::warning, {{"event", "connection"}, {"why", error.message}});
    }
  }

  void remember(const std::shared_ptr<Connection>& session) {
    if (sessions_.size() >= 2 * order_.limits.connections)
      std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
    sessions_.push_back(session);
  }

  // The connection that idles longest is closed, or else the one that sends its request longest.
  // False: all are being served.
  bool make_room() {
    std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
    std::shared_ptr<Connection> longest;
    const auto is_better = [&](const Connection& one) {
      if (!one.is_idle() && !one.is_reading()) return false;
      if (!longest || one.is_idle() != longest->is_idle()) return !longest || one.is_idle();
      return one.idle_since() < longest->idle_since();
    };
    for (const auto& each : sessions_)
      if (auto session = each.lock(); session && is_better(*session)) longest = std::move(session);
    if (longest) longest->close_soon();
    return longest != nullptr;
  }

  static Asker known(const Asker& asker, const Exchange& exchange) {
    Asker known = asker;
    known.api_key_sha256 = exchange.api_key_sha256;
    return known;
  }

  Admission admit(const Asker& asker, const Exchange& exchange) {
    const auto begun = SteadyClock::now();
    std::string verb = "none";
    try {
      const Target target = find_target(exchange.door, exchange);
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

  void handle(const Asker& asker, Exchange exchange, Reply reply) {
    const auto begun = SteadyClock::now();
    if (csc::is_path(exchange.path))
      reply = [reply = std::move(reply), path = exchange.path,
               key_shown = !exchange.api_key_sha256.empty()](const Answer& answer) {
        reply(csc::error_of(answer, path, key_shown));
      };
    try {
      Target target = find_target(exchange.door, exchange);
      if (target.own == Own::health) return reply(health());
      if (target.own == Own::metrics) return metrics(asker, reply);
      pass_on(asker, target, std::move(exchange), begun, reply);
    } catch (const Error& error) {
      finish(asker, "none", begun, refusal(error), reply);
    }
  }

  std::size_t in_flight(const std::string& who) const {
    const auto found = in_flight_.find(who);
    return found == in_flight_.end() ? 0 : found->second;
  }

  // A gateway's callers are the service providers, each by his key.
  static std::string counted_as(const Asker& asker) {
    return asker.name + ' ' + asker.api_key_sha256;
  }

  void pass_on(const Asker& asker, Target& target, Exchange exchange, SteadyClock::time_point begun,
               const Reply& reply) {
    Route& route = *target.route;
    check_media(route, exchange.content_type);
    Request request = request_for(target, route, known(asker, exchange), std::move(exchange.body));
    const std::string who = counted_as(request.asker);
    if (in_flight(who) >= order_.limits.waiting_of_one ||
        in_flight(asker.name) >= order_.limits.waiting_of_user()) {
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

  void finish(const Asker& asker, const std::string& verb, SteadyClock::time_point begun,
              Answer answer, const Reply& reply) {
    note(asker, verb, begun, answer);
    reply(std::move(answer));
  }

  void note(const Asker& asker, const std::string& verb, SteadyClock::time_point begun,
            const Answer& answer) {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun);
    metrics_.count(verb, answer, took);
    if (asker.roles.empty() && answer.fault)
      refused_.count(asker.name, verb, answer, took);
    else
      log_request(asker.name, verb, answer, took);
  }

  Answer health() {
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
  void metrics(const Asker& asker, const Reply& reply) {
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
      answer.body = to_bytes(as_bytes(
          metrics_.text(gauges(), known.fault ? std::string_view() : as_text(known.body))));
      reply(std::move(answer));
    });
  }

  Metrics::Gauges gauges() const {
    Metrics::Gauges gauges;
    gauges.connections = connections_;
    for (const Kind kind : kKinds) {
      gauges.waiting.at(static_cast<std::size_t>(kind)) = links_.waiting(kind);
      gauges.workers.at(static_cast<std::size_t>(kind)) = links_.ready(kind);
    }
    return gauges;
  }

  // Nothing new; connections close after what they are doing, then the workers may go.
  void drain() {
    draining_ = true;
    ErrorCode ignored;
    socket_.close(ignored);
    open_.close(ignored);
    for (const auto& each : sessions_)
      if (const auto session = each.lock()) session->close_soon();
    flush_refusals();
    look_for_end();
  }

  void flush_refusals() {
    refused_.flush();
    if (auto request = refused_callers_.take())
      links_.ask(Kind::pki, std::move(*request), [](const Answer&) {});
    minute_timer_.expires_after(kMinute);
    minute_timer_.async_wait([this](ErrorCode error) {
      if (!error) flush_refusals();
    });
  }

  void look_for_end() {
    if (connections_ == 0 && links_.let_go()) return context_.stop();
    end_timer_.expires_after(kLookForEnd);
    end_timer_.async_wait([this](ErrorCode) { look_for_end(); });
  }

  FrontOrder order_;
  asio::io_context context_{1};
  asio::posix::stream_descriptor control_;
  asio::local::stream_protocol::acceptor socket_;
  asio::ip::tcp::acceptor open_;
  asio::steady_timer end_timer_, minute_timer_;
  Handlers handlers_;
  Room room_;
  RefusedCallers refused_callers_;
  Metrics metrics_;
  CountedRefusals refused_;
  std::map<std::string, std::size_t> in_flight_;  // by caller
  std::size_t connections_ = 0;
  bool draining_ = false;
  std::vector<std::weak_ptr<Connection>> sessions_;
  Links links_;
};

}  // namespace

int run_front(FrontOrder order) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return Front(std::move(order)).run();
}

}  // namespace tsp::serve
