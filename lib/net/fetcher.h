// Fetching evidence over HTTP: time-stamps, OCSP answers, CRLs, certificates.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace tsp::net {

// What a stranger may cost us. All of it together ends a fetch, whichever comes first.
struct Limits {
  std::size_t size = 16 << 20;  // octets of the answer's body
  std::chrono::milliseconds total{30'000};
  std::chrono::milliseconds connect{10'000};
  int redirects = 3;
};

enum class Method { get, post };

struct Request {
  Method method = Method::get;
  std::string url;           // http or https, without user name or password
  Bytes body;                // of a POST
  std::string content_type;  // of the body
  std::string accept;        // media type wanted; empty: any
  // Of a GET, what the server said of the copy that is kept (RFC 9110 13.1): it may then answer
  // that there is nothing newer. Empty: not asked.
  std::string if_none_match, if_modified_since;
  Limits limits{};
};

struct Response {
  int status;                // 200 to 299; 304 where the request allows it, then without a body
  std::string content_type;  // as the server names it, perhaps wrongly; empty: not named
  Bytes body;
  std::string url;  // where it came from in the end
  // What the server says of this copy, for the next time; empty: nothing usable.
  std::string etag{}, last_modified{};
};

// One verb. Throws Error{evidence_missing} that names the URL and what happened: no such host, no
// connection, too slow, too large, too many redirects, neither http nor https, a certificate that
// does not hold, a status other than 2xx, a web page where `accept` asks for something else.
// Judges nothing else of the content. Does NOT keep a hostile URL from naming a private address.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  virtual Response fetch(const Request& request) = 0;
};

struct CurlOptions {
  std::string proxy;    // URL; empty: none. The environment is never asked.
  std::string ca_file;  // PEM; empty: the system's authorities
  // Asked about once a second while a fetch runs; true ends it with Error{interrupted}.
  std::function<bool()> stop = {};
};

// With libcurl, which is loaded at the first fetch; Error{failed} when it is not there. Sends no
// credentials and no cookies, reads no .netrc, accepts no compressed bodies. TLS is verified. From
// https it follows redirects to https only. One call at a time per object.
class CurlFetcher final : public Fetcher {
 public:
  explicit CurlFetcher(CurlOptions options = {});
  ~CurlFetcher() override;
  Response fetch(const Request& request) override;

 private:
  CurlOptions options_;
};

}  // namespace tsp::net
