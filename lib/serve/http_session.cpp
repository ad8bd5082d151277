#include "serve/http_session.h"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <limits>

#include "base/time.h"
#include "crypto/digest.h"
#include "serve/admission.h"
#include "serve/csc.h"
#include "serve/http_caching.h"

namespace tsp::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using namespace std::chrono_literals;

constexpr auto kIdle = 60s, kReading = 10s, kWriting = 30s, kLingering = 1s;
constexpr std::size_t kSlowest = 64 << 10;  // octets a second that a caller must read
constexpr std::size_t kDiscarded = 16 << 10, kMostDiscarded = 32 << 20;
constexpr std::uint32_t kLargestHeader = 8 << 10;

std::string_view text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

class Session final : public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, Asker asker, Door door, Handlers& handlers)
      : stream_(std::move(socket)),
        asker_(std::move(asker)),
        door_(door),
        handlers_(handlers),
        buffer_(kLargestHeader + (64 << 10)) {}
  ~Session() override {
    give_room();
    handlers_.closed();
  }

  void begin() override { wait(); }
  void close_soon() override {
    closing_ = true;
    if (idle_ || reading_) stream_.cancel();
  }
  std::chrono::steady_clock::time_point idle_since() const override { return since_; }
  bool is_idle() const override { return idle_; }
  bool is_reading() const override { return reading_; }

 private:
  // For the first octet of a request: long. What follows must not dawdle.
  void wait() {
    if (closing_) return close();
    idle_ = true;
    since_ = std::chrono::steady_clock::now();
    if (buffer_.size() > 0) return read_header();
    stream_.expires_after(kIdle);
    stream_.async_read_some(buffer_.prepare(1024),
                            [self = shared_from_this()](ErrorCode error, std::size_t got) {
                              if (error) return self->close();
                              self->buffer_.commit(got);
                              self->read_header();
                            });
  }

  void read_header() {
    idle_ = false;
    reading_ = true;
    parser_.emplace();
    parser_->header_limit(kLargestHeader);
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // until it is known whose
    stream_.expires_after(kReading);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (error) return self->refuse_reading(error);
                              self->read_body();
                            });
  }

  void read_body() {
    exchange_ = {};
    exchange_.door = door_;
    exchange_.method = std::string(parser_->get().method_string());
    exchange_.path = std::string(path_of(parser_->get().target()));
    exchange_.content_type = std::string(parser_->get()[http::field::content_type]);
    std::string_view key = text_of(parser_->get()["X-API-Key"]);
    const auto bearer = text_of(parser_->get()[http::field::authorization]);
    constexpr std::string_view kBearer = "Bearer ";
    const bool is_bearer = bearer.size() > kBearer.size() && bearer.starts_with(kBearer);
    exchange_.bad_authorization = !bearer.empty() && !is_bearer;
    if (key.empty() && is_bearer) key = bearer.substr(kBearer.size());
    if (!key.empty()) exchange_.api_key_sha256 = to_hex(crypto::sha256(as_bytes(key)));
    Admission admission = handlers_.admit(asker_, exchange_);
    if (admission.refusal) return last_words(std::move(*admission.refusal));
    const std::size_t most = admission.largest_body;
    const auto length = parser_->content_length();
    if (length && *length > most) return last_words(too_large());
    const std::size_t size = length ? *length : most;
    if (!take_room(size)) return last_words(too_much());
    parser_->body_limit(most);
    parser_->get().body().reserve(length ? size : 0);
    if (parser_->get()[http::field::expect] == "100-continue") return go_on();
    read_rest();
  }

  bool take_room(std::size_t size) {
    if (!Room::is_counted(size)) return true;
    if (!handlers_.take_room(size)) return false;
    room_ = size;
    return true;
  }
  void give_room() {
    if (room_ > 0) handlers_.give_room(room_);
    room_ = 0;
  }

  void go_on() {
    continue_ = http::response<http::empty_body>(http::status::continue_, 11);
    http::async_write(stream_, continue_,
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        if (error) return self->close();
                        self->read_rest();
                      });
  }

  void read_rest() {
    stream_.expires_after(kReading);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](ErrorCode error, std::size_t) {
                       if (error) return self->refuse_reading(error);
                       self->handle();
                     });
  }

  void handle() {
    reading_ = false;
    keep_alive_ = parser_->get().keep_alive();
    exchange_.body = std::move(parser_->get().body());
    wipe_what_was_read();
    stream_.expires_never();  // the answer has a deadline of its own
    handlers_.handle(asker_, std::move(exchange_), [self = shared_from_this()](Answer answer) {
      self->write(std::move(answer));
    });
  }

  // Factors and approvals' secrets passed through it. What stays is of the next request.
  void wipe_what_was_read() {
    const auto rest = buffer_.prepare(buffer_.capacity() - buffer_.size());
    wipe({static_cast<std::uint8_t*>(rest.data()), rest.size()});
  }

  bool is_csc() const { return door_ == Door::socket && csc::is_path(exchange_.path); }

  Answer too_large() const {
    const HttpRefusal error(413, "the request is too large", "");
    return is_csc() ? csc::refusal(error, exchange_.path) : refusal(error);
  }

  Answer too_much() const {
    return answer_of(
        Error(Fault::busy, "too much is being sent already", "", "nothing was done; try again"),
        exchange_);
  }

  void refuse_reading(ErrorCode error) {
    if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
        error == beast::error::timeout || error == asio::error::connection_reset ||
        error == http::error::partial_message)
      return close();
    if (error == http::error::body_limit) return last_words(too_large());
    Answer answer = failure(0, Error(Fault::usage, "this is no HTTP request"));
    if (error == http::error::header_limit) answer.status = 431;
    last_words(std::move(answer));
  }

  // What stays unread makes the connection useless for another request.
  void last_words(Answer answer) {
    keep_alive_ = false;
    write(std::move(answer));
  }

  void write(Answer answer) {
    reading_ = false;
    response_ = {};
    response_.version(11);
    response_.set(http::field::server, "tsp");
    for (const auto& [name, value] : caching_fields(answer, condition(), SystemClock().now()))
      response_.set(name, value);
    response_.result(static_cast<unsigned>(answer.status));
    if (!answer.allow.empty()) response_.set(http::field::allow, answer.allow);
    if (!answer.challenge.empty()) response_.set(http::field::www_authenticate, answer.challenge);
    if (answer.status == 503 || answer.status == 429) response_.set(http::field::retry_after, "1");
    const bool head =
        parser_ && parser_->is_header_done() && parser_->get().method() == http::verb::head;
    response_.keep_alive(keep_alive_ && !closing_);
    if (answer.status != kNotModified && answer.status != kNoContent) {
      response_.set(http::field::content_type, answer.type);
      response_.content_length(answer.octets().size());
    }
    answer_ = std::move(answer);
    const ByteView octets = head ? ByteView() : answer_.octets();
    response_.body() = {octets.data(), octets.size()};
    if (parser_) wipe(parser_->get().body());
    parser_.reset();
    stream_.expires_after(kWriting + std::chrono::seconds(octets.size() / kSlowest));
    http::async_write(stream_, response_,
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        wipe(self->answer_.body);
                        self->answer_ = {};
                        self->give_room();
                        if (error) return self->close();
                        if (!self->response_.keep_alive()) return self->linger();
                        self->wait();
                      });
  }

  // What a GET or HEAD makes depend on what the caller has.
  std::optional<Condition> condition() const {
    if (!parser_ || !parser_->is_header_done()) return std::nullopt;
    const auto& asked = parser_->get();
    if (asked.method() != http::verb::get && asked.method() != http::verb::head)
      return std::nullopt;
    return Condition{std::string(asked[http::field::if_none_match]),
                     std::string(asked[http::field::if_modified_since])};
  }

  // A close over what is unread would take the answer away from the caller again: first it is read,
  // for a moment.
  void linger() {
    ErrorCode ignored;
    stream_.socket().shutdown(Socket::shutdown_send, ignored);
    stream_.expires_after(kLingering);
    discard(0);
  }
  void discard(std::size_t so_far) {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kDiscarded),
                            [self = shared_from_this(), so_far](ErrorCode error, std::size_t got) {
                              if (error || so_far + got > kMostDiscarded) return self->close();
                              self->discard(so_far + got);
                            });
  }

  void close() {
    ErrorCode ignored;
    stream_.socket().shutdown(Socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::basic_stream<asio::generic::stream_protocol> stream_;
  Asker asker_;
  Door door_;
  Handlers& handlers_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::vector_body<std::uint8_t>>> parser_;
  Answer answer_;  // what is being written
  http::response<http::span_body<const std::uint8_t>> response_;
  http::response<http::empty_body> continue_;
  Exchange exchange_{};
  std::size_t room_ = 0;  // that was taken for the body
  bool keep_alive_ = false, closing_ = false, idle_ = true, reading_ = false;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace

std::shared_ptr<Connection> connection(Socket socket, Asker asker, Door door, Handlers& handlers) {
  return std::make_shared<Session>(std::move(socket), std::move(asker), door, handlers);
}

}  // namespace tsp::serve
