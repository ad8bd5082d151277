#include "serve/worker_slots.h"

#include <sys/wait.h>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "serve/log.h"

namespace tsp::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto kBeforeReplacing = 500ms, kBeforeTryingAgain = 1000ms;
constexpr auto kLooksAtMemory = 5s;

// What a process holds for itself alone, in octets; 0 where nobody can tell.
std::size_t own_memory(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) << 10;
  return 0;
}

}  // namespace

WorkerSlots::WorkerSlots(unsigned approvals, unsigned signatures) {
  for (unsigned at = 0; at < approvals; ++at) slots_.push_back({Kind::approvals});
  for (unsigned at = 0; at < signatures; ++at) slots_.push_back({Kind::signatures});
  slots_.push_back({Kind::pki});
}

void WorkerSlots::start_missing(const Start& start) {
  const auto now = SteadyClock::now();
  for (std::uint32_t at = 0; at < slots_.size(); ++at) {
    Slot& slot = slots_[at];
    if (slot.pid >= 0 || slot.begin > now) continue;
    const auto pid = start(at, slot.kind);
    if (pid) slot.pid = *pid;
    slot.begin = SteadyClock::now() + (pid ? kBeforeReplacing : kBeforeTryingAgain);
  }
}

bool WorkerSlots::note_ready(std::uint32_t slot) {
  if (slot >= slots_.size()) return false;
  slots_[slot].was_ready = true;
  return std::ranges::all_of(slots_, [](const Slot& each) { return each.was_ready; });
}

std::optional<int> WorkerSlots::bury(pid_t pid, int status) {
  leaving_.erase(pid);
  for (Slot& slot : slots_) {
    if (slot.pid != pid) continue;
    slot.pid = -1;
    slot.begin = std::max(slot.begin, SteadyClock::now());
    if (slot.was_ready) return std::nullopt;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  return std::nullopt;
}

void WorkerSlots::replace(Slot& slot) {
  if (slot.pid > 0) leaving_.insert(slot.pid);
  slot.pid = -1;
  slot.begin = {};
}

void WorkerSlots::replace_all() {
  for (Slot& slot : slots_) replace(slot);
}

void WorkerSlots::replace_grown(std::size_t most_memory) {
  const auto now = SteadyClock::now();
  if (now < look_at_memory_) return;
  look_at_memory_ = now + kLooksAtMemory;
  for (Slot& slot : slots_) {
    if (slot.kind != Kind::signatures || slot.pid < 0 || !slot.was_ready) continue;
    const std::size_t held = own_memory(slot.pid);
    if (held <= most_memory) continue;
    log_line(Level::notice, {{"event", "worker"},
                             {"kind", std::string(name_of(slot.kind))},
                             {"why", fmt::format("it holds {} MiB and is replaced", held >> 20)}});
    replace(slot);
  }
}

void WorkerSlots::kill_hung(pid_t pid) {
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

void WorkerSlots::kill_all(int signal) const {
  for (const Slot& slot : slots_)
    if (slot.pid > 0) ::kill(slot.pid, signal);
  for (const pid_t pid : leaving_) ::kill(pid, signal);
}

bool WorkerSlots::nobody_left() const {
  return leaving_.empty() &&
         std::ranges::none_of(slots_, [](const Slot& slot) { return slot.pid > 0; });
}

}  // namespace tsp::serve
