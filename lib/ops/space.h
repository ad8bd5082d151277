// Space on the store's file system that is kept back for what must never stop: signing, revocation
// and the audit log. Below it nothing else is written.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace tsp::ops {

class Config;
class Provider;
struct Home;

struct Space {
  std::uint64_t free = 0;  // octets that we may still write there
  std::uint64_t kept = 0;  // octets that space.records signing records take, with the store's log
  bool low() const { return free < kept; }
};
// One system call. Where the file system does not tell, none is low.
Space look_at_space(const Home& home, const Config& config);

// Whether an operation (ops/call.h) goes on where space is low: it signs, revokes, stops somebody
// or something, or belongs to the audit log. What changes nothing goes on in any case.
bool goes_on_where_space_is_low(std::string_view operation);
// What the rest is told: Error{space_low}.
Error space_is_low(const Space& space, const std::string& what);
// {ok, free, kept_back}, octets.
Json to_json(const Space& space);

}  // namespace tsp::ops
