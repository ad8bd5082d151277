#include "serve/notice_sender.h"

#include "base/error.h"
#include "base/signals.h"
#include "ops/channel.h"
#include "ops/notices.h"
#include "serve/log.h"

namespace tsp::serve {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 20;  // before it looks whether it is over
constexpr std::chrono::seconds kAfterSuccess = 1s, kAfterFailure = 60s;

}  // namespace

NoticeSender::NoticeSender(const ops::Provider& provider) {
  if (!ops::has_channel(provider)) return;
  const SignalsBlocked for_the_thread;
  thread_ = std::thread([this, home = provider.home(), config = provider.config(),
                         world = provider.world()] { run(home, config, world); });
}

NoticeSender::~NoticeSender() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool NoticeSender::wait(std::chrono::seconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return over_; });
}

void NoticeSender::run(const ops::Home& home, const ops::Config& config, ops::World world) {
  world.caller = "system";
  world.stop = [this] {
    const std::lock_guard lock(mutex_);
    if (over_) throw Error(Fault::interrupted, "the server is going down");
  };
  std::unique_ptr<ops::Provider> provider;
  bool well = true;
  while (wait(well ? kAfterSuccess : kAfterFailure)) {
    well = true;
    try {
      if (!provider) provider = std::make_unique<ops::Provider>(home, config, world);
      const auto flushed =
          ops::flush_notices(*provider, kMost, config.duration("notices.timeout") * kMost);
      if (flushed.sent > 0)
        log_line(Level::info, {{"event", "notices"}, {"sent", std::to_string(flushed.sent)}});
      if (!flushed.why.empty())
        log_line(Level::warning, {{"event", "notices"},
                                  {"postponed", std::to_string(flushed.postponed)},
                                  {"given_up", std::to_string(flushed.given_up)}});
    } catch (const std::exception& error) {
      const auto* ours = dynamic_cast<const Error*>(&error);
      if (ours != nullptr && ours->fault == Fault::interrupted) return;
      well = false;
      log_line(Level::error, {{"event", "notices"}, {"why", error.what()}});
    }
  }
}

}  // namespace tsp::serve
