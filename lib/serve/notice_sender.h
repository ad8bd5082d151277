// Sends notices to signers in a thread of its own with a connection of its own to the store, so
// that a slow mail server keeps nobody waiting. It has no session of the HSM.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "ops/provider.h"

namespace tsp::serve {

class NoticeSender {
 public:
  // Begins at once where a channel is configured. What fails is in the log of the server.
  explicit NoticeSender(const ops::Provider& provider);
  NoticeSender(const NoticeSender&) = delete;
  NoticeSender& operator=(const NoticeSender&) = delete;
  // Breaks off what is being delivered: it is delivered again later.
  ~NoticeSender();

 private:
  void run(const ops::Home& home, const ops::Config& config, ops::World world);
  bool wait(std::chrono::seconds time);  // false: it is over
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace tsp::serve
