#include "base/heap.h"

#include <sys/resource.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "base/sanitized.h"
#include "support/catch.h"

namespace tsp {
namespace {

constexpr std::size_t kPieces = 300, kPiece = 1000;

// Traps of the calling thread while it fills that many small pieces of its heap.
long traps_of_filling() {
  const auto traps = [] {
    rusage used{};
    REQUIRE(::getrusage(RUSAGE_THREAD, &used) == 0);
    return used.ru_minflt;
  };
  std::vector<std::unique_ptr<char[]>> pieces(kPieces);
  const long before = traps();
  for (auto& piece : pieces) {
    piece.reset(new char[kPiece]);
    std::memset(piece.get(), 1, kPiece);
  }
  return traps() - before;
}

long traps_in_a_new_thread(std::size_t taken) {
  long out = 0;
  std::thread([&] {
    if (taken > 0) take_heap(taken);
    out = traps_of_filling();
  }).join();
  return out;
}

TEST_CASE("heap that was taken is filled without asking the kernel again") {
  if (kSanitized) return;  // it brings a heap of its own
  keep_heap();
  const long usually = traps_in_a_new_thread(0);
  const long taken = traps_in_a_new_thread(kPieces * kPiece + kPieces * kPiece / 5);
  CHECK(usually > 50);
  CHECK(taken < 10);
}

TEST_CASE("no amount of heap is an error") {
  for (const std::size_t octets :
       {std::size_t{0}, std::size_t{1}, std::size_t{4095}, kMostHeap, std::size_t{1} << 62})
    take_heap(octets);
  SUCCEED();
}

}  // namespace
}  // namespace tsp
