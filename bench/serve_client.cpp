#include "serve_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <deque>
#include <random>
#include <stdexcept>

namespace tsp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

double processor_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

int connect_to(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + path);
  return fd;
}

class Connection {
 public:
  explicit Connection(const std::string& path) : fd_(connect_to(path)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(fd_); }

  int fd() const { return fd_; }
  void send(const std::string& request) {
    for (std::size_t at = 0; at < request.size();) {
      const ssize_t sent = ::send(fd_, request.data() + at, request.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the server has closed a connection");
      at += static_cast<std::size_t>(sent);
    }
  }
  struct Answer {
    bool refused;
    std::string body;
  };
  // Reads what is there; the answer once it is there whole.
  std::optional<Answer> receive() {
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) throw std::runtime_error("the server has closed a connection");
    in_.append(buffer, static_cast<std::size_t>(got));
    const auto header = in_.find("\r\n\r\n");
    if (header == std::string::npos) return std::nullopt;
    const auto field = in_.find("Content-Length: ");
    const std::size_t size =
        field < header ? std::stoul(in_.substr(field + std::strlen("Content-Length: "))) : 0;
    if (in_.size() < header + 4 + size) return std::nullopt;
    const bool refused = in_.compare(9, 3, "503") == 0;
    if (!refused && in_.compare(9, 3, "200") != 0) throw std::runtime_error("not answered: " + in_);
    Answer answer{refused, in_.substr(header + 4, size)};
    in_.clear();
    return answer;
  }

 private:
  int fd_;
  std::string in_;
};

class Load {
 public:
  explicit Load(const LoadOrder& order)
      : order_(order), poll_(::epoll_create1(EPOLL_CLOEXEC)), dice_(7) {
    for (std::size_t at = 0; at < order.connections; ++at) {
      slots_.push_back({std::make_unique<Connection>(order.socket), {}, {}});
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.u64 = at;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, slots_.back().connection->fd(), &wanted);
      free_.push_back(at);
    }
  }
  ~Load() { ::close(poll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadResult run() {
    const double before = processor_time();
    begin_ = Clock::now();
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(order_.seconds));
    due_ = begin_;
    while (busy_ > 0 || (!dry_ && Clock::now() < end_)) {
      start_what_is_due();
      wait();
    }
    result_.seconds = std::chrono::duration<double>(last_ - begin_).count();
    result_.processor = processor_time() - before;
    std::sort(result_.latencies.begin(), result_.latencies.end());
    return std::move(result_);
  }

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    Task task;
    Moment due;
  };

  void start_what_is_due() {
    while (!free_.empty() && !dry_ && Clock::now() < end_) {
      Moment due = Clock::now();
      if (order_.per_second > 0) {
        if (due_ > due) return;
        due = due_;
        due_ += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
            std::exponential_distribution<double>(order_.per_second)(dice_)));
      }
      const std::size_t at = free_.front();
      free_.pop_front();
      auto task = order_.task(at);
      if (!task) {
        dry_ = true;
        return;
      }
      slots_[at].task = std::move(*task);
      slots_[at].due = due;
      ++busy_;
      slots_[at].connection->send(slots_[at].task.next(std::nullopt).value());
    }
  }

  void wait() {
    epoll_event events[64];
    int patience = 100;
    if (order_.per_second > 0 && !free_.empty() && !dry_) patience = due_ > Clock::now() ? 1 : 0;
    const int count = ::epoll_wait(poll_, events, 64, patience);
    for (int at = 0; at < count; ++at) take(events[at].data.u64);
  }

  void take(std::size_t at) {
    Slot& slot = slots_[at];
    const auto answer = slot.connection->receive();
    if (!answer) return;
    if (answer->refused && !order_.counts_refusals)
      throw std::runtime_error("not answered: " + answer->body);
    if (!answer->refused)
      if (auto next = slot.task.next(std::string_view(answer->body)))
        return slot.connection->send(*next);
    --busy_;
    free_.push_back(at);
    last_ = Clock::now();
    if (answer->refused) {
      ++result_.refused;
      return;
    }
    ++result_.done;
    result_.latencies.push_back(std::chrono::duration<double>(last_ - slot.due).count());
  }

  const LoadOrder& order_;
  int poll_;
  std::mt19937 dice_;
  std::vector<Slot> slots_;
  std::deque<std::size_t> free_;
  std::size_t busy_ = 0;
  bool dry_ = false;
  Moment begin_, end_, due_, last_;
  LoadResult result_;
};

}  // namespace

std::string post(std::string_view path, std::string_view body, std::string_view type) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
      path, type, body.size(), body);
}

double LoadResult::quantile(double q) const {
  if (latencies.empty()) return 0;
  const auto last = static_cast<double>(latencies.size() - 1);
  return latencies[static_cast<std::size_t>(std::floor(q * last))];
}

LoadResult load(const LoadOrder& order) {
  return Load(order).run();
}

void throw_at(const std::string& socket, const std::string& octets) {
  const int fd = connect_to(socket);
  [[maybe_unused]] const auto sent = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  char buffer[4096];
  while (::recv(fd, buffer, sizeof buffer, 0) > 0) continue;
  ::close(fd);
}

void while_connected(const std::string& socket, std::size_t connections,
                     const std::function<void()>& act) {
  std::vector<std::unique_ptr<Connection>> open;
  for (std::size_t at = 0; at < connections; ++at) {
    open.push_back(std::make_unique<Connection>(socket));
    open.back()->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (!open.back()->receive()) continue;
  }
  act();
}

}  // namespace tsp::bench
