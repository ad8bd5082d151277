#include "serve/front.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>

#include <set>

#include "base/json.h"
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
    socket_handlers_ = handlers_for(Door::socket);
    open_handlers_ = handlers_for(Door::open);
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
  Handlers handlers_for(Door door) {
    return {[this, door](const Exchange& exchange) {
              const Target target = find_target(door, exchange);
              return target.route ? target.route->largest_body : 0;
            },
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
      if (connections_ >= order_.limits.connections) make_room();
      ++connections_;
      auto session = connection(std::move(socket), std::move(asker), door,
                                door == Door::socket ? socket_handlers_ : open_handlers_);
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

  // The connection that idles longest is closed.
  void make_room() {
    std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
    std::shared_ptr<Connection> longest;
    for (const auto& each : sessions_)
      if (auto session = each.lock(); session && session->is_idle() &&
                                      (!longest || session->idle_since() < longest->idle_since()))
        longest = std::move(session);
    if (longest) longest->close_soon();
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
      Asker known = asker;
      known.api_key_sha256 = exchange.api_key_sha256;
      Route& route = *target.route;
      check_service(order_.service, route);
      check_media(route, exchange.content_type);
      if (exchange.bad_authorization && csc::is_path(exchange.path))
        throw Error(Fault::usage, "Malformed authorization header");
      refuse_if_unknown(known, route);
      Request request = request_for(target, route, std::move(known), std::move(exchange.body));
      auto& in_flight = in_flight_[asker.name];
      if (in_flight >= order_.limits.waiting_of_one) {
        Answer answer = failure(0, Error(Fault::busy, "too many requests at a time", "",
                                         "nothing was done; wait for those before"));
        answer.status = 429;
        return finish(asker, route.verb, begun, std::move(answer), reply);
      }
      ++in_flight;
      links_.ask(route.kind, std::move(request),
                 [this, asker, verb = route.verb, begun, reply](Answer answer) {
                   if (--in_flight_[asker.name] == 0) in_flight_.erase(asker.name);
                   finish(asker, verb, begun, std::move(answer), reply);
                 });
    } catch (const Error& error) {
      const bool no_method = error.fault == Fault::not_found && csc::is_path(exchange.path);
      finish(asker, "none", begun, no_method ? csc::refusal(error, exchange.path) : refusal(error),
             reply);
    }
  }

  static void refuse_if_unknown(const Asker& asker, const Route& route) {
    if (route.anyone) return;
    const bool gateway = asker.roles.has(ops::Role::gateway);
    if (gateway && asker.api_key_sha256.empty())
      throw HttpRefusal(401, "an API key is asked for", "it stands in X-API-Key, or Authorization");
    if (!gateway && asker.roles.empty())
      throw Error(Fault::not_permitted, "this is not for " + asker.name,
                  "tsp.yaml gives him no role", "nothing was done");
  }

  void finish(const Asker& asker, const std::string& verb, SteadyClock::time_point begun,
              Answer answer, const Reply& reply) {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun);
    metrics_.count(verb, answer, took);
    if (asker.roles.empty() && answer.fault)
      refused_.count(asker.name, verb, answer, took);
    else
      log_request(asker.name, verb, answer, took);
    reply(std::move(answer));
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
    if (!asker.roles.any_of(ops::Roles::staff()))
      return reply(failure(0, Error(Fault::not_permitted, "this is not for " + asker.name)));
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
    look_for_end();
  }

  void flush_refusals() {
    refused_.flush();
    minute_timer_.expires_after(kMinute);
    minute_timer_.async_wait([this](ErrorCode error) {
      if (!error) flush_refusals();
    });
  }

  void look_for_end() {
    if (connections_ == 0 && links_.drained()) return context_.stop();
    end_timer_.expires_after(kLookForEnd);
    end_timer_.async_wait([this](ErrorCode) { look_for_end(); });
  }

  FrontOrder order_;
  asio::io_context context_{1};
  asio::posix::stream_descriptor control_;
  asio::local::stream_protocol::acceptor socket_;
  asio::ip::tcp::acceptor open_;
  asio::steady_timer end_timer_, minute_timer_;
  Handlers socket_handlers_, open_handlers_;
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
  ::mallopt(M_PERTURB, 0x5a);  // what is freed is overwritten: PINs pass through here with CSC
  return Front(std::move(order)).run();
}

}  // namespace tsp::serve
