#include "net/mail.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "net/curl.h"

namespace tsp::net {
namespace {

// A server that says more than this in one session does not talk SMTP.
constexpr std::size_t kTalkLimit = 64 << 10;
constexpr std::size_t kIdSize = 16;

struct Server {
  bool tls = false;    // from the first octet
  bool local = false;  // this host itself
  std::string url;     // rebuilt from its parts: libcurl reads nothing that was not judged here
};

std::optional<Server> parse_url(std::string_view text) {
  Server server;
  constexpr std::string_view kPlain = "smtp://", kTls = "smtps://";
  server.tls = text.starts_with(kTls);
  if (!server.tls && !text.starts_with(kPlain)) return std::nullopt;
  std::string_view host = text.substr(server.tls ? kTls.size() : kPlain.size());
  std::string_view port;
  const auto colon = host.starts_with('[') ? host.find("]:") + 1 : host.find(':');
  if (colon != std::string_view::npos && colon != 0) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535)
      return std::nullopt;
  }
  const std::string name(host);
  in_addr four{};
  in6_addr six{};
  if (host.starts_with('[')) {
    if (!host.ends_with(']') ||
        ::inet_pton(AF_INET6, name.substr(1, name.size() - 2).c_str(), &six) != 1)
      return std::nullopt;
    server.local = IN6_IS_ADDR_LOOPBACK(&six);
  } else if (::inet_pton(AF_INET, name.c_str(), &four) == 1) {
    server.local = (ntohl(four.s_addr) >> 24) == 127;
  } else {
    if (!is_mail_address("a@" + name)) return std::nullopt;
    server.local = name == "localhost";
  }
  server.url = std::string(server.tls ? kTls : kPlain) + name;
  if (!port.empty()) server.url += ":" + std::string(port);
  return server;
}

// A handle with its options and its connection; both go away with the mail.
class Session {
 public:
  Session(const MailOptions& options, const Server& server)
      : options_(options), server_(server), curl_(curl_library()) {
    handle_ = curl_.easy_init();
    if (handle_ == nullptr) throw Error(Fault::failed, "cannot use the network", "out of memory");
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    // libcurl says goodbye and waits for an answer, for two minutes if need be: it gets none.
    for (const int socket : sockets_) ::shutdown(socket, done_ ? SHUT_RD : SHUT_RDWR);
    curl_.easy_cleanup(handle_);
    curl_.slist_free_all(to_);
  }

  void send(const Mail& mail, ByteView message) {
    rest_ = message;
    set_connection();
    set_authentication();
    set_envelope(mail, message.size());
    const CURLcode result = curl_.easy_perform(handle_);
    if (result == CURLE_ABORTED_BY_CALLBACK && stopped_)
      throw Error(Fault::interrupted, "interrupted", "while sending mail");
    if (result != CURLE_OK) fail(describe(result));
    done_ = true;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode result = curl_.easy_setopt(handle_, option, value);
    if (result != CURLE_OK) fail(std::string("option refused: ") + curl_.easy_strerror(result));
  }

