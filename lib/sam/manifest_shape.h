// The manifest's bounds, for this room alone: what writer, reader and checks share.
#pragma once

#include "base/error.h"
#include "sam/manifest.h"

namespace tsp::sam {

inline constexpr std::size_t kMostEntries = 10000;
inline constexpr const char* kNothingSigned = "nothing was signed";

[[noreturn]] void refuse_entry(Fault fault, const Manifest& manifest, std::size_t at,
                               std::string why);
// Error{bad_input}. Lengths, names and pages of one entry; how many there are; what is said of the
// key and certificate to be made.
void check_shape(const Manifest& manifest, std::size_t at);
void check_count(const Manifest& manifest);
void check_one_shot_shape(const Manifest& manifest);

}  // namespace tsp::sam
