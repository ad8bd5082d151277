#include "serve/supervisor.h"

#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>

#include "base/freed.h"
#include "serve/control.h"
#include "serve/desks.h"
#include "serve/log.h"

namespace tsp::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto kDraining = 30s, kStarting = 30s;
constexpr auto kBeforeReplacing = 500ms;
constexpr auto kLooksAtMemory = 5s;

struct Slot {
  Kind kind;
  pid_t pid = -1;  // -1: none now
  bool was_ready = false;
  SteadyClock::time_point begin{};  // when the next may start
};

// What a process holds for itself alone, in octets; 0 where nobody can tell.
std::size_t own_memory(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) << 10;
  return 0;
}

class Supervisor {
 public:
  explicit Supervisor(ServeOrder& order) : order_(order) {
    for (unsigned at = 0; at < order.approvals; ++at) slots_.push_back({Kind::approvals});
    for (unsigned at = 0; at < order.signatures; ++at) slots_.push_back({Kind::signatures});
    slots_.push_back({Kind::pki});
  }

  int run() {
    block_signals();
    if (order_.stop_if_asked) order_.stop_if_asked();
    start_front();
    started_ = SteadyClock::now();
    while (true) {
      start_missing();
      wait();
      if (failed_) end();
      replace_grown();
      if (over_ && front_ < 0 && nobody_left()) break;
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
  void become_child() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    for (const int each : {SIGINT, SIGHUP}) ::signal(each, SIG_IGN);  // a terminal's go to all
    ::signal(SIGTERM, SIG_DFL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::mallopt(M_PERTURB, 0x5a);  // what is freed is overwritten, but for small pieces
    // The heap's end stays where one request after the other would give it back and take it anew.
    ::mallopt(M_TRIM_THRESHOLD, 2 << 20);
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    signals_.close();
  }

  void start_front() {
    auto [ours, theirs] = control_pair();
    const pid_t pid = ::fork();
    if (pid < 0) throw_errno(errno, "cannot start the front");
    if (pid == 0) {
      become_child();
      wipe_what_is_freed();
      ours.close();
      int status = 1;
      try {
        status =
            run_front({std::move(theirs), std::move(order_.socket), std::move(order_.open_listener),
                       &order_.roles, order_.limits, order_.space_is_low, order_.service});
      } catch (const std::exception& error) {
        log_line(Level::error, {{"event", "front"}, {"why", error.what()}});
      }
      ::_exit(status);
    }
    front_ = pid;
    control_ = std::move(ours);
  }

  void start_missing() {
    if (over_ || front_ < 0) return;
    const auto now = SteadyClock::now();
    for (std::uint32_t at = 0; at < slots_.size(); ++at)
      if (slots_[at].pid < 0 && slots_[at].begin <= now) start_worker(at);
  }

  void start_worker(std::uint32_t at) {
    Slot& slot = slots_[at];
    auto [ours, theirs] = channel_pair();
    const pid_t pid = ::fork();
    if (pid < 0) {
      log_line(Level::error, {{"event", "worker"}, {"why", "cannot fork"}});
      slot.begin = SteadyClock::now() + 1s;
      return;
    }
    if (pid == 0) {
      become_child();
      ours.close();
      control_.close();
      order_.socket.close();
      order_.open_listener.close();
      ::_exit(work(slot.kind, std::move(theirs)));
    }
    slot.pid = pid;
    slot.begin = SteadyClock::now() + kBeforeReplacing;
    try {
      send_control(control_.get(), {Notice::worker, at, slot.kind, pid, std::move(ours)});
    } catch (const Error&) {
      // The front is gone; its end comes as a signal.
    }
  }

  // In the worker's process.
  int work(Kind kind, Fd channel) {
    if (kind != Kind::pki) wipe_what_is_freed();  // no signer's secret reaches the authority's
    try {
      const auto provider = order_.open_provider();
      provider->restrict_sessions(kind == Kind::pki
                                      ? std::vector<std::string>{"pki", "audit", "root"}
                                      : std::vector<std::string>{"signers"});
      Channel front(std::move(channel));
      const auto desk = kind == Kind::approvals    ? open_approval_desk(*provider, order_.service)
                        : kind == Kind::signatures ? open_signature_desk(*provider, front)
                                                   : open_pki_desk(*provider);
      return run_worker(front, *desk);
    } catch (const Error& error) {
      log_line(Level::error,
               {{"event", "worker"}, {"kind", std::string(name_of(kind))}, {"why", error.message}});
      return fault_row(error.fault).exit_status;
    } catch (const std::exception& error) {
      log_line(Level::error,
               {{"event", "worker"}, {"kind", std::string(name_of(kind))}, {"why", error.what()}});
      return 1;
    }
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
    if (control->notice == Notice::hung) kill_hung(control->pid);
    if (control->notice == Notice::ready && control->slot < slots_.size())
      note_ready(slots_[control->slot]);
  }

  // One of the slots', or one that was replaced and does not come to its end. The front is believed
  // about which of the workers hangs, and about no other process.
  void kill_hung(pid_t pid) {
    for (const Slot& slot : slots_) {
      if (slot.pid != pid || pid <= 0) continue;
      log_line(Level::error, {{"event", "worker"},
                              {"kind", std::string(name_of(slot.kind))},
                              {"why", "it does not answer and is replaced"}});
      ::kill(pid, SIGKILL);
      return;
    }
    if (!leaving_.contains(pid)) return;
    log_line(Level::error,
             {{"event", "worker"}, {"why", "one that was replaced does not answer and is ended"}});
    ::kill(pid, SIGKILL);
  }

  void note_ready(Slot& slot) {
    slot.was_ready = true;
    for (const Slot& each : slots_)
      if (!each.was_ready) return;
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
    leaving_.erase(pid);
    for (Slot& slot : slots_) {
      if (slot.pid != pid) continue;
      slot.pid = -1;
      slot.begin = std::max(slot.begin, SteadyClock::now());
      if (!slot.was_ready && !over_) {
        const int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        failed_ =
            Error(exit_status == 7 ? Fault::hsm_unavailable : Fault::failed,
                  "a worker does not start", "its own words stand above", "nothing is served");
      }
    }
  }

  void replace_grown() {
    const auto now = SteadyClock::now();
    if (over_ || now < look_at_memory_) return;
    look_at_memory_ = now + kLooksAtMemory;
    for (Slot& slot : slots_) {
      if (slot.kind != Kind::signatures || slot.pid < 0 || !slot.was_ready) continue;
      const std::size_t held = own_memory(slot.pid);
      if (held <= order_.most_memory) continue;
      log_line(Level::notice,
               {{"event", "worker"},
                {"kind", std::string(name_of(slot.kind))},
                {"why", fmt::format("it holds {} MiB and is replaced", held >> 20)}});
      replace(slot);
    }
  }

  void replace_workers() {
    log_line(Level::notice, {{"event", "reload"}});
    for (Slot& slot : slots_) replace(slot);
  }

  // The slot gets another worker; the front keeps the one before until that has logged in.
  void replace(Slot& slot) {
    if (slot.pid > 0) leaving_.insert(slot.pid);
    slot.pid = -1;
    slot.begin = {};
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
    for (const Slot& slot : slots_)
      if (slot.pid > 0) ::kill(slot.pid, signal);
    for (const pid_t pid : leaving_) ::kill(pid, signal);
  }

  bool nobody_left() const {
    if (!leaving_.empty()) return false;
    for (const Slot& slot : slots_)
      if (slot.pid > 0) return false;
    return true;
  }

  ServeOrder& order_;
  std::vector<Slot> slots_;
  std::set<pid_t> leaving_;  // replaced, and not at their end yet
  pid_t front_ = -1;
  Fd control_, signals_;
  sigset_t before_{};
  bool over_ = false, announced_ = false;
  std::optional<Error> failed_;
  SteadyClock::time_point started_{}, end_by_{}, look_at_memory_{};
};

}  // namespace

int supervise(ServeOrder& order) {
  return Supervisor(order).run();
}

}  // namespace tsp::serve
