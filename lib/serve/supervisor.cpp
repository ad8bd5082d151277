#include "serve/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "serve/children.h"
#include "serve/control.h"
#include "serve/log.h"
#include "serve/worker.h"
#include "serve/worker_slots.h"

namespace tsp::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto kDraining = 30s, kStarting = 30s;

class Supervisor {
 public:
  explicit Supervisor(ServeOrder& order)
      : order_(order), slots_(order.approvals, order.signatures) {}

  int run() {
    block_signals();
    if (order_.stop_if_asked) order_.stop_if_asked();
    start_front();
    started_ = SteadyClock::now();
    while (true) {
      if (!over_ && front_ >= 0) start_missing();
      wait();
      if (failed_) end();
      if (!over_) slots_.replace_grown(order_.most_memory);
      if (over_ && front_ < 0 && slots_.nobody_left()) break;
      if (over_ && SteadyClock::now() > end_by_) kill_all(SIGKILL);
      if (!over_ && !announced_ && SteadyClock::now() > started_ + kStarting) {
        failed_ = Error(Fault::hsm_unavailable, "the workers do not start",
                        "the HSM does not answer in time", "nothing is served");
      }
    }
    if (failed_) throw Error(*failed_);
    return 0;
  }

 private:
  void block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, each);
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) throw_errno(errno, "cannot watch for signals");
    ::signal(SIGPIPE, SIG_IGN);
  }

  // In a child: what is the supervisor's own.
  void leave_supervisor() {
    become_child(before_);
    signals_.close();
  }

  void start_front() {
    auto [ours, theirs] = control_pair();
    const pid_t pid = ::fork();
    if (pid < 0) throw_errno(errno, "cannot start the front");
    if (pid == 0) {
      leave_supervisor();
      ours.close();
      ::_exit(serve_as_front(order_, std::move(theirs)));
    }
    front_ = pid;
    control_ = std::move(ours);
  }

  void start_missing() {
    slots_.start_missing([this](std::uint32_t at, Kind kind) { return start_worker(at, kind); });
  }

  std::optional<pid_t> start_worker(std::uint32_t at, Kind kind) {
    auto [ours, theirs] = channel_pair();
    const pid_t pid = ::fork();
    if (pid < 0) {
      log_line(Level::error, {{"event", "worker"}, {"why", "cannot fork"}});
      return std::nullopt;
    }
    if (pid == 0) {
      leave_supervisor();
      ours.close();
      control_.close();
      order_.socket.close();
      order_.open_listener.close();
      ::_exit(serve_as_worker(order_, kind, std::move(theirs)));
    }
    try {
      send_control(control_.get(), {Notice::worker, at, kind, pid, std::move(ours)});
    } catch (const Error&) {
      // The front is gone; its end comes as a signal.
    }
    return pid;
  }

  void wait() {
    pollfd waiting[2] = {{signals_.get(), POLLIN, 0}, {control_.get(), POLLIN, 0}};
    constexpr int kLook = 250;  // milliseconds: for workers that are to start again
    if (::poll(waiting, control_ ? 2 : 1, kLook) <= 0) return;
    // Signals last: a front that died brings another control socket, of which nothing is known yet.
    if (control_ && waiting[1].revents != 0) take_notice();
    if ((waiting[0].revents & POLLIN) != 0) take_signals();
  }

  void take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) end();
      if (info.ssi_signo == SIGHUP) replace_workers();
    }
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) bury(pid, status);
  }

  void take_notice() {
    const auto control = receive_control(control_.get());
    if (!control) {
      control_.close();
      return;
    }
    if (control->notice == Notice::hung) slots_.kill_hung(control->pid);
    if (control->notice == Notice::ready && slots_.note_ready(control->slot)) announce();
  }

  void announce() {
    if (announced_) return;
    announced_ = true;
    if (order_.ready) order_.ready();
  }

  void bury(pid_t pid, int status) {
    if (pid == front_) {
      front_ = -1;
      control_.close();
      if (!over_) {
        log_line(Level::error, {{"event", "front"}, {"why", "it ended and is started again"}});
        kill_all(SIGTERM);
        start_front();
      }
      return;
    }
    const auto unready = slots_.bury(pid, status);
    if (unready && !over_)
      failed_ = Error(*unready == kHsmGone ? Fault::hsm_unavailable : Fault::failed,
                      "a worker does not start", "its own words stand above", "nothing is served");
  }

  void replace_workers() {
    log_line(Level::notice, {{"event", "reload"}});
    slots_.replace_all();
  }

  void end() {
    if (over_) return;
    over_ = true;
    end_by_ = SteadyClock::now() + kDraining;
    if (order_.stopping) order_.stopping();
    try {
      if (control_) send_control(control_.get(), {Notice::drain, 0, Kind::approvals, {}});
    } catch (const Error&) {
      kill_all(SIGTERM);
    }
    if (failed_) kill_all(SIGTERM);
  }

  void kill_all(int signal) {
    if (front_ > 0 && over_) ::kill(front_, signal);
    slots_.kill_all(signal);
  }

  ServeOrder& order_;
  WorkerSlots slots_;
  pid_t front_ = -1;
  Fd control_, signals_;
  sigset_t before_{};
  bool over_ = false, announced_ = false;
  std::optional<Error> failed_;
  SteadyClock::time_point started_{}, end_by_{};
};

}  // namespace

int supervise(ServeOrder& order) {
  return Supervisor(order).run();
}

}  // namespace tsp::serve
