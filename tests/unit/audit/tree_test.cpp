// The tree against the vectors of Certificate Transparency, and all its proofs for all small sizes.
#include "audit/tree.h"

#include <array>

#include "support/catch.h"

namespace tsp::audit {
namespace {

// The eight inputs and their roots, as the CT reference implementations and RFC 9162's authors use
// them (certificate-transparency-go, merkletree tests).
const std::array<const char*, 8> kInputs{"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
const std::array<const char*, 9> kRoots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Bytes> vector_leaves() {
  std::vector<Bytes> leaves;
  for (const char* input : kInputs) leaves.push_back(leaf_hash(*from_hex(input)));
  return leaves;
}

std::string in_hex(const std::vector<Bytes>& hashes) {
  std::string text;
  for (const Bytes& hash : hashes) text += to_hex(hash) + " ";
  return text;
}

std::vector<Bytes> numbered_leaves(std::size_t count) {
  std::vector<Bytes> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes(std::to_string(i))));
  return leaves;
}

Bytes root_of(const std::vector<Bytes>& leaves, std::size_t size) {
  Frontier tree;
  for (std::size_t i = 0; i < size; ++i) tree.append(leaves[i]);
  return tree.root();
}

TEST_CASE("the roots of RFC 6962 trees of the eight known leaves") {
  const std::vector<Bytes> leaves = vector_leaves();
  for (std::size_t size = 0; size <= leaves.size(); ++size)
    CHECK(to_hex(root_of(leaves, size)) == kRoots.at(size));
}

TEST_CASE("inclusion proofs of the eight known leaves") {
  const std::vector<Bytes> leaves = vector_leaves();
  CHECK(in_hex(inclusion_proof(leaves, 0)) ==
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 "
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4 ");
  CHECK(in_hex(inclusion_proof(leaves, 5)) ==
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b "
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7 ");
}

TEST_CASE("consistency proofs of the eight known leaves") {
  std::vector<Bytes> leaves = vector_leaves();
  CHECK(in_hex(consistency_proof(leaves, 1)) ==
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 "
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4 ");
  CHECK(in_hex(consistency_proof(leaves, 6)) ==
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a "
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7 ");
  leaves.resize(5);
  CHECK(in_hex(consistency_proof(leaves, 2)) ==
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ");
}

TEST_CASE("every record of every tree up to 70 has a proof, which proves nothing else") {
  const std::vector<Bytes> all = numbered_leaves(70);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const std::vector<Bytes> leaves(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
    const Bytes root = root_of(leaves, size);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(leaves, index);
      bool right = verify_inclusion(leaves[index], index, size, proof, root);
      for (std::size_t other = 0; other < size; ++other)
        if (other != index) right &= !verify_inclusion(leaves[index], other, size, proof, root);
      right &= !verify_inclusion(leaves[index], index, size, proof, leaf_hash({}));
      right &= !verify_inclusion(leaf_hash({}), index, size, proof, root);
      auto damaged = proof;
      for (Bytes& hash : damaged) {
        hash[size % 32] ^= 1;
        right &= !verify_inclusion(leaves[index], index, size, damaged, root);
        hash[size % 32] ^= 1;
      }
      damaged.push_back(leaf_hash({}));
      right &= !verify_inclusion(leaves[index], index, size, damaged, root);
      if (!proof.empty()) {
        damaged.resize(proof.size() - 1);
        right &= !verify_inclusion(leaves[index], index, size, damaged, root);
      }
      CHECK(right);
    }
  }
}

TEST_CASE("every tree up to 70 extends every smaller one, provably, and no other") {
  const std::vector<Bytes> all = numbered_leaves(70);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const std::vector<Bytes> leaves(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
    const Bytes root = root_of(leaves, size);
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      const Bytes old_root = root_of(leaves, old_size);
      const auto proof = consistency_proof(leaves, old_size);
      bool right = verify_consistency(old_size, size, old_root, root, proof);
      right &= !verify_consistency(old_size, size, leaf_hash({}), root, proof);
      if (old_size > 0)
        right &= !verify_consistency(old_size, size, old_root, leaf_hash({}), proof);
      if (old_size > 0 && old_size < size) {
        right &= !verify_consistency(old_size, size, old_root, root, {});
        right &= !verify_consistency(size, old_size, root, old_root, proof);
      }
      auto damaged = proof;
      for (Bytes& hash : damaged) {
        hash[0] ^= 0x80;
        right &= !verify_consistency(old_size, size, old_root, root, damaged);
        hash[0] ^= 0x80;
      }
      damaged.push_back(leaf_hash({}));
      right &= !verify_consistency(old_size, size, old_root, root, damaged);
      CHECK(right);
    }
  }
}

TEST_CASE("proofs of nonsense sizes do not hold and do not crash") {
  const auto leaves = numbered_leaves(3);
  CHECK(inclusion_proof(leaves, 3).empty());
  CHECK(consistency_proof(leaves, 4).empty());
  CHECK_FALSE(verify_inclusion(leaves[0], 0, 0, {}, leaves[0]));
  CHECK_FALSE(verify_inclusion(leaves[0], 5, 3, {}, leaves[0]));
  CHECK_FALSE(verify_inclusion({}, 0, 1, {}, {}));
  CHECK_FALSE(verify_inclusion(leaves[0], 0, 2, {Bytes(31, 1)}, leaves[0]));
  CHECK_FALSE(verify_consistency(4, 3, leaves[0], leaves[0], {}));
  const std::vector<Bytes> long_proof(70, Bytes(32, 1));
  CHECK_FALSE(verify_inclusion(leaves[0], UINT64_MAX - 1, UINT64_MAX, long_proof, leaves[0]));
  CHECK_FALSE(verify_consistency(UINT64_MAX - 1, UINT64_MAX, leaves[0], leaves[0], long_proof));
}

TEST_CASE("a frontier survives writing and reading, and goes on from there") {
  const auto leaves = numbered_leaves(70);
  Frontier tree;
  for (const Bytes& leaf : leaves) {
    const auto again = Frontier::decode(tree.encode());
    REQUIRE(again);
    CHECK(again->size() == tree.size());
    tree = *again;
    tree.append(leaf);
  }
  CHECK(tree.root() == root_of(leaves, 70));
}

TEST_CASE("a frontier that has not the hashes of its size is refused") {
  Frontier tree;
  for (const Bytes& leaf : numbered_leaves(6)) tree.append(leaf);
  Bytes octets = tree.encode();
  CHECK(octets.size() == 8 + 2 * 32);
  octets[7] = 7;
  CHECK_FALSE(Frontier::decode(octets));
  octets[7] = 4;
  CHECK_FALSE(Frontier::decode(octets));
  octets.pop_back();
  CHECK_FALSE(Frontier::decode(octets));
  CHECK_FALSE(Frontier::decode({}));
  CHECK(Frontier::decode(Bytes(8, 0))->root() == Frontier().root());
}

}  // namespace
}  // namespace tsp::audit
