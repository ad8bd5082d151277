// What verification of a store and of an exported tree have in common: records go in one after the
// other, and what is wrong comes out. Used by verify.cpp and export_verify.cpp only.
#pragma once

#include <map>

#include "audit/tree.h"
#include "audit/verify.h"

namespace tsp::audit {

// Promise 3's order, and time: which results belong to which intents. Memory grows with the open
// intents only.
class Order {
 public:
  // Why the record must not stand here, or nothing.
  std::optional<std::string> objection(const Record& record);
  std::int64_t open_intents() const { return static_cast<std::int64_t>(open_.size()); }

 private:
  struct Intent {
    std::string event;
    Json bound;  // the members that the result must repeat: key, dtbs, dtbs_sha256
  };
  std::optional<std::string> begin(const Record& record);
  std::optional<std::string> end(const Record& record);
  std::map<std::int64_t, Intent> open_;
  std::optional<Time> last_;
};

class Examination {
 public:
  // Error{bad_input} for a trusted note that is no checkpoint.
  explicit Examination(const VerifyOptions& options);

  // A checkpoint that the log itself keeps. `size` where it is filed under one.
  void own_note(std::string_view note, std::optional<std::uint64_t> size);
  // The next record; false once something is wrong with it or before it.
  bool record(ByteView octets);
  void damage(std::int64_t seq, std::string kind, std::string detail);
  const Frontier& tree() const { return tree_; }
  std::int64_t next() const { return static_cast<std::int64_t>(tree_.size()); }
  // After the last record. `size`: how many records there should be.
  Verdict verdict(std::int64_t size);

 private:
  struct Expected {
    Bytes root;
    std::string whose;
  };
  void expect(const Checkpoint& checkpoint, const std::string& whose);
  void compare();

  const VerifyOptions& options_;
  std::multimap<std::uint64_t, Expected> expected_;  // by size of the tree
  std::uint64_t agreed_ = 0;                         // largest size whose signed root was met
  Frontier tree_;
  Order order_;
  Verdict verdict_;
};

}  // namespace tsp::audit
