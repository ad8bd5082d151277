// Heap that is sure to be used, had from the kernel at once. Page by page each costs a trap, which
// in a virtual machine takes longer than what is then done with the page.
#pragma once

#include <cstddef>

namespace tsp {

inline constexpr std::size_t kMostHeap = std::size_t{1} << 20;  // that take_heap() can be asked for

// For a process that runs one command, before it has threads: the heap grows in larger steps, and
// its end stays where it is when pieces are freed.
void keep_heap() noexcept;

// Makes sure of so many octets more of the calling thread's heap, below kMostHeap. What the kernel
// does not know or give is had page by page, as usual.
void take_heap(std::size_t octets) noexcept;

}  // namespace tsp
