// From the events of yaml-cpp's parser to our own tree. Working on events, not on yaml-cpp's nodes,
// is what lets anchors, tags and duplicate names be seen and refused.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/text.h"
#include "yaml/tree.h"

namespace tsp::yaml {
namespace {

constexpr std::size_t kLargest = 1 << 20;  // octets
constexpr std::size_t kDeepest = 32;
// yaml-cpp 0.7 takes a line break at the end of the input for a closing quote. A comment after the
// last line keeps it from that.
constexpr std::string_view kEnd = "\n# end";

[[noreturn]] void refuse(const std::string& source, int line, const std::string& why) {
  throw Error(Fault::bad_input, fmt::format("{}:{}", source, line), why);
}

// yaml-cpp takes U+0004 for the end of its input, so control characters may not reach it.
bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\n' && c != '\r' && c != '\t') || octet == 0x7f;
}

void require_plain_text(std::string_view text, const std::string& source) {
  if (text.size() > kLargest) refuse(source, 1, "larger than 1 MiB");
  if (!is_utf8(text)) refuse(source, 1, "not UTF-8");
  int line = 1;
  for (char c : text) {
    if (c == '\n') ++line;
    if (is_control(c)) refuse(source, line, "a control character");
  }
}

// Whether no scalar of a line reaches into the next: nothing that could, or one quoted value.
bool ends_with_its_line(std::string_view line) {
  if (line.find_first_of("|>\\[{") != line.npos) return false;
  const std::size_t quote = line.find_first_of("'\"");
  if (quote == line.npos) return true;
  const std::size_t last = line.find_last_not_of(" \t\n");
  return quote >= 2 && line.substr(quote - 2, 2) == ": " && last != quote &&
         line[last] == line[quote] && line.find_first_of("'\"", quote + 1) == last;
}

// Comments that have a line of their own, without their words: yaml-cpp looks at each letter of
// them a dozen times, and a configuration is mostly such lines. All stays as it is where "#" could
// be a letter of a longer scalar.
std::string with_short_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (text.find('\r') != text.npos) return std::string(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, end - at);
    at = end;
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != line.npos && line[first] == '#')
      out.append(line.substr(0, first + 1)).append(line.ends_with('\n') ? "\n" : "");
    else if (ends_with_its_line(line))
      out.append(line);
    else
      return std::string(text);
  }
  return out;
}

}  // namespace

struct Builder : YAML::EventHandler {
  // A collection that is not closed yet. In a mapping, scalars are name and value by turns.
  struct Open {
    Node node;
    std::set<std::string> names;
    std::string name;
    bool has_name = false;
  };

  explicit Builder(const std::string& source)
      : source_(std::make_shared<const std::string>(source)) {
    root_ = make(Node::Kind::null, 1);
  }

  Node take_root() { return std::move(root_); }
  int last_line() const { return last_line_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    judge(mark, "?", anchor);
    if (awaits_name()) refuse(*source_, last_line_, "a name is missing");
    place(make(Node::Kind::null, last_line_));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(*source_, mark.line + 1, "aliases are not allowed");
  }

  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    refuse(*source_, mark.line + 1, "anchors are not allowed");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    judge(mark, tag == "!" ? "?" : tag, anchor);  // "!" is how quoted scalars come
    for (char c : value)
      if (is_control(c) || c == '\r') refuse(*source_, last_line_, "a control character");
    if (awaits_name()) return begin_member(value);
    Node node = make(Node::Kind::scalar, last_line_);
    node.text_ = value;
    place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  Node make(Node::Kind kind, int line) const {
    Node node;
    node.kind_ = kind;
    node.line_ = line;
    node.source_ = source_;
    return node;
  }

  void judge(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (!mark.is_null()) last_line_ = mark.line + 1;
    if (anchor != 0) refuse(*source_, last_line_, "anchors are not allowed");
    if (tag != "?" && !tag.empty()) refuse(*source_, last_line_, "tags are not allowed");
  }

  bool awaits_name() const {
    return !open_.empty() && open_.back().node.kind_ == Node::Kind::mapping &&
           !open_.back().has_name;
  }

  void begin_member(const std::string& name) {
    Open& mapping = open_.back();
    if (name == "<<") refuse(*source_, last_line_, "merge keys are not allowed");
    if (!mapping.names.insert(name).second)
      refuse(*source_, last_line_, fmt::format("\"{}\" stands here twice", printable(name)));
    mapping.name = name;
    mapping.has_name = true;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            Node::Kind kind) {
    judge(mark, tag, anchor);
    if (awaits_name()) refuse(*source_, last_line_, "a name must be a single value");
    if (open_.size() == kDeepest) refuse(*source_, last_line_, "nested more than 32 deep");
    open_.push_back(Open{make(kind, last_line_), {}, {}, false});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  void place(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind_ == Node::Kind::sequence) {
      parent.node.items_.push_back(std::move(node));
    } else {
      parent.node.members_.emplace_back(std::move(parent.name), std::move(node));
      parent.name.clear();
      parent.has_name = false;
    }
  }

  std::shared_ptr<const std::string> source_;
  std::vector<Open> open_;
  Node root_;
  int last_line_ = 1;
};

Node parse(std::string_view text, const std::string& source) {
  require_plain_text(text, source);
  Builder builder(source);
  try {
    std::istringstream stream(with_short_comments(text).append(kEnd));
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return builder.take_root();
    Node root = builder.take_root();
    Builder more(source);
    if (parser.HandleNextDocument(more)) refuse(source, more.last_line(), "more than one document");
    return root;
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? builder.last_line() : error.mark.line + 1;
    refuse(source, line, error.msg);
  }
}

}  // namespace tsp::yaml
