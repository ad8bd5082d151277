// What the load client asks of a server on a bench's house.
#pragma once

#include "serve_client.h"
#include "serve_house.h"

namespace tsp::bench {

inline constexpr std::size_t kSigners = 64;
struct Kind {
  const char* name;
  std::size_t first;  // signer
};
inline constexpr Kind kP256{"P-256", 0}, kRsa3072{"RSA-3072", 90'000'000};
// kSigners of each.
void fill_both(const House& house);

// So many whole cycles (approval, signature) of so many documents ready for each connection, which
// is a signer's own. HOTP counters go on from call to call.
LoadOrder cycles(const std::string& socket, const Kind& kind, std::size_t connections,
                 std::size_t documents, std::size_t each, double seconds);

// These requests again and again.
LoadOrder again(const std::string& socket, std::vector<std::string> requests,
                std::size_t connections, double seconds);
// Each once.
void ask_all(const std::string& socket, const std::vector<std::string>& requests);

// About `count` certificates spread evenly over the first `of` signers of kP256.
std::vector<std::string> ocsp_requests(const House& house, std::size_t count,
                                       const std::optional<Bytes>& nonce, std::size_t of);
std::string stamp_request(bool certificates);
std::string operation(std::string_view name, std::string_view request);  // a call, JSON

}  // namespace tsp::bench
