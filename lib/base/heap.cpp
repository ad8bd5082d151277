#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/sanitized.h"

namespace tsp {

void keep_heap() noexcept {
  ::mallopt(M_TOP_PAD, static_cast<int>(kMostHeap / 2));
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * kMostHeap));
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(kMostHeap));
}

void take_heap(std::size_t octets) noexcept {
  if (kSanitized) return;  // every piece has a place of its own
  void* const piece = std::malloc(octets);
  if (piece == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(piece);
  const std::uintptr_t begin = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + octets) / page * page;
  if (begin < end)
    ::madvise(static_cast<char*>(piece) + (begin - address), end - begin, MADV_POPULATE_WRITE);
  std::free(piece);
}

}  // namespace tsp
