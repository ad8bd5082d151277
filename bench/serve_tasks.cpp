#include "serve_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "crypto/exchange.h"
#include "ops/config.h"
#include "ops/factor_octets.h"
#include "ops/json_members.h"
#include "ops/provider.h"
#include "sam/bare_manifest.h"
#include "sam/factors.h"
#include "serve/client.h"
#include "serve/sealed.h"
#include "x509/revocation.h"

namespace tsp::bench {
namespace {

// A signer's approval and signature of some digests, the requests made beforehand.
struct Cycle {
  std::string authorize, manifest;
  std::uint64_t counter;  // whose HOTP code it has
};

// The next counter of each signer of this run's house, whichever server is asked: what is ready and
// not asked leaves it where it is.
std::map<std::size_t, std::uint64_t>& counters() {
  static std::map<std::size_t, std::uint64_t> all;
  return all;
}

class Approvals {
 public:
  Approvals(const std::string& socket, std::size_t documents) : documents_(documents) {
    serve::Client client({socket});
    point_ = ops::octets_at(client.get("/tsp/v1/sam"), "point");
  }
  Cycle next(std::size_t signer, std::uint64_t counter) {
    std::vector<Bytes> digests;
    for (std::size_t at = 0; at < documents_; ++at) {
      Bytes number;
      append_u64(number, ++drawn_);
      digests.push_back(crypto::sha256(number));
    }
    const sam::Manifest manifest = sam::bare_manifest(crypto::HashAlgorithm::sha256, digests);
    sam::Presented factors;
    factors.pin = Secret::copy_of(as_bytes(std::string_view(kPin)));
    factors.otp = Secret::copy_of(as_bytes(sam::hotp(seed_of(signer), counter)));
    const Bytes sealed = serve::seal_factors(point_, ops::encode(factors).view(), "authorize",
                                             sam::manifest_hash(manifest), SystemClock().now());
    const std::string octets = to_base64(sam::encode(manifest));
    return {post("/tsp/v1/authorize", dump(Json{{"user", name_of(signer)},
                                                {"key", key_of(signer)},
                                                {"manifest", octets},
                                                {"sealed", to_base64(sealed)}})),
            octets, counter};
  }

 private:
  static inline std::uint64_t drawn_ = 0;
  std::size_t documents_;
  Bytes point_;
};

// The text member of an answer.
std::string text_in(std::string_view body, std::string_view name) {
  const std::string begin = fmt::format("\"{}\":\"", name);
  const auto at = body.find(begin);
  if (at == std::string_view::npos) throw std::runtime_error("no " + std::string(name));
  const auto end = body.find('"', at + begin.size());
  return std::string(body.substr(at + begin.size(), end - at - begin.size()));
}

Task cycle_task(Cycle cycle) {
  auto step = std::make_shared<int>(0);
  return {[cycle = std::move(cycle),
           step](std::optional<std::string_view> answer) -> std::optional<std::string> {
    switch ((*step)++) {
      case 0:
        return cycle.authorize;
      case 1:
        return post("/tsp/v1/sign", fmt::format(R"({{"sad":"{}","manifest":"{}"}})",
                                                text_in(*answer, "sad"), cycle.manifest));
      default:
        if (answer->find("\"signatures\"") == std::string_view::npos)
          throw std::runtime_error("not signed: " + std::string(*answer));
        return std::nullopt;
    }
  }};
}

Task once(std::string request) {
  auto asked = std::make_shared<bool>(false);
  return {[request = std::move(request),
           asked](std::optional<std::string_view>) -> std::optional<std::string> {
    if (std::exchange(*asked, true)) return std::nullopt;
    return request;
  }};
}

}  // namespace

void fill_both(const House& house) {
  fill(house.home, kP256.first, kP256.first + kSigners, crypto::KeyAlgorithm::ecdsa_p256);
  fill(house.home, kRsa3072.first, kRsa3072.first + kSigners, crypto::KeyAlgorithm::rsa_3072);
}

LoadOrder cycles(const std::string& socket, const Kind& kind, std::size_t connections,
                 std::size_t documents, std::size_t each, double seconds) {
  auto ready = std::make_shared<std::vector<std::vector<Cycle>>>(connections);
  Approvals approvals(socket, documents);
  for (std::size_t at = 0; at < connections; ++at) {
    const std::uint64_t first = counters()[kind.first + at];
    for (std::size_t i = 0; i < each; ++i)
      (*ready)[at].push_back(approvals.next(kind.first + at, first + i));
    std::reverse((*ready)[at].begin(), (*ready)[at].end());
  }
  LoadOrder order{socket, connections, seconds, 0, {}};
  order.task = [ready, first = kind.first](std::size_t at) -> std::optional<Task> {
    if ((*ready)[at].empty()) return std::nullopt;
    Cycle cycle = std::move((*ready)[at].back());
    (*ready)[at].pop_back();
    counters()[first + at] = cycle.counter + 1;
    return cycle_task(std::move(cycle));
  };
  return order;
}

LoadOrder again(const std::string& socket, std::vector<std::string> requests,
                std::size_t connections, double seconds) {
  LoadOrder order{socket, connections, seconds, 0, {}};
  order.task = [requests = std::move(requests), at = std::size_t{0}](std::size_t) mutable {
    at = (at + 1) % requests.size();
    return std::optional(once(requests[at]));
  };
  return order;
}

void ask_all(const std::string& socket, const std::vector<std::string>& requests) {
  LoadOrder order{socket, 4, 60, 0, {}};
  order.task = [&requests, at = std::size_t{0}](std::size_t) mutable -> std::optional<Task> {
    if (at == requests.size()) return std::nullopt;
    return once(requests[at++]);
  };
  load(order);
}

std::vector<std::string> ocsp_requests(const House& house, std::size_t count,
                                       const std::optional<Bytes>& nonce, std::size_t of) {
  const Bytes all = in_child([&] {
    const SystemClock clock;
    ops::Provider provider(house.home, {},
                           {clock, nullptr, nullptr, "bench", TSP_SOURCE_DIR "/config"});
    const auto issuer = provider.certificate_of_role("issuing");
    Bytes out;
    for (std::size_t at = 0; at < count; ++at) {
      const std::size_t number = std::max<std::size_t>(1, at * of / count);
      const auto rows = store::certificates_of(provider.database(), name_of(number));
      if (rows.empty()) continue;
      append_field(
          out, x509::make_ocsp_request(x509::Certificate::from_der(rows.at(0).der), issuer, nonce));
    }
    return out;
  });
  std::vector<std::string> requests;
  ByteReader reader(all);
  while (const auto one = reader.field())
    requests.push_back(post("/ocsp", as_text(*one), "application/ocsp-request"));
  return requests;
}

std::string stamp_request(bool certificates) {
  cms::TimestampRequest wanted;
  wanted.hash = crypto::HashAlgorithm::sha256;
  wanted.imprint = Bytes(32, 7);
  wanted.nonce = Bytes{1, 2, 3, 4};
  wanted.certificates = certificates;
  return post("/tsa", as_text(cms::make_request(wanted)), "application/timestamp-query");
}

std::string operation(std::string_view name, std::string_view request) {
  return post("/tsp/v1/call", fmt::format(R"({{"operation":"{}","request":{}}})", name, request));
}

}  // namespace tsp::bench
