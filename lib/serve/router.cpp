#include "serve/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "ops/call.h"

namespace tsp::serve {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// A refusal within ten seconds whatever hangs (docs/performance.md); what makes keys or reads the
// whole log may take longer.
constexpr milliseconds kPatience = 9s, kLongPatience = 60s;
constexpr std::size_t kSmall = 64 << 10, kManifest = std::size_t{16} << 20, kQuestion = 16 << 10,
                      kHashes = std::size_t{1} << 20, kHandle = std::size_t{2} << 20;

struct RouteRow {
  std::string_view path, method;
  Kind kind;
  std::string_view verb;
  std::size_t largest_body;
  bool json, anyone;
  milliseconds patience;
  std::string_view media = {};
};

constexpr RouteRow kOwnRows[] = {
    {"/tsp/v1/credential", "POST", Kind::approvals, "credential", kSmall, true, false, kPatience},
    {"/tsp/v1/one_shot", "POST", Kind::approvals, "one_shot", kSmall, true, false, kPatience},
    {"/tsp/v1/check", "POST", Kind::approvals, "check", kManifest, true, false, kPatience},
    {"/tsp/v1/refused", "POST", Kind::approvals, "refused", kSmall, true, false, kPatience},
    {"/tsp/v1/ask", "POST", Kind::approvals, "ask", kManifest, true, false, kPatience},
    {"/tsp/v1/answer", "POST", Kind::approvals, "answer", kSmall, true, false, kPatience},
    {"/tsp/v1/authorize", "POST", Kind::approvals, "authorize", kManifest, true, false, kPatience},
    {"/tsp/v1/service", "GET", Kind::approvals, "service", 0, true, true, kPatience},
    {"/tsp/v1/sam", "GET", Kind::approvals, "sam", 0, true, true, kPatience},
    {"/tsp/v1/sign", "POST", Kind::signatures, "sign", kManifest, true, false, kPatience},
    {"/tsp/v1/sign_one_shot", "POST", Kind::signatures, "sign_one_shot", kManifest, true, false,
     kPatience},
    {"/tsp/v1/timestamp", "POST", Kind::pki, "timestamp", kSmall, true, false, kPatience},
    {"/tsp/v1/evidence", "POST", Kind::pki, "evidence", kSmall, true, false, kPatience},
    {"/tsp/v1/call", "POST", Kind::pki, "call", kManifest, true, false, kLongPatience},
};

constexpr std::string_view kJson = "application/json";

// The CSC API (csc.h): what `info` names, and itself.
constexpr RouteRow kCscRows[] = {
    {"/csc/v2/info", "POST", Kind::approvals, "csc/v2/info", kSmall, true, true, kPatience, kJson},
    {"/csc/v2/credentials/list", "POST", Kind::approvals, "csc/v2/credentials/list", kSmall, true,
     false, kPatience, kJson},
    {"/csc/v2/credentials/info", "POST", Kind::approvals, "csc/v2/credentials/info", kSmall, true,
     false, kPatience, kJson},
    {"/csc/v2/credentials/authorize", "POST", Kind::approvals, "csc/v2/credentials/authorize",
     kHashes, true, false, kPatience, kJson},
    {"/csc/v2/credentials/authorizeCheck", "POST", Kind::approvals,
     "csc/v2/credentials/authorizeCheck", kHandle, true, false, kPatience, kJson},
    {"/csc/v2/credentials/getChallenge", "POST", Kind::approvals, "csc/v2/credentials/getChallenge",
     kHashes, true, false, kPatience, kJson},
    {"/csc/v2/credentials/extendTransaction", "POST", Kind::approvals,
     "csc/v2/credentials/extendTransaction", kHashes, true, false, kPatience, kJson},
    {"/csc/v2/signatures/signHash", "POST", Kind::signatures, "csc/v2/signatures/signHash", kHashes,
     true, false, kPatience, kJson},
    {"/csc/v2/signatures/signDoc", "POST", Kind::signatures, "csc/v2/signatures/signDoc", kHashes,
     true, false, kPatience, kJson},
    {"/csc/v2/signatures/signPolling", "POST", Kind::signatures, "csc/v2/signatures/signPolling",
     kSmall, true, false, kPatience, kJson},
    {"/csc/v2/signatures/timestamp", "POST", Kind::pki, "csc/v2/signatures/timestamp", kSmall, true,
     false, kPatience, kJson},
    {"/csc/v1/info", "POST", Kind::approvals, "csc/v1/info", kSmall, true, true, kPatience, kJson},
    {"/csc/v1/credentials/list", "POST", Kind::approvals, "csc/v1/credentials/list", kSmall, true,
     false, kPatience, kJson},
    {"/csc/v1/credentials/info", "POST", Kind::approvals, "csc/v1/credentials/info", kSmall, true,
     false, kPatience, kJson},
    {"/csc/v1/credentials/authorize", "POST", Kind::approvals, "csc/v1/credentials/authorize",
     kHashes, true, false, kPatience, kJson},
    {"/csc/v1/credentials/extendTransaction", "POST", Kind::approvals,
     "csc/v1/credentials/extendTransaction", kHashes, true, false, kPatience, kJson},
    {"/csc/v1/signatures/signHash", "POST", Kind::signatures, "csc/v1/signatures/signHash", kHashes,
     true, false, kPatience, kJson},
    {"/csc/v1/signatures/timestamp", "POST", Kind::pki, "csc/v1/signatures/timestamp", kSmall, true,
     false, kPatience, kJson},
};

// For relying parties, on both doors.
constexpr RouteRow kOpenRows[] = {
    {"/ocsp", "POST", Kind::pki, "ocsp", kQuestion, false, true, kPatience,
     "application/ocsp-request"},
    {"/ocsp/", "GET", Kind::pki, "ocsp-get", 0, false, true, kPatience},
    {"/tsa", "POST", Kind::pki, "tsa", kQuestion, false, true, kPatience,
     "application/timestamp-query"},
    {"/crl/", "GET", Kind::pki, "crl", 0, false, true, kPatience},
    {"/ca/", "GET", Kind::pki, "ca", 0, false, true, kPatience},
    {"/checkpoint", "GET", Kind::pki, "checkpoint", 0, false, true, kPatience},
};

bool fits(const RouteRow& row, std::string_view path) {
  return row.path.back() == '/' ? path.starts_with(row.path) && path.size() > row.path.size()
                                : path == row.path;
}

template <class Rows>
bool find(const Rows& rows, std::string_view method, std::string_view path, Target& target,
          std::string& others) {
  for (const RouteRow& row : rows) {
    if (!fits(row, path)) continue;
    if (row.method != method && !(row.method == "GET" && method == "HEAD")) {
      if (!others.empty()) others += ", ";
      others += row.method == "GET" ? "GET, HEAD" : row.method;
      continue;
    }
    target.route = Route{row.kind,   std::string(row.verb), row.largest_body, row.json,
                         row.anyone, row.patience,          row.media};
    if (row.path.back() == '/') target.argument = path.substr(row.path.size());
    return true;
  }
  return false;
}

}  // namespace

