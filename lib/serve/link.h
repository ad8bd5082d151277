// One worker as the front sees it. For links.cpp and link.cpp.
#pragma once

#include <deque>

#include "serve/links.h"

namespace tsp::serve {

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Links& owner, asio::io_context& context, std::uint32_t slot, Kind kind, pid_t pid,
       Fd channel);

  void begin();  // to read
  void ask(Request request, Links::Done done);
  // Those whose time is up get their answer; true, once, where the worker has been silent for too
  // long. It serves in order: what is late because it stands behind something that may take longer
  // is no sign of silence.
  bool look_at_deadlines(std::chrono::steady_clock::time_point now);
  // It is asked for nothing more and told to leave, which it does once it is done.
  void retire();

  std::uint32_t slot() const { return slot_; }
  Kind kind() const { return kind_; }
  pid_t pid() const { return pid_; }
  bool usable() const { return ready_ && !retired_ && !dead_; }
  bool dead() const { return dead_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Links::Done done;
    std::chrono::steady_clock::time_point deadline;
  };
  void read();
  void receive();
  std::shared_ptr<const SharedBody> take_shared();
  void take_frames();
  void take_answer(Answer answer);
  void pass_on(Request request);  // what the worker asks of another
  void write();
  void fail_all();
  bool is_silent(std::chrono::steady_clock::time_point now) const;

  Links& owner_;
  asio::local::stream_protocol::socket socket_;
  std::uint32_t slot_;
  Kind kind_;
  pid_t pid_;
  bool ready_ = false, retired_ = false, dead_ = false, writing_ = false, told_ = false;
  std::map<std::uint64_t, Waiting> waiting_;
  // Requests that were answered in the worker's place and that it still owes.
  std::map<std::uint64_t, std::chrono::steady_clock::time_point> owed_;
  std::deque<Secret> out_;
  std::deque<Fd> descriptors_;  // that came with frames that were not read yet
  Bytes in_;
  std::size_t used_ = 0;
};

}  // namespace tsp::serve
