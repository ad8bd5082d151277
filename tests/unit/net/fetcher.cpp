#include "net/fetcher.h"

#include "base/error.h"
#include "base/json.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/python_server.h"

using namespace tsp;
using namespace tsp::net;
using namespace std::chrono_literals;

namespace {

class Server : public test::PythonServer {
 public:
  explicit Server(std::vector<std::string> arguments = {})
      : PythonServer("tests/unit/net/server.py", std::move(arguments)) {}
  std::string url(const std::string& path, const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + "/" + path;
  }
};

const Server& server() {
  static const Server one;
  return one;
}

Request get(const std::string& url) {
  Request request;
  request.url = url;
  request.limits = {1 << 20, 5s, 2s, 3};
  return request;
}

// What the fetcher says when it refuses; the URL must stand in it.
std::string refusal(const Request& request, CurlOptions options = {}) {
  try {
    CurlFetcher(std::move(options)).fetch(request);
  } catch (const Error& error) {
    CHECK(error.fault == Fault::evidence_missing);
    CHECK_THAT(error.failed, ContainsSubstring(request.url));
    return error.why;
  }
  throw std::runtime_error("nothing was thrown");
}
std::string refusal(const std::string& path) {
  return refusal(get(server().url(path)));
}

}  // namespace

TEST_CASE("a file is fetched as it is") {
  const Response response = CurlFetcher().fetch(get(server().url("bytes")));
  CHECK(response.status == 200);
  CHECK(response.body == Bytes{0x30, 0x00});
  CHECK(response.content_type == "application/octet-stream");
  CHECK(response.url == server().url("bytes"));
}

TEST_CASE("a body is posted with its type and nothing of ours besides") {
  Request request = get(server().url("echo"));
  request.method = Method::post;
  request.body = {0x00, 0xff, 0x0a};
  request.content_type = "application/timestamp-query";
  request.accept = "application/json";
  const Response response = CurlFetcher().fetch(request);
  const Json said = parse_json(response.body, "the echo");
  CHECK(said["method"] == "POST");
  CHECK(said["body"] == "00ff0a");
  CHECK(said["headers"]["Content-Type"] == "application/timestamp-query");
  CHECK(said["headers"]["Accept"] == "application/json");
  for (const char* absent : {"Authorization", "Cookie", "Referer", "Accept-Encoding", "Expect"})
    CHECK_FALSE(said["headers"].contains(absent));
}

TEST_CASE("an empty body can be posted") {
  Request request = get(server().url("echo"));
  request.method = Method::post;
  request.content_type = "text/plain";
  const Json said = parse_json(CurlFetcher().fetch(request).body, "the echo");
  CHECK(said["method"] == "POST");
  CHECK(said["body"] == "");
}

TEST_CASE("three redirects are followed, four and a loop are not") {
  CHECK(CurlFetcher().fetch(get(server().url("hops/2"))).body == Bytes{0x30, 0x00});
  CHECK(CurlFetcher().fetch(get(server().url("hops/2"))).url == server().url("bytes"));
  CHECK(refusal("hops/3") == "it redirects more than 3 times");
  CHECK(refusal("loop") == "it redirects more than 3 times");
}

TEST_CASE("a redirected POST stays one") {
  Request request = get(server().url("redirect-post"));
  request.method = Method::post;
  request.body = {1, 2, 3};
  request.content_type = "application/ocsp-request";
  CHECK(parse_json(CurlFetcher().fetch(request).body, "the echo")["body"] == "010203");
}

TEST_CASE("only http and https are spoken, also after a redirect") {
  CHECK_THAT(refusal("to-file"), ContainsSubstring("neither http nor https"));
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x",
                          "ldap://127.0.0.1/x", "dict://127.0.0.1/x"})
    CHECK_THAT(refusal(get(url)), ContainsSubstring("neither http nor https"));
}

TEST_CASE("a server that hangs or drips is left") {
  for (const char* path : {"hang", "drip"}) {
    Request request = get(server().url(path));
    request.limits.total = 400ms;
    const auto begin = std::chrono::steady_clock::now();
    CHECK_THAT(refusal(request), ContainsSubstring("no complete answer within 400 ms"));
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
  }
}

