// Proofs of existence (EN 319 102-1, 5.6.2.3): what existed when, by which time-stamp. Everything
// at hand exists at the current time.
//
// A document time-stamp covers the whole file before it, so that thousands of objects and of
// time-stamps are told by two numbers each: an object has a place in the file, a time-stamp reaches
// up to a place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "validation/material.h"

namespace tsp::validation {

struct Proof {
  Time time;
  std::string by;  // id of a time-stamp, or "validation": the current time
};

// Places of objects and reaches of time-stamps: those in revision n (from 0).
// A time-stamp covers the security store of its own revision, and signatures of earlier ones.
constexpr std::uint64_t place_in_store(std::size_t revision) {
  return 2 * revision;
}
constexpr std::uint64_t place_of_signature(std::size_t revision) {
  return 2 * revision + 1;
}
constexpr std::uint64_t reach_of_stamp(std::size_t revision) {
  return 2 * revision;
}

class Proofs {
 public:
  // The current time of the validation.
  void begin(Time now) { now_ = now; }

  // The object stands in the document at that place; the earliest of several counts.
  void place(const ObjectId& object, std::uint64_t place);
  // A document time-stamp that holds proves what stands up to its reach. From the last of the
  // document to the first.
  void stamped(std::uint64_t reach, Time time, const std::string& by);
  // Any other proof.
  void add(const ObjectId& object, Time time, const std::string& by);

  Proof earliest(const ObjectId& object) const;

 private:
  struct Stamp {
    std::uint64_t reach;
    Proof earliest;  // of this one and those before it, which reach farther
  };
  Time now_{};
  std::map<ObjectId, std::uint64_t> places_;
  std::vector<Stamp> stamps_;  // by falling reach
  std::map<ObjectId, Proof> others_;
};

}  // namespace tsp::validation
