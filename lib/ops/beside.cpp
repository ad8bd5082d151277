#include "ops/beside.h"

#include <memory>
#include <utility>

#include "base/signals.h"

namespace tsp::ops {

Beside::Beside() {
  const SignalsBlocked for_the_thread;
  thread_ = std::thread([this] { run(); });
}

Beside::~Beside() {
  finish();
}

void Beside::add(std::function<void()> work) {
  const std::lock_guard lock(guard_);
  waiting_.push_back(std::move(work));
  if (waiting_.size() == 1) came_.notify_one();
}

std::shared_future<void> Beside::begin(std::function<void()> work) {
  const auto task = std::make_shared<std::packaged_task<void()>>(std::move(work));
  auto done = task->get_future().share();
  add([task] { (*task)(); });
  return done;
}

void Beside::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(guard_);
    over_ = true;
    came_.notify_one();
  }
  thread_.join();
}

void Beside::run() {
  std::unique_lock lock(guard_);
  while (true) {
    came_.wait(lock, [this] { return over_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<std::function<void()>> taken;
    taken.swap(waiting_);
    lock.unlock();
    for (const auto& work : taken) work();
    lock.lock();
  }
}

}  // namespace tsp::ops
