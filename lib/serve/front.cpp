#include "serve/front.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include "serve/control.h"
#include "serve/passing.h"
#include "serve/sessions.h"

namespace tsp::serve {
namespace {

constexpr std::chrono::milliseconds kLookForEnd{50};
constexpr std::chrono::minutes kMinute{1};

class Front {
 public:
  explicit Front(FrontOrder order)
      : order_(std::move(order)),
        sessions_(order_.limits.connections),
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
                }}),
        passing_(order_, links_, [this] { return sessions_.count(); }) {
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
    passing_.flush();
    return 0;
  }

 private:
  Handlers handlers() {
    return {[this](const Asker& asker, const Exchange& exchange) {
              return passing_.admit(asker, exchange);
            },
            [this](std::size_t size) { return room_.take(size); },
            [this](std::size_t size) { room_.give(size); },
            [this](const Asker& asker, Exchange exchange, Reply reply) {
              passing_.handle(asker, std::move(exchange), std::move(reply));
            },
            [this] { sessions_.closed(); }};
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
      sessions_.make_room();
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
      if (!sessions_.have_room()) return;
      auto session = connection(std::move(socket), std::move(asker), door, handlers_);
      sessions_.opened(session);
      session->begin();
    } catch (const Error& error) {
      log_line(Level::warning, {{"event", "connection"}, {"why", error.message}});
    }
  }

  // Nothing new; connections close after what they are doing, then the workers may go.
  void drain() {
    draining_ = true;
    ErrorCode ignored;
    socket_.close(ignored);
    open_.close(ignored);
    sessions_.close_soon();
    flush_refusals();
    look_for_end();
  }

  void flush_refusals() {
    passing_.tell_refusals();
    minute_timer_.expires_after(kMinute);
    minute_timer_.async_wait([this](ErrorCode error) {
      if (!error) flush_refusals();
    });
  }

  void look_for_end() {
    if (sessions_.count() == 0 && links_.let_go()) return context_.stop();
    end_timer_.expires_after(kLookForEnd);
    end_timer_.async_wait([this](ErrorCode) { look_for_end(); });
  }

  FrontOrder order_;
  // Connections give back what they hold when the context goes with them.
  Handlers handlers_;
  Room room_;
  Sessions sessions_;
  asio::io_context context_{1};
  asio::posix::stream_descriptor control_;
  asio::local::stream_protocol::acceptor socket_;
  asio::ip::tcp::acceptor open_;
  asio::steady_timer end_timer_, minute_timer_;
  bool draining_ = false;
  Links links_;
  Passing passing_;
};

}  // namespace

int run_front(FrontOrder order) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return Front(std::move(order)).run();
}

}  // namespace tsp::serve
