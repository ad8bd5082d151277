#include "validation/proofs.h"

#include <algorithm>

namespace tsp::validation {

void Proofs::place(const ObjectId& object, std::uint64_t place) {
  const auto [known, is_new] = places_.emplace(object, place);
  if (!is_new) known->second = std::min(known->second, place);
}

void Proofs::stamped(std::uint64_t reach, Time time, const std::string& by) {
  Proof proof{time, by};
  if (!stamps_.empty()) {
    reach = std::min(reach, stamps_.back().reach);
    if (stamps_.back().earliest.time < time) proof = stamps_.back().earliest;
  }
  stamps_.push_back({reach, std::move(proof)});
}

void Proofs::add(const ObjectId& object, Time time, const std::string& by) {
  const auto [known, is_new] = others_.emplace(object, Proof{time, by});
  if (!is_new && time < known->second.time) known->second = {time, by};
}

Proof Proofs::earliest(const ObjectId& object) const {
  Proof out{now_, "validation"};
  const auto consider = [&](const Proof& proof) {
    if (proof.time < out.time) out = proof;
  };
  if (const auto other = others_.find(object); other != others_.end()) consider(other->second);
  const auto place = places_.find(object);
  if (place == places_.end()) return out;
  // The last of those that reach the place knows the earliest of them.
  const auto behind = std::ranges::partition_point(
      stamps_, [&](const Stamp& stamp) { return stamp.reach >= place->second; });
  if (behind != stamps_.begin()) consider(std::prev(behind)->earliest);
  return out;
}

}  // namespace tsp::validation
