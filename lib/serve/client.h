// A client of the Unix socket: one request at a time over one connection, made again where it was
// closed meanwhile.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/json.h"

namespace tsp::serve {

struct ClientOptions {
  std::string path;
  std::chrono::milliseconds patience{15'000};  // with an answer
  std::function<void()> stop{};                // looked at meanwhile; throws to give up
};

class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  // Whether somebody accepts a connection there.
  bool answers();
  // The JSON of the answer. Errors that the server answers with are thrown as they are; {busy}
  // where nobody answers or not in time, {failed} for what is no answer.
  Json post(const std::string& path, const Json& body);
  Json get(const std::string& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tsp::serve