TEST_CASE("a fetch ends when it is told to stop") {
  CurlOptions options;
  const auto begin = std::chrono::steady_clock::now();
  options.stop = [&] { return std::chrono::steady_clock::now() - begin > 300ms; };
  Fault fault = Fault::failed;
  try {
    CurlFetcher(options).fetch(get(server().url("hang")));
  } catch (const Error& error) {
    fault = error.fault;
  }
  CHECK(fault == Fault::interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("an answer larger than allowed is not taken, declared or not") {
  CHECK(refusal("gigabyte-declared") == "the answer is larger than 1048576 octets");
  CHECK(refusal("gigabyte") == "the answer is larger than 1048576 octets");
}

TEST_CASE("headers without end are not taken") {
  CHECK(refusal("headers") == "its headers do not end");
}

TEST_CASE("an answer of just the allowed size is taken") {
  Request request = get(server().url("bytes"));
  request.limits.size = 2;
  CHECK(CurlFetcher().fetch(request).body.size() == 2);
  request.limits.size = 1;
  CHECK(refusal(request) == "the answer is larger than 1 octets");
}

TEST_CASE("compressed bodies are not unpacked") {
  CHECK(CurlFetcher().fetch(get(server().url("compressed"))).body == Bytes{0x1f, 0x8b});
}

TEST_CASE("a status other than success is named") {
  CHECK(refusal("nothing-here") == "the server answered HTTP 404");
}

TEST_CASE("a server may say that nothing is newer, where that was asked") {
  const Response first = CurlFetcher().fetch(get(server().url("dated")));
  CHECK(first.status == 200);
  CHECK(first.etag == "\"v1\"");
  CHECK(first.last_modified == "Sat, 21 Nov 2020 09:30:00 GMT");
  Request again = get(server().url("dated"));
  again.if_none_match = first.etag;
  again.if_modified_since = first.last_modified;
  const Response second = CurlFetcher().fetch(again);
  CHECK(second.status == 304);
  CHECK(second.body.empty());
  again.if_none_match = "\"v0\"";
  CHECK(CurlFetcher().fetch(again).status == 200);
  CHECK_THAT(refusal("unasked-304"), ContainsSubstring("304"));
  again.if_none_match = "\"v1\"\r\nX-Other: 1";
  CHECK_THROWS_AS(CurlFetcher().fetch(again), Error);
}

TEST_CASE("a web page is no answer to a time-stamp request") {
  Request request = get(server().url("html"));
  request.accept = "application/timestamp-reply";
  CHECK_THAT(refusal(request), ContainsSubstring("web page"));
  request.accept.clear();
  CHECK(CurlFetcher().fetch(request).status == 200);
}

TEST_CASE("broken connections and broken HTTP are refused") {
  for (const char* path : {"closed", "short", "garbage"}) {
    INFO(path);
    CHECK_FALSE(refusal(path).empty());
  }
}

TEST_CASE("a port that nobody listens on and a host that is not there are told") {
  CHECK_FALSE(refusal(get("http://127.0.0.1:1/x")).empty());
  CHECK(refusal(get("http://tsa.invalid/x")) == "there is no such host");
  CHECK_FALSE(refusal(get("http://")).empty());
  CHECK_FALSE(refusal(get("")).empty());
}

TEST_CASE("a URL with a password is refused and the password not shown") {
  try {
    CurlFetcher().fetch(get("http://user:geheim@127.0.0.1:1/x"));
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::evidence_missing);
    CHECK_THAT(error.why, ContainsSubstring("user name"));
    CHECK(error.message.find("geheim") == std::string::npos);
  }
}

TEST_CASE("a media type cannot smuggle a header in") {
  Request request = get(server().url("echo"));
  request.accept = "a/b\r\nAuthorization: x";
  CHECK_THAT(refusal(request), ContainsSubstring("control characters"));
}

TEST_CASE("the proxy of the environment is not asked, a given one is") {
  ::setenv("http_proxy", "http://127.0.0.1:1/", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
  CHECK(CurlFetcher().fetch(get(server().url("bytes"))).status == 200);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK_FALSE(refusal(get(server().url("bytes")), {"http://127.0.0.1:1/", {}}).empty());
}

TEST_CASE("a TLS certificate must hold") {
  const test::Folder folder;
  const test::Answer made = test::run(
      "cd " + folder.file("") +
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem "
      "-out certificate.pem -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 30");
  INFO(made.output);
  REQUIRE(made.status == 0);
  const std::string certificate = folder.file("certificate.pem");
  const Server secure({certificate, folder.file("key.pem")});
  CHECK_THAT(refusal(get(secure.url("bytes", "https"))),
             ContainsSubstring("TLS certificate does not hold"));
  CurlFetcher trusting({{}, certificate});
  CHECK(trusting.fetch(get(secure.url("bytes", "https"))).body == Bytes{0x30, 0x00});
  const std::string by_name = "https://localhost:" + std::to_string(secure.port()) + "/bytes";
  CHECK_THAT(refusal(get(by_name), {{}, certificate}),
             ContainsSubstring("TLS certificate does not hold"));
  CHECK_THAT(refusal(get(secure.url("to-http", "https")), {{}, certificate}),
             ContainsSubstring("neither http nor https"));
}

TEST_CASE("libcurl is not loaded before the first fetch") {
  CHECK(test::run("ldd " TSP_BINARY_DIR "/tests/unit/unit_net | grep -c libcurl").output == "0\n");
}
