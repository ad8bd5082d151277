#include "serve/client.h"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/secret.h"
#include "ops/error_json.h"
#include "ops/json_members.h"
#include "serve/asio.h"

namespace tsp::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::local::stream_protocol;
using OctetsBody = http::vector_body<std::uint8_t>;

constexpr std::chrono::milliseconds kBetweenStops{200};  // between two looks at options.stop
constexpr std::size_t kLargestAnswer = std::size_t{32} << 20;

}  // namespace

struct Client::State {
  explicit State(ClientOptions options_) : options(std::move(options_)) {}

  ClientOptions options;
  asio::io_context context{1};
  std::unique_ptr<beast::basic_stream<Protocol>> stream;
  beast::flat_buffer buffer;

  // Runs until `done`; the stream's own timer ends it in time.
  void run(const bool& done) {
    context.restart();
    while (!done) {
      context.run_for(kBetweenStops);
      if (!done && options.stop) options.stop();
      context.restart();
    }
  }

  Error nobody(const std::string& why) const {
    return Error(Fault::busy, "no server answers at " + options.path, why,
                 "work in this process with --socket none, or start tsp serve");
  }

  void connect() {
    stream = std::make_unique<beast::basic_stream<Protocol>>(context);
    buffer.clear();
    ErrorCode error;
    stream->socket().connect(Protocol::endpoint(options.path), error);
    if (error) {
      stream.reset();
      if (error == asio::error::access_denied)
        throw Error(Fault::not_permitted, "the server at " + options.path + " may not be asked");
      throw nobody(error.message());
    }
  }

  // Nothing: the connection had been closed before a request came through.
  std::optional<http::response<OctetsBody>> attempt(http::request<OctetsBody>& request,
                                                    bool fresh) {
    bool done = false;
    ErrorCode result;
    const auto finish = [&](ErrorCode error, std::size_t) {
      result = error;
      done = true;
    };
    stream->expires_after(options.patience);
    http::async_write(*stream, request, finish);
    run(done);
    http::response_parser<OctetsBody> parser;
    parser.body_limit(kLargestAnswer);
    if (!result) {
      done = false;
      stream->expires_after(options.patience);
      http::async_read(*stream, buffer, parser, finish);
      run(done);
    }
    if (!result) {
      if (!parser.get().keep_alive()) stream.reset();
      return parser.release();
    }
    stream.reset();
    if (result == beast::error::timeout)
      throw Error(Fault::busy, "the server does not answer in time", "",
                  "what became of it is in the audit log");
    if (!fresh && !parser.is_header_done()) return std::nullopt;
    throw Error(Fault::busy, "the server went away", result.message(),
                "what became of it is in the audit log; try again");
  }

  Json exchange(http::verb verb, const std::string& path, const std::string& body) {
    http::request<OctetsBody> request(verb, path, 11);
    request.set(http::field::host, "localhost");
    request.set(http::field::content_type, "application/json");
    request.body().assign(body.begin(), body.end());
    request.prepare_payload();
    std::optional<http::response<OctetsBody>> response;
    if (stream) response = attempt(request, false);
    if (!response) {
      connect();
      response = attempt(request, true);
    }
    wipe(request.body());
    Json json = parse_json(response->body(), "the server's answer", {kLargestAnswer, 32});
    if (const Json* error = ops::find_member(json, "error")) throw ops::error_from_json(*error);
    return json;
  }
};

Client::Client(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Client::~Client() = default;

bool Client::answers() {
  try {
    if (!state_->stream) state_->connect();
    return true;
  } catch (const Error& error) {
    if (error.fault != Fault::busy) throw;
    return false;
  }
}

Json Client::post(const std::string& path, const Json& body) {
  std::string text;
  try {
    text = body.dump();
  } catch (const Json::exception&) {  // dump() of base/json.h would put something else in its place
    throw Error(Fault::bad_input, "the request holds a text that is not UTF-8", "",
                "nothing was done");
  }
  return state_->exchange(http::verb::post, path, text);
}

Json Client::get(const std::string& path) {
  return state_->exchange(http::verb::get, path, {});
}

}  // namespace tsp::serve
