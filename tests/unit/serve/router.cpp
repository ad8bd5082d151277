#include "serve/router.h"

#include "support/catch.h"

using namespace tsp;
using namespace tsp::serve;

namespace {

int status_of(Door door, std::string_view method, std::string_view path) {
  try {
    const Target target = target_of(door, method, path);
    return target.route || target.own != Own::none ? 200 : 0;
  } catch (const Error& error) {
    return refusal(error).status;
  }
}

std::string allowed(std::string_view method, std::string_view path) {
  try {
    target_of(Door::open, method, path);
    return "all";
  } catch (const Error& error) {
    return refusal(error).allow;
  }
}

int media_status(std::string_view path, std::string_view type) {
  try {
    check_media(*target_of(Door::open, "POST", path).route, type);
    return 200;
  } catch (const Error& error) {
    return refusal(error).status;
  }
}

}  // namespace

TEST_CASE("the open door has what is public, and nothing else") {
  for (const char* path : {"/ocsp/MEM=", "/crl/root.crl", "/ca/issuing.cer", "/checkpoint"}) {
    CHECK(status_of(Door::open, "GET", path) == 200);
    CHECK(status_of(Door::open, "HEAD", path) == 200);
    CHECK(status_of(Door::socket, "GET", path) == 200);
    CHECK(status_of(Door::open, "POST", path) == 405);
    CHECK(allowed("DELETE", path) == "GET, HEAD");
  }
  for (const char* path : {"/ocsp", "/tsa"}) {
    CHECK(status_of(Door::open, "POST", path) == 200);
    CHECK(status_of(Door::open, "GET", path) == 405);
    CHECK(status_of(Door::open, "HEAD", path) == 405);
    CHECK(allowed("GET", path) == "POST");
  }
  for (const char* path : {"/tsp/v1/sign", "/tsp/v1/call", "/csc/v2/signatures/signHash"})
    for (const char* method : {"GET", "POST"}) CHECK(status_of(Door::open, method, path) == 404);
  CHECK(status_of(Door::open, "GET", "/metrics") == 404);
  CHECK(status_of(Door::open, "GET", "/healthz") == 200);
}

TEST_CASE("an authentication service has nothing that signs, prepares or stamps") {
  const auto status = [](Service service, std::string_view method, std::string_view path) {
    try {
      check_service(service, *target_of(Door::socket, method, path).route);
      return 200;
    } catch (const Error& error) {
      return refusal(error).status;
    }
  };
  for (const char* verb : {"credential", "one_shot", "check", "refused", "sign", "sign_one_shot",
                           "timestamp", "evidence"}) {
    const std::string path = std::string("/tsp/v1/") + verb;
    CHECK(status(Service::authentication, "POST", path) == 404);
    CHECK(status(Service::signing, "POST", path) == 200);
    CHECK(status(Service::all, "POST", path) == 200);
  }
  for (const char* path : {"/csc/v2/info", "/csc/v1/credentials/authorize", "/tsa"})
    CHECK(status(Service::authentication, "POST", path) == 404);
  for (const char* verb : {"ask", "answer", "authorize", "call"})
    CHECK(status(Service::authentication, "POST", std::string("/tsp/v1/") + verb) == 200);
  for (const char* verb : {"sam", "service"})
    CHECK(status(Service::authentication, "GET", std::string("/tsp/v1/") + verb) == 200);
}

TEST_CASE("paths that are nearly ours are none of ours") {
  for (const char* path : {"", "/", "*", "ocsp", "/ocsp/", "/ocspx", "/OCSP/MEM=", "//ocsp", "/crl",
                           "/crl/", "/checkpoint/", "/checkpoint?x", "/tsa/"})
    CHECK(status_of(Door::open, "GET", path) == 404);
}

TEST_CASE("what follows in the path is handed on as it came") {
  const Target target = target_of(Door::open, "GET", "/ocsp/ME%3D/../x?y=1");
  CHECK(target.argument == "ME%3D/../x?y=1");
  Route route = *target.route;
  CHECK(route.verb == "ocsp-get");
  CHECK(as_text(request_for(target, route, {"public", {}, {}}, {}).body) == "ME%3D/../x?y=1");
}

TEST_CASE("a request that names the host has the same path") {
  CHECK(path_of("http://tsp.example/crl/root.crl") == "/crl/root.crl");
  CHECK(path_of("https://tsp.example:8080/tsa") == "/tsa");
  CHECK(path_of("http://tsp.example") == "/");
  CHECK(path_of("/ocsp/http://x/y") == "/ocsp/http://x/y");
}

TEST_CASE("bodies are of the media type of their protocol") {
  CHECK(media_status("/ocsp", "application/ocsp-request") == 200);
  CHECK(media_status("/ocsp", "Application/OCSP-Request ; charset=x") == 200);
  CHECK(media_status("/tsa", "application/timestamp-query") == 200);
  for (const char* type : {"", ";", "application/ocsp-requests", "application/json",
                           "application/x-www-form-urlencoded"})
    for (const char* path : {"/ocsp", "/tsa"}) CHECK(media_status(path, type) == 415);
  CHECK(media_status("/tsa", "application/ocsp-request") == 415);
}
