// A place of the earlier state: a value, and the object in which it is written. What lies behind it
// and is referred to from nowhere else is the place's own, and may be replaced where the place may
// be; what anybody else refers to as well shows there, too. Internal to the room, inside the jail.
#pragma once

#include <unordered_map>

#include "pdf/reading/timeline.h"

namespace tsp::pdf {

class Place {
 public:
  // The place was not there.
  Place() = default;
  // `was` stands in object `holder`, as written: no reference of it is followed.
  Place(std::uint64_t holder, Value was) : holder_(holder), was_(std::move(was)) {}

  // Whether every reference to an object of the earlier state starts here: from one object each up
  // to `holder`, and there from nothing but this value. No where objects are nested more deeply
  // than 100, and where `holder` serves as resources or appearances besides.
  bool owns(const Timeline& time, std::uint64_t number) const;

 private:
  std::uint64_t holder_ = 0;
  Value was_;
  mutable bool counted_ = false;
  mutable std::unordered_map<std::uint64_t, int> times_;  // by object
};

}  // namespace tsp::pdf
