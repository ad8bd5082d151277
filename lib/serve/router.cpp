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
                      kHashes = std::size_t{1} << 20;

struct Row {
  std::string_view path, method;
  Kind kind;
  std::string_view verb;
  std::size_t largest_body;
  bool json, anyone;
  milliseconds patience;
};

constexpr Row kRows[] = {
    {"/tsp/v1/credential", "POST", Kind::approvals, "credential", kSmall, true, false, kPatience},
    {"/tsp/v1/one_shot", "POST", Kind::approvals, "one_shot", kSmall, true, false, kPatience},
    {"/tsp/v1/check", "POST", Kind::approvals, "check", kManifest, true, false, kPatience},
    {"/tsp/v1/refused", "POST", Kind::approvals, "refused", kSmall, true, false, kPatience},
    {"/tsp/v1/ask", "POST", Kind::approvals, "ask", kManifest, true, false, kPatience},
    {"/tsp/v1/answer", "POST", Kind::approvals, "answer", kSmall, true, false, kPatience},
    {"/tsp/v1/authorize", "POST", Kind::approvals, "authorize", kManifest, true, false, kPatience},
    {"/tsp/v1/sam", "GET", Kind::approvals, "sam", 0, true, true, kPatience},
    {"/tsp/v1/sign", "POST", Kind::signatures, "sign", kManifest, true, false, kPatience},
    {"/tsp/v1/sign_one_shot", "POST", Kind::signatures, "sign_one_shot", kManifest, true, false,
     kPatience},
    {"/tsp/v1/timestamp", "POST", Kind::pki, "timestamp", kSmall, true, false, kPatience},
    {"/tsp/v1/evidence", "POST", Kind::pki, "evidence", kSmall, true, false, kPatience},
    {"/csc/v2/info", "POST", Kind::approvals, "csc/v2/info", kSmall, true, true, kPatience},
    {"/csc/v2/credentials/list", "POST", Kind::approvals, "csc/v2/credentials/list", kSmall, true,
     false, kPatience},
    {"/csc/v2/credentials/info", "POST", Kind::approvals, "csc/v2/credentials/info", kSmall, true,
     false, kPatience},
    {"/csc/v2/credentials/authorize", "POST", Kind::approvals, "csc/v2/credentials/authorize",
     kHashes, true, false, kPatience},
    {"/csc/v2/credentials/authorizeCheck", "POST", Kind::approvals,
     "csc/v2/credentials/authorizeCheck", kHashes, true, false, kPatience},
    {"/csc/v2/signatures/signHash", "POST", Kind::signatures, "csc/v2/signatures/signHash", kHashes,
     true, false, kPatience},
    {"/csc/v2/signatures/timestamp", "POST", Kind::pki, "csc/v2/signatures/timestamp", kSmall, true,
     false, kPatience},
    {"/csc/v1/info", "POST", Kind::approvals, "csc/v1/info", kSmall, true, true, kPatience},
    {"/csc/v1/credentials/list", "POST", Kind::approvals, "csc/v1/credentials/list", kSmall, true,
     false, kPatience},
    {"/csc/v1/credentials/info", "POST", Kind::approvals, "csc/v1/credentials/info", kSmall, true,
     false, kPatience},
    {"/csc/v1/credentials/authorize", "POST", Kind::approvals, "csc/v1/credentials/authorize",
     kHashes, true, false, kPatience},
    {"/csc/v1/signatures/signHash", "POST", Kind::signatures, "csc/v1/signatures/signHash", kHashes,
     true, false, kPatience},
    {"/csc/v1/signatures/timestamp", "POST", Kind::pki, "csc/v1/signatures/timestamp", kSmall, true,
     false, kPatience},
    {"/tsp/v1/call", "POST", Kind::pki, "call", kManifest, true, false, kLongPatience},
};

// For relying parties, on both doors.
constexpr Row kOpenRows[] = {
    {"/ocsp", "POST", Kind::pki, "ocsp", kQuestion, false, true, kPatience},
    {"/ocsp/", "GET", Kind::pki, "ocsp", 0, false, true, kPatience},
    {"/tsa", "POST", Kind::pki, "tsa", kQuestion, false, true, kPatience},
    {"/crl/", "GET", Kind::pki, "crl", 0, false, true, kPatience},
    {"/ca/", "GET", Kind::pki, "ca", 0, false, true, kPatience},
    {"/checkpoint", "GET", Kind::pki, "checkpoint", 0, false, true, kPatience},
};

bool fits(const Row& row, std::string_view path) {
  return row.path.back() == '/' ? path.starts_with(row.path) && path.size() > row.path.size()
                                : path == row.path;
}

template <class Rows>
bool find(const Rows& rows, std::string_view method, std::string_view path, Target& target,
          bool& other_method) {
  for (const Row& row : rows) {
    if (!fits(row, path)) continue;
    if (row.method != method && !(row.method == "GET" && method == "HEAD")) {
      other_method = true;
      continue;
    }
    target.route = Route{row.kind,   std::string(row.verb), row.largest_body, row.json,
                         row.anyone, row.patience};
    if (row.path.back() == '/') target.argument = path.substr(row.path.size());
    return true;
  }
  return false;
}

}  // namespace

Target target_of(Door door, std::string_view method, std::string_view path) {
  Target target;
  if (path == "/healthz") {
    target.own = Own::health;
    return target;
  }
  if (door == Door::socket && path == "/metrics") {
    target.own = Own::metrics;
    return target;
  }
  bool other_method = false;
  if (find(kOpenRows, method, path, target, other_method)) return target;
  if (door == Door::socket && find(kRows, method, path, target, other_method)) return target;
  if (other_method)
    throw Error(Fault::usage, "this resource is not asked for in that way", std::string(method));
  throw Error(Fault::not_found, "there is no such resource");
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