Target target_of(Door door, std::string_view method, std::string_view path) {
  Target target;
  std::string others;
  if (path == "/healthz") target.own = Own::health;
  if (door == Door::socket && path == "/metrics") target.own = Own::metrics;
  if (target.own != Own::none) {
    if (method == "GET" || method == "HEAD") return target;
    others = "GET, HEAD";
  }
  if (find(kOpenRows, method, path, target, others)) return target;
  if (door == Door::socket && (find(kOwnRows, method, path, target, others) ||
                               find(kCscRows, method, path, target, others)))
    return target;
  if (!others.empty())
    throw HttpRefusal(405, "this resource is not asked for in that way", std::string(method),
                      std::move(others));
  throw Error(Fault::not_found, "there is no such resource");
}

std::string_view name_of(Service service) {
  switch (service) {
    case Service::all:
      break;
    case Service::authentication:
      return "auth";
    case Service::signing:
      return "sign";
  }
  return "all";
}

void check_service(Service service, const Route& route) {
  if (service != Service::authentication) return;
  constexpr std::string_view kOthers[] = {"credential", "one_shot", "check",
                                          "refused",    "sign",     "sign_one_shot",
                                          "timestamp",  "evidence", "tsa"};
  const bool others =
      std::find(std::begin(kOthers), std::end(kOthers), route.verb) != std::end(kOthers);
  if (others || route.verb.starts_with("csc/"))
    throw Error(Fault::not_found, "there is no such resource here",
                "this is an authentication service: it signs nothing",
                "nothing was done; ask the signing service");
}

Answer refusal(const Error& error) {
  Answer answer = failure(0, error);
  if (const auto* of_http = dynamic_cast<const HttpRefusal*>(&error)) {
    answer.status = of_http->status;
    answer.allow = of_http->allow;
    if (answer.status == 401) answer.challenge = "Bearer realm=\"tsp\"";
  }
  return answer;
}

std::string_view path_of(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (target.starts_with(scheme)) {
      target.remove_prefix(scheme.size());
      const auto begin = target.find('/');
      return begin == std::string_view::npos ? "/" : target.substr(begin);
    }
  return target;
}

bool takes_documents(const Route& route) {
  return route.verb == "csc/v2/signatures/signDoc";
}

void check_media(const Route& route, std::string_view content_type) {
  if (route.media.empty()) return;
  std::string given(content_type.substr(0, content_type.find(';')));
  while (given.ends_with(' ')) given.pop_back();
  std::transform(given.begin(), given.end(), given.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (given != route.media)
    throw HttpRefusal(415, "the body is of another media type",
                      "it must be " + std::string(route.media));
}

Request request_for(const Target& target, Route& route, Asker asker, Bytes body) {
  Request request;
  request.asker = std::move(asker);
  request.verb = route.verb;
  if (!route.json) {
    request.body = target.argument.empty() ? std::move(body) : to_bytes(as_bytes(target.argument));
  } else if (route.largest_body > 0) {
    const Json json = parse_json(body, "the request", {route.largest_body, 16});
    if (!json.is_object()) throw Error(Fault::usage, "the request is no JSON object");
    if (route.verb == "call") {
      const auto name = json.find("operation");
      const ops::Operation* operation = name != json.end() && name->is_string()
                                            ? ops::find_operation(name->get<std::string>())
                                            : nullptr;
      if (operation == nullptr)
        throw Error(Fault::usage, "there is no such operation", "", "nothing was done");
      route.kind = operation->worker == ops::Worker::pki ? Kind::pki : Kind::approvals;
    }
    request.body = std::move(body);
  }
  request.deadline = std::chrono::steady_clock::now() + route.patience;
  return request;
}

}  // namespace tsp::serve
