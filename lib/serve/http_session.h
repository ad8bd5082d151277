// One connection: reads a request, has it answered, writes the answer, again and again. Bounded in
// size and time; what it read is wiped.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <functional>
#include <memory>

#include "serve/asio.h"
#include "serve/router.h"

namespace tsp::serve {

// A request as it came, without its body where the answer needs none.
struct Exchange {
  Door door;
  std::string method, path, content_type, api_key_sha256;
  bool bad_authorization = false;  // the header is there and no bearer token
  Bytes body;
};
using Reply = std::function<void(Answer)>;

struct Admission {
  std::size_t largest_body = 0;
  std::optional<Answer> refusal{};
};

// What the front gives a connection.
struct Handlers {
  // By the headers alone: the most octets that the body may have, or what refuses it.
  std::function<Admission(const Asker&, const Exchange&)> admit;
  // For a body of so many octets that is to be read; false: too much is held already.
  std::function<bool(std::size_t)> take_room;
  std::function<void(std::size_t)> give_room;
  // Answers once, now or later.
  std::function<void(const Asker&, Exchange, Reply)> handle;
  std::function<void()> closed;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void begin() = 0;
  // After what it is doing, or at once where it waits for a request.
  virtual void close_soon() = 0;
  virtual std::chrono::steady_clock::time_point idle_since() const = 0;
  virtual bool is_idle() const = 0;
  virtual bool is_reading() const = 0;  // a request that is not there whole
};

// Of either listener: one kind of code serves both.
using Socket = asio::generic::stream_protocol::socket;
std::shared_ptr<Connection> connection(Socket socket, Asker asker, Door door, Handlers& handlers);

}  // namespace tsp::serve
