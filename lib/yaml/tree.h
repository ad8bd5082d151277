// A strict YAML tree with line numbers. Aliases, anchors, tags, duplicate keys, several documents
// and merge keys are refused; scalars stay text until asked. Values are read through the tree's own
// questions, so that every complaint names file and line.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tsp::yaml {

class Node {
 public:
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind() const { return kind_; }
  int line() const { return line_; }  // from 1
  const std::string& source() const { return *source_; }

  // All throw Error{bad_input, "SOURCE:LINE: …"} when the shape is another.
  const std::string& text() const;
  std::int64_t integer() const;
  bool boolean() const;  // true or false, nothing else
  const std::vector<Node>& items() const;
  const std::vector<std::pair<std::string, Node>>& members() const;
  std::vector<std::string> texts() const;  // a sequence of scalars

  const Node* find(std::string_view key) const;  // of a mapping; nullptr when absent
  const Node& at(std::string_view key) const;    // throws when absent
  // Throws for the first member whose name is none of these, offering the nearest.
  void allow_only(const std::vector<std::string_view>& names) const;
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  friend Node parse(std::string_view, const std::string&);
  friend struct Builder;
  Kind kind_ = Kind::null;
  int line_ = 0;
  std::shared_ptr<const std::string> source_;
  std::string text_;
  std::vector<Node> items_;
  std::vector<std::pair<std::string, Node>> members_;
};

// `source` names the text in complaints. Depth is limited to 32, size to 1 MiB.
Node parse(std::string_view text, const std::string& source);

}  // namespace tsp::yaml
