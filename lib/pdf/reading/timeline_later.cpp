// What is asked of a revision behind a signature as a whole.
#include <fmt/format.h>

#include <algorithm>

#include "pdf/reading/timeline.h"

namespace tsp::pdf {

void Timeline::note_hidden(std::size_t revision) {
  for (const Listed& each : history_.revisions[revision]) hidden_.erase(each.number);
  hidden_.insert(history_.hidden[revision].begin(), history_.hidden[revision].end());
}

// What cannot be told of a revision as a whole.
void Timeline::refuse_oddities() {
  const std::string oddity = oddity_of(window_, document_.frame, history_, revision_);
  if (!oddity.empty())
    throw damaged_error(document_.name,
                        fmt::format("of its revision {}, {}", revision_ + 1, oddity));
  for (const std::uint64_t number : history_.hidden[revision_])
    if (before_.count(number) > 0 && hidden_.count(number) == 0)
      refuse(number, "is another for readers that do not know cross-reference streams");
  note_hidden(revision_);
}

// Who looks for objects takes all that an object stream has, and what any cross-reference stream
// says.
void Timeline::refuse_strays(std::uint64_t number) {
  const Object& is = after(number);
  if (has_type(is, "XRef") && !is.section) refuse(number, "is no section's cross-reference stream");
  if (!has_type(is, "ObjStm")) return;
  const auto holds = holder(number, Side::after);
  for (std::size_t i = 0; i < holds->members.size(); ++i) {
    const auto listed = step_.find(holds->members[i].first);
    if (listed == step_.end() || listed->second.placed != Placed{Placed::Kind::packed, number, i})
      refuse(number, "is an object stream with an object that is not listed");
  }
}

// Behind "endobj".
std::uint64_t Timeline::end_of(std::uint64_t number, const Object& object) {
  if (!object.stream) return object.end;
  std::uint64_t at = object.data + length_of(object, Side::after);
  while (is_white(window_.at(at))) ++at;
  at = lexer_.skip_space(at + std::string_view("endstream").size());
  if (!window_.matches(at, "endobj")) refuse(number, "has no end");
  return at + 6;
}

// What is no object, nor tells where they are, may tell it to some.
void Timeline::refuse_gaps() {
  const std::uint64_t begin = document_.frame.revisions[revision_ - 1].end;
  Pieces pieces = pieces_beside_objects(window_, document_.frame, history_, revision_);
  for (const auto& [number, entry] : step_) {
    if (entry.placed.kind != Placed::Kind::plain || entry.placed.where < begin) continue;
    const Object& object = after(number);
    if (!object.section) pieces.emplace_back(entry.placed.where, end_of(number, object));
  }
  std::sort(pieces.begin(), pieces.end());
  std::uint64_t at = begin;
  for (const auto& [from, to] : pieces) {
    if (lexer_.skip_space(at) != from)
      throw damaged_error(document_.name, fmt::format("at {} it has what nothing lists", at));
    at = to;
  }
}

}  // namespace tsp::pdf
