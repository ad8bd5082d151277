#include "base/freed.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tsp {
namespace {

std::atomic<bool> wipes_what_is_freed{false};

[[maybe_unused]] void wipe_and_free(void* piece) noexcept {
  if (piece != nullptr && wipes_what_is_freed.load(std::memory_order_relaxed))
    ::explicit_bzero(piece, ::malloc_usable_size(piece));
  std::free(piece);
}

}  // namespace

void wipe_what_is_freed() {
  wipes_what_is_freed = true;
}

}  // namespace tsp

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TSP_OPERATORS_OF_ITS_OWN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TSP_OPERATORS_OF_ITS_OWN
#endif

#ifndef TSP_OPERATORS_OF_ITS_OWN
// The array forms and those that take no size come to these. What operator new gives is malloc's.
// NOLINTBEGIN(misc-new-delete-overloads)
void operator delete(void* piece) noexcept {
  tsp::wipe_and_free(piece);
}
void operator delete(void* piece, std::size_t) noexcept {
  tsp::wipe_and_free(piece);
}
void operator delete(void* piece, std::align_val_t) noexcept {
  tsp::wipe_and_free(piece);
}
void operator delete(void* piece, std::size_t, std::align_val_t) noexcept {
  tsp::wipe_and_free(piece);
}
// NOLINTEND(misc-new-delete-overloads)
#endif
