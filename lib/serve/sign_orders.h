// Orders to sign that a worker has taken, by our own API or by the CSC API, and which of them are
// signed as one group. For desk_*.cpp alone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "serve/desk_csc.h"

namespace tsp::serve {

struct SignOrder {
  std::uint64_t id;  // of the request
  std::chrono::steady_clock::time_point deadline;
  sam::Caller caller;
  ops::Roles roles;
  std::string group;  // of the API key that was shown; empty: none
  sam::Approval approval;
  sam::Manifest manifest;
  std::optional<CscSigning> csc{};

  bool is_whole() const { return csc && csc->whole; }
  bool is_later() const { return csc && csc->later; }
  std::size_t size() const { return manifest.entries.size(); }
};

// What the request orders, for provider.caller(). Judges neither factors nor SAD. Error{not_found}
// for a verb that signs nothing, and whatever its body deserves.
SignOrder sign_order_of(ops::Provider& provider, const Request& request, const std::string& group);

// Why nothing was signed, in the words of the API that was called.
Answer failure_of(const SignOrder& order, const Error& error);

// Whether `next` may be signed together with those.
bool has_room(const std::vector<SignOrder>& group, const SignOrder& next);

}  // namespace tsp::serve