  void set_connection() {
    set(CURLOPT_URL, server_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_USE_SSL, static_cast<long>(server_.local ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
    set(CURLOPT_PROXY, "");  // none, whatever the environment says
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.total.count()));
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_OPENSOCKETFUNCTION, &Session::open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_CLOSESOCKETFUNCTION, &Session::close_socket);
    set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Session::take_answer);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Session::take_answer);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (!options_.stop) return;
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Session::ask_stop);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  }

  // libcurl copies both; its copies are wiped and freed with the handle (curl.cpp).
  void set_authentication() {
    if (options_.user.empty()) return;
    set(CURLOPT_USERNAME, options_.user.c_str());
    if (!options_.password) return;
    Bytes text;
    text.reserve(options_.password->size() + 1);
    append(text, options_.password->view());
    text.push_back(0);
    const Secret terminated(std::move(text));
    set(CURLOPT_PASSWORD, reinterpret_cast<const char*>(terminated.view().data()));
  }

  void set_envelope(const Mail& mail, std::size_t size) {
    set(CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    to_ = curl_.slist_append(nullptr, ("<" + mail.to + ">").c_str());
    if (to_ == nullptr) fail("out of memory");
    set(CURLOPT_MAIL_RCPT, to_);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    set(CURLOPT_READFUNCTION, &Session::give_message);
    set(CURLOPT_READDATA, static_cast<void*>(this));
  }

  static curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<Session*>(user);
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0) self.sockets_.push_back(fd);
    return fd;
  }

  static int close_socket(void* user, curl_socket_t fd) {
    std::erase(static_cast<Session*>(user)->sockets_, fd);
    return ::close(fd);
  }

  static int ask_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& self = *static_cast<Session*>(user);
    self.stopped_ = self.stopped_ || self.options_.stop();
    return self.stopped_ ? 1 : 0;
  }

  static std::size_t take_answer(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Session*>(user);
    self.talk_ += size * count;
    if (self.talk_ > kTalkLimit) return 0;
    self.remember_code(std::string_view(data, size * count));
    return size * count;
  }

  static std::size_t give_message(char* out, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Session*>(user);
    const std::size_t now = std::min(size * count, self.rest_.size());
    std::copy_n(self.rest_.begin(), now, reinterpret_cast<std::uint8_t*>(out));
    self.rest_ = self.rest_.subspan(now);
    return now;
  }

  // "550", or "550 5.1.1" (RFC 3463): digits and dots, nothing that a server could say in words.
  void remember_code(std::string_view line) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, digit)) return;
    if (line.starts_with("221")) return;  // libcurl says goodbye before it tells of a failure
    code_ = line.substr(0, 3);
    if (line.size() < 9 || !digit(line[4]) || line[5] != '.') return;
    std::string_view more = line.substr(4);
    const auto end =
        std::find_if(more.begin(), more.end(), [&](char c) { return !digit(c) && c != '.'; });
    more = more.substr(0, static_cast<std::size_t>(end - more.begin()));
    if (more.size() <= 9) code_ += " " + std::string(more);
  }

  std::string describe(CURLcode result) const {
    if (talk_ > kTalkLimit) return "it does not stop talking";
    switch (result) {
      case CURLE_OPERATION_TIMEDOUT:
        return fmt::format("the mail was not taken within {} ms", options_.total.count());
      case CURLE_COULDNT_RESOLVE_HOST:
        return "there is no such host";
      case CURLE_COULDNT_CONNECT:
        return "nobody answers";
      case CURLE_PEER_FAILED_VERIFICATION:
        return "its TLS certificate does not hold";
      case CURLE_USE_SSL_FAILED:
        return "it offers no STARTTLS, and nothing is sent in clear to another host";
      case CURLE_LOGIN_DENIED:
        return "it refuses our user name and password" + said();
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
      case CURLE_WEIRD_SERVER_REPLY:
        // What it said last tells a refusal from a broken connection.
        if (code_.starts_with('4') || code_.starts_with('5')) return "it refuses the mail" + said();
        return std::string(curl_.easy_strerror(result));
      default:
        return curl_.easy_strerror(result) + said();
    }
  }

  std::string said() const { return code_.empty() ? "" : " (it answered " + code_ + ")"; }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(Fault::busy, "cannot send mail by " + printable(server_.url), why);
  }

  const MailOptions& options_;
  const Server& server_;
  const CurlLibrary& curl_;
  CURL* handle_ = nullptr;
  curl_slist* to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::vector<int> sockets_;
  ByteView rest_;
  std::string code_;
  std::size_t talk_ = 0;
  bool done_ = false, stopped_ = false;
};

}  // namespace

bool is_mail_url(std::string_view text) {
  return parse_url(text).has_value();
}

CurlMailer::CurlMailer(MailOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}
CurlMailer::~CurlMailer() = default;

void CurlMailer::send(const Mail& mail) {
  const auto server = parse_url(options_.url);
  if (!server)
    throw Error(Fault::bad_input, printable(options_.url) + " is no mail server",
                "it takes smtp://HOST[:PORT] or smtps://HOST[:PORT]");
  const Secret message = message_of(mail, clock_.now(), to_hex(random_bytes(kIdSize)));
  if (message.size() > options_.size)
    throw Error(Fault::bad_input, "the mail cannot be sent",
                fmt::format("it is larger than {} octets", options_.size));
  Session(options_, *server).send(mail, message.view());
}

}  // namespace tsp::net
