// Work that the caller's next step need not wait for: the HSM is opened while a command finds out
// what is signed; what the HSM signed is checked while it signs the next.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace tsp::ops {

// One thread beside the caller's, which does what it is given in that order. Whoever adds keeps his
// hands off what the work touches until finish().
class Beside {
 public:
  Beside();
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside();  // what was added is done first

  // It must not throw.
  void add(std::function<void()> work);
  // What it throws comes out of the future, each time it is asked.
  std::shared_future<void> begin(std::function<void()> work);
  // All that was added is done. Nothing may be added any more.
  void finish();

 private:
  void run();

  std::mutex guard_;
  std::condition_variable came_;
  std::vector<std::function<void()>> waiting_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace tsp::ops
