#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "net/curl.h"
#include "net/fetcher.h"

namespace tsp::net {
namespace {

// More header octets than this is no answer but an attack.
constexpr std::size_t kHeaderLimit = 256 << 10;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c < 0x20 && c >= 0; });
}

// Whatever the case of its letters; `prefix` is in lower case.
bool has_prefix(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::ranges::equal(text.substr(0, prefix.size()), prefix, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

// A handle with its options; goes away with the fetch, so nothing is kept between two.
class Transfer {
 public:
  explicit Transfer(const Request& request) : request_(request), curl_(curl_library()) {
    handle_ = curl_.easy_init();
    if (handle_ == nullptr) throw Error(Fault::failed, "cannot use the network", "out of memory");
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_.easy_cleanup(handle_);
    curl_.slist_free_all(headers_);
  }

  Response run(const CurlOptions& options) {
    set_safety(options);
    set_limits();
    set_stop(options);
    set_request();
    const CURLcode result = curl_.easy_perform(handle_);
    if (result == CURLE_ABORTED_BY_CALLBACK)
      throw Error(Fault::interrupted, "interrupted", "while fetching " + shown(request_.url));
    if (result != CURLE_OK) fail(describe(result));
    return finish();
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode result = curl_.easy_setopt(handle_, option, value);
    if (result != CURLE_OK) fail(std::string("option refused: ") + curl_.easy_strerror(result));
  }

  void set_safety(const CurlOptions& options) {
    const bool secure = is_https(request_.url);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_PROXY, options.proxy.c_str());  // empty: none, whatever the environment says
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "tsp");
  }

  void set_limits() {
    const Limits& limits = request_.limits;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_FILETIME, 1L);
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, static_cast<long>(limits.redirects));
    set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.size));
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  }

  void set_stop(const CurlOptions& options) {
    if (!options.stop) return;
    stop_ = &options.stop;
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::ask_stop);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  }

  static int ask_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return (*static_cast<Transfer*>(user)->stop_)() ? 1 : 0;
  }

  void set_request() {
    set(CURLOPT_URL, request_.url.c_str());
    if (!request_.accept.empty()) add_header("Accept: " + request_.accept);
    if (!request_.if_none_match.empty()) add_header("If-None-Match: " + request_.if_none_match);
    if (!request_.if_modified_since.empty())
      add_header("If-Modified-Since: " + request_.if_modified_since);
    if (request_.method == Method::post) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(request_.body.data()));
      add_header("Content-Type: " + request_.content_type);
      add_header("Expect:");  // no waiting for 100 Continue
    }
    set(CURLOPT_HTTPHEADER, headers_);
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_.slist_append(headers_, line.c_str());
    if (longer == nullptr) fail("out of memory");
    headers_ = longer;
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    const ByteView piece(reinterpret_cast<const std::uint8_t*>(data), size * count);
    if (piece.size() > self.request_.limits.size - self.body_.size()) {
      self.too_large_ = true;
      return CURL_WRITEFUNC_ERROR;
    }
    append(self.body_, piece);
    return piece.size();
  }

  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    // A redirect's answer has headers and perhaps a body of its own.
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
      self.body_.clear();
      self.etag_.clear();
      self.last_modified_.clear();
    }
    if (auto value = value_of(line, "etag:")) self.etag_ = std::move(*value);
    if (auto value = value_of(line, "last-modified:")) self.last_modified_ = std::move(*value);
    self.header_octets_ += size * count;
    return self.header_octets_ > kHeaderLimit ? 0 : size * count;
  }

  // The value of a header line of that name; nothing too long or with control characters, as it is
  // sent back one day.
  static std::optional<std::string> value_of(std::string_view line, std::string_view name) {
    constexpr std::size_t kLongest = 256;
    if (!has_prefix(line, name)) return std::nullopt;
    line.remove_prefix(name.size());
    const auto begin = line.find_first_not_of(" \t");
    const auto end = line.find_last_not_of(" \t\r\n");
    if (begin == std::string_view::npos || end < begin) return std::nullopt;
    line = line.substr(begin, end - begin + 1);
    if (line.size() > kLongest || has_control(line)) return std::nullopt;
    return std::string(line);
  }

  // Whether Last-Modified is old enough to tell this copy from the next (RFC 9110 8.8.2.2): it
  // counts whole seconds.
  bool is_settled() const {
    constexpr curl_off_t kOldEnough = 60;
    curl_off_t modified = -1;
    return curl_.easy_getinfo(handle_, CURLINFO_FILETIME_T, &modified) == CURLE_OK &&
           modified >= 0 && modified + kOldEnough <= static_cast<curl_off_t>(std::time(nullptr));
  }

  bool is_conditional() const {
    return !request_.if_none_match.empty() || !request_.if_modified_since.empty();
  }

  Response finish() {
    long status = 0;
    char* type = nullptr;
    char* url = nullptr;
    curl_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    curl_.easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
    curl_.easy_getinfo(handle_, CURLINFO_EFFECTIVE_URL, &url);
    const bool unchanged = status == 304 && is_conditional();
    if ((status < 200 || status > 299) && !unchanged)
      fail(fmt::format("the server answered HTTP {}", status));
    Response out{static_cast<int>(status),
                 type == nullptr ? "" : type,
                 unchanged ? Bytes{} : std::move(body_),
                 url == nullptr ? request_.url : url,
                 std::move(etag_),
                 is_settled() ? std::move(last_modified_) : ""};
    if (unchanged) return out;
    if (!request_.accept.empty() && is_web_page(out.content_type) && !is_web_page(request_.accept))
      fail("the server answered with a web page, not with " + request_.accept);
    return out;
  }

  std::string describe(CURLcode result) const {
    const Limits& limits = request_.limits;
    if (too_large_) result = CURLE_FILESIZE_EXCEEDED;
    switch (result) {
      case CURLE_OPERATION_TIMEDOUT:
        return fmt::format("no complete answer within {} ms ({} ms to connect)",
                           limits.total.count(), limits.connect.count());
      case CURLE_FILESIZE_EXCEEDED:
        return fmt::format("the answer is larger than {} octets", limits.size);
      case CURLE_TOO_MANY_REDIRECTS:
        return fmt::format("it redirects more than {} times", limits.redirects);
      case CURLE_UNSUPPORTED_PROTOCOL:
        return "it is, or redirects to, neither http nor https (nor from https to http)";
      case CURLE_LOGIN_DENIED:
        return "the URL holds a user name, which is never sent";
      case CURLE_COULDNT_RESOLVE_HOST:
        return "there is no such host";
      case CURLE_PEER_FAILED_VERIFICATION:
        return "its TLS certificate does not hold: " + detail(result);
      case CURLE_WRITE_ERROR:
        return header_octets_ > kHeaderLimit ? "its headers do not end" : detail(result);
      default:
        return detail(result);
    }
  }

  std::string detail(CURLcode result) const {
    const std::string text(error_.data());
    return printable(text.empty() ? curl_.easy_strerror(result) : text);
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(Fault::evidence_missing, "cannot fetch " + shown(request_.url), why);
  }

  static bool is_https(std::string_view url) { return has_prefix(url, "https:"); }

  static bool is_web_page(std::string_view type) {
    return type.starts_with("text/html") || type.starts_with("application/xhtml");
  }

  // Without what stands before @ in the authority: it may be a password.
  static std::string shown(const std::string& url) {
    const auto begin = url.find("//");
    const auto end = begin == std::string::npos ? begin : url.find_first_of("/?#", begin + 2);
    const auto at = begin == std::string::npos ? begin : url.substr(0, end).rfind('@');
    return printable(at == std::string::npos ? url : url.substr(0, begin + 2) + url.substr(at + 1));
  }

  const Request& request_;
  const CurlLibrary& curl_;
  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  Bytes body_;
  std::string etag_, last_modified_;
  std::size_t header_octets_ = 0;
  bool too_large_ = false;
  const std::function<bool()>* stop_ = nullptr;
};

}  // namespace

CurlFetcher::CurlFetcher(CurlOptions options) : options_(std::move(options)) {}
CurlFetcher::~CurlFetcher() = default;

Response CurlFetcher::fetch(const Request& request) {
  // A line break in a header would be a header of somebody else's.
  for (const std::string* text : {&request.accept, &request.content_type, &request.url,
                                  &request.if_none_match, &request.if_modified_since})
    if (has_control(*text))
      throw Error(Fault::evidence_missing, "cannot fetch " + printable(request.url),
                  "the request holds control characters");
  return Transfer(request).run(options_);
}

}  // namespace tsp::net
