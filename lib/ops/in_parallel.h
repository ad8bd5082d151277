// Work on many things at once, over the processors, with the results in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/signals.h"
#include "ops/provider.h"

namespace tsp::ops {

// Results wait in a ring until their turn comes, so that one slow thing does not let the others run
// ahead without end.
template <class Result>
class OrderedQueue {
 public:
  OrderedQueue(std::size_t count, std::size_t workers) : count_(count), ring_(workers * 4) {}

  // What to work on next; nothing when there is none, or the work was ended.
  std::optional<std::size_t> next() {
    std::unique_lock lock(guard_);
    changed_.wait(lock,
                  [&] { return ended_ || given_ == count_ || given_ < taken_ + ring_.size(); });
    if (ended_ || given_ == count_) return std::nullopt;
    return given_++;
  }

  struct Outcome {
    std::optional<Result> result;
    std::exception_ptr thrown;
  };

  void put(std::size_t index, Outcome outcome) {
    const std::lock_guard lock(guard_);
    ring_[index % ring_.size()] = std::move(outcome);
    changed_.notify_all();
  }

  // Waits for the next in order; nothing when it was not there within a moment.
  std::optional<Outcome> take() {
    std::unique_lock lock(guard_);
    auto& place = ring_[taken_ % ring_.size()];
    if (!changed_.wait_for(lock, std::chrono::milliseconds(200), [&] { return place.has_value(); }))
      return std::nullopt;
    std::optional<Outcome> out = std::exchange(place, std::nullopt);
    ++taken_;
    changed_.notify_all();
    return out;
  }

  void end() {
    const std::lock_guard lock(guard_);
    ended_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  const std::size_t count_;
  std::size_t given_ = 0, taken_ = 0;
  bool ended_ = false;
  std::vector<std::optional<Outcome>> ring_;
};

// Calls `work` with 0 to count - 1 on as many threads as there are processors (one thing: on the
// caller's), and `take` with each result in order, on the caller's thread, as soon as all before it
// are there. `work` must be fit for several threads. What `work` or `take` throws comes out in its
// turn, and world.stop's Error{interrupted} at once; what is being worked on is then finished, its
// result dropped, and nothing new is begun.
template <class Result>
void in_parallel(const World& world, std::size_t count,
                 const std::function<Result(std::size_t)>& work,
                 const std::function<void(const Result&)>& take) {
  if (count == 1) return take(work(0));
  const std::size_t workers =
      std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  OrderedQueue<Result> queue(count, workers);
  std::vector<std::jthread> threads;
  // Before the threads are joined, whatever happens.
  struct EndFirst {
    OrderedQueue<Result>& queue;
    std::vector<std::jthread>& threads;
    ~EndFirst() {
      queue.end();
      threads.clear();
    }
  } const end_first{queue, threads};
  {
    const SignalsBlocked for_the_threads;
    for (std::size_t i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        while (const auto index = queue.next()) {
          typename OrderedQueue<Result>::Outcome outcome;
          try {
            outcome.result = work(*index);
          } catch (...) {
            outcome.thrown = std::current_exception();
          }
          queue.put(*index, std::move(outcome));
        }
      });
  }
  for (std::size_t done = 0; done < count;) {
    world.stop_if_asked();
    const auto outcome = queue.take();
    if (!outcome) continue;
    if (outcome->thrown) std::rethrow_exception(outcome->thrown);
    take(*outcome->result);
    ++done;
  }
}

}  // namespace tsp::ops
