#include "ops/validate_many.h"

#include "base/signals.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/fetcher.h"

namespace tsp::ops {
namespace {

// One call at a time, whoever asks.
class SharedFetcher final : public net::Fetcher {
 public:
  explicit SharedFetcher(net::Fetcher& fetcher) : fetcher_(fetcher) {}
  net::Response fetch(const net::Request& request) override {
    const std::lock_guard lock(guard_);
    return fetcher_.fetch(request);
  }

 private:
  std::mutex guard_;
  net::Fetcher& fetcher_;
};

Validated validate_one(const World& world, const ValidateDocument& common,
                       const std::string& file) {
  ValidateDocument request = common;
  request.file = file;
  Validated out{file, {}, {}};
  try {
    out.report = validate_document(world, request);
  } catch (const Error& error) {
    out.error = error;
  } catch (const std::exception& error) {
    out.error = Error(Fault::failed, "cannot validate " + file, error.what());
  }
  return out;
}

// Results wait in a ring until their turn comes, so that one slow document does not let the others
// run ahead without end.
class Queue {
 public:
  Queue(std::size_t files, std::size_t workers) : files_(files), ring_(workers * 4) {}

  // The next file to judge; nothing when there is none, or the work was ended.
  std::optional<std::size_t> next() {
    std::unique_lock lock(guard_);
    changed_.wait(lock,
                  [&] { return ended_ || given_ == files_ || given_ < taken_ + ring_.size(); });
    if (ended_ || given_ == files_) return std::nullopt;
    return given_++;
  }

  void put(std::size_t index, Validated result) {
    const std::lock_guard lock(guard_);
    ring_[index % ring_.size()] = std::move(result);
    changed_.notify_all();
  }

  // Waits for the next in order; nothing when it was not there within a moment.
  std::optional<Validated> take() {
    std::unique_lock lock(guard_);
    auto& place = ring_[taken_ % ring_.size()];
    if (!changed_.wait_for(lock, std::chrono::milliseconds(200), [&] { return place.has_value(); }))
      return std::nullopt;
    std::optional<Validated> out = std::move(place);
    place.reset();
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
  const std::size_t files_;
  std::size_t given_ = 0, taken_ = 0;
  bool ended_ = false;
  std::vector<std::optional<Validated>> ring_;
};

}  // namespace

void validate_many(const World& world, ValidateDocument request,
                   const std::vector<std::string>& files,
                   const std::function<void(const Validated&)>& take) {
  if (!request.prepared) request.prepared = prepare_validation(world, request);
  if (files.size() == 1) return take(validate_one(world, request, files.front()));
  std::optional<SharedFetcher> fetcher;
  World shared = world;
  if (world.fetcher != nullptr) shared.fetcher = &fetcher.emplace(*world.fetcher);
  const std::size_t workers =
      std::min<std::size_t>(files.size(), std::max(1U, std::thread::hardware_concurrency()));
  Queue queue(files.size(), workers);
  std::vector<std::jthread> threads;
  // Before the threads are joined, whatever happens.
  struct EndFirst {
    Queue& queue;
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
        while (const auto index = queue.next())
          queue.put(*index, validate_one(shared, request, files[*index]));
      });
  }
  for (std::size_t done = 0; done < files.size();) {
    world.stop_if_asked();
    if (const auto result = queue.take()) {
      take(*result);
      ++done;
    }
  }
}

}  // namespace tsp::ops
