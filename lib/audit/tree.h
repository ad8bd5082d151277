// The tree of RFC 6962 section 2.1 over records, SHA-256, unchanged: leaf = H(0 ‖ record),
// node = H(1 ‖ left ‖ right), empty = H("").
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace tsp::audit {

Bytes leaf_hash(ByteView record);
Bytes node_hash(ByteView left, ByteView right);

// The roots of the full subtrees of a tree of `size` leaves, largest first: all that is needed to
// append and to know the root. Appending is O(log n) amortised O(1).
class Frontier {
 public:
  Frontier() = default;
  static std::optional<Frontier> decode(ByteView octets);  // u64 size, then 32 octets each
  Bytes encode() const;
  void append(ByteView leaf);
  std::uint64_t size() const { return size_; }
  Bytes root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Bytes> hashes_;
};

// The tree head over the leaves [begin, end), however the caller comes by them.
using RangeRoot = std::function<Bytes(std::uint64_t begin, std::uint64_t end)>;
// As below, without the leaves in memory: O(log n) ranges are asked for, which never overlap. Empty
// where there is nothing to prove (index or old size outside the tree).
std::vector<Bytes> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                   const RangeRoot& root_of);
std::vector<Bytes> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                     const RangeRoot& root_of);

// Proofs over `leaves` (leaf hashes), RFC 6962 2.1.1 and 2.1.2; verification as RFC 9162 2.1.3.2
// and 2.1.4.2. Every tree extends the empty one.
std::vector<Bytes> inclusion_proof(const std::vector<Bytes>& leaves, std::uint64_t index);
bool verify_inclusion(ByteView leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Bytes>& proof, ByteView root);
std::vector<Bytes> consistency_proof(const std::vector<Bytes>& leaves, std::uint64_t old_size);
bool verify_consistency(std::uint64_t old_size, std::uint64_t size, ByteView old_root,
                        ByteView root, const std::vector<Bytes>& proof);

}  // namespace tsp::audit
