#include "audit/tree.h"

#include <algorithm>
#include <bit>

#include "crypto/digest.h"

namespace tsp::audit {
namespace {

constexpr std::size_t kHashSize = 32;
constexpr std::uint8_t kLeaf = 0, kNode = 1;

bool odd(std::uint64_t number) {
  return (number & 1) != 0;
}

// The largest power of two smaller than `size`, which is at least 2.
std::uint64_t split(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

bool all_hashes(const std::vector<Bytes>& hashes) {
  return std::all_of(hashes.begin(), hashes.end(),
                     [](const Bytes& hash) { return hash.size() == kHashSize; });
}

// Two walks of RFC 9162 go up the tree along the last node of the smaller and the larger tree.
struct Climb {
  std::uint64_t node, last;

  void up() {
    node >>= 1;
    last >>= 1;
  }
  // The next hash of the proof stands left of ours.
  bool left() const { return odd(node) || node == last; }
  // After a hash from the left, levels where the node has no sibling are passed over.
  void pass_over() {
    while (!odd(node) && node != 0) up();
  }
};

RangeRoot range_root_of(const std::vector<Bytes>& leaves) {
  return [&leaves](std::uint64_t begin, std::uint64_t end) {
    Frontier frontier;
    for (std::uint64_t i = begin; i < end; ++i) frontier.append(leaves[i]);
    return frontier.root();
  };
}

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// The ranges were found from the root down; proofs go up.
std::vector<Bytes> roots_upwards(const Ranges& ranges, const RangeRoot& root_of) {
  std::vector<Bytes> proof;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
    proof.push_back(root_of(range->first, range->second));
  return proof;
}

}  // namespace

Bytes leaf_hash(ByteView record) {
  return crypto::Hasher(crypto::HashAlgorithm::sha256)
      .update(ByteView(&kLeaf, 1))
      .update(record)
      .finish();
}

Bytes node_hash(ByteView left, ByteView right) {
  return crypto::Hasher(crypto::HashAlgorithm::sha256)
      .update(ByteView(&kNode, 1))
      .update(left)
      .update(right)
      .finish();
}

std::optional<Frontier> Frontier::decode(ByteView octets) {
  ByteReader reader(octets);
  Frontier frontier;
  frontier.size_ = reader.u64().value_or(0);
  for (int left = std::popcount(frontier.size_); left > 0; --left)
    frontier.hashes_.push_back(to_bytes(reader.take(kHashSize).value_or(ByteView())));
  if (!reader.done()) return std::nullopt;
  return frontier;
}

Bytes Frontier::encode() const {
  Bytes octets;
  append_u64(octets, size_);
  for (const Bytes& hash : hashes_) tsp::append(octets, hash);
  return octets;
}

// As a binary counter carries: a full subtree joins the one of its size on its left.
void Frontier::append(ByteView leaf) {
  Bytes hash = to_bytes(leaf);
  for (std::uint64_t rest = size_; odd(rest); rest >>= 1) {
    hash = node_hash(hashes_.back(), hash);
    hashes_.pop_back();
  }
  hashes_.push_back(std::move(hash));
  ++size_;
}

Bytes Frontier::root() const {
  if (hashes_.empty()) return crypto::sha256({});
  Bytes root = hashes_.back();
  for (auto left = std::next(hashes_.rbegin()); left != hashes_.rend(); ++left)
    root = node_hash(*left, root);
  return root;
}

std::vector<Bytes> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                   const RangeRoot& root_of) {
  if (index >= size) return {};
  Ranges siblings;
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split(end - begin);
    if (index < middle) {
      siblings.emplace_back(middle, end);
      end = middle;
    } else {
      siblings.emplace_back(begin, middle);
      begin = middle;
    }
  }
  return roots_upwards(siblings, root_of);
}

std::vector<Bytes> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                     const RangeRoot& root_of) {
  if (old_size == 0 || old_size >= size) return {};
  Ranges ranges;
  std::uint64_t begin = 0, end = size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split(end - begin);
    if (old_size <= middle) {
      ranges.emplace_back(middle, end);
      end = middle;
    } else {
      ranges.emplace_back(begin, middle);
      begin = middle;
    }
  }
  // The old tree itself is known to the verifier when it is one full subtree.
  if (begin != 0) ranges.emplace_back(begin, end);
  return roots_upwards(ranges, root_of);
}

std::vector<Bytes> inclusion_proof(const std::vector<Bytes>& leaves, std::uint64_t index) {
  return inclusion_proof(index, leaves.size(), range_root_of(leaves));
}

std::vector<Bytes> consistency_proof(const std::vector<Bytes>& leaves, std::uint64_t old_size) {
  return consistency_proof(old_size, leaves.size(), range_root_of(leaves));
}

bool verify_inclusion(ByteView leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Bytes>& proof, ByteView root) {
  if (index >= size || leaf.size() != kHashSize || !all_hashes(proof)) return false;
  Climb climb{index, size - 1};
  Bytes hash = to_bytes(leaf);
  for (const Bytes& sibling : proof) {
    if (climb.last == 0) return false;
    if (climb.left()) {
      hash = node_hash(sibling, hash);
      climb.pass_over();
    } else {
      hash = node_hash(hash, sibling);
    }
    climb.up();
  }
  return climb.last == 0 && equal(hash, root);
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t size, ByteView old_root,
                        ByteView root, const std::vector<Bytes>& proof) {
  if (old_size > size || !all_hashes(proof)) return false;
  if (old_size == 0) return proof.empty() && equal(old_root, crypto::sha256({}));
  if (old_size == size) return proof.empty() && equal(old_root, root);

  std::vector<Bytes> path;
  if (std::has_single_bit(old_size)) path.push_back(to_bytes(old_root));
  path.insert(path.end(), proof.begin(), proof.end());
  if (path.empty()) return false;
  Climb climb{old_size - 1, size - 1};
  while (odd(climb.node)) climb.up();
  Bytes old_hash = path.front(), hash = path.front();
  for (auto next = std::next(path.begin()); next != path.end(); ++next) {
    if (climb.last == 0) return false;
    if (climb.left()) {
      old_hash = node_hash(*next, old_hash);
      hash = node_hash(*next, hash);
      climb.pass_over();
    } else {
      hash = node_hash(hash, *next);
    }
    climb.up();
  }
  return climb.last == 0 && equal(old_hash, old_root) && equal(hash, root);
}

}  // namespace tsp::audit
