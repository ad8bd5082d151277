#include "pdf/reading/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace tsp::pdf {
namespace {

const Object kNothing;
// Objects whose object stream was replaced under them, of all steps: nobody does that honestly, and
// a few octets replace many.
constexpr std::size_t kMovedLimit = 300000;

}  // namespace

Timeline::Timeline(Opened& document, std::size_t revision)
    : document_(document),
      window_(document.window),
      lexer_(window_),
      history_(read_history(window_, document.frame)),
      revision_(revision) {
  if (!history_.damage.empty()) throw damaged_error(document_.name, history_.damage);
  for (const auto& streams : history_.streams) sections_.insert(streams.begin(), streams.end());
  if (revision >= history_.revisions.size())
    throw damaged_error(document_.name, "it has no such revision");
  if (document_.objects->isEncrypted())
    encryption_ = Encryption(*document_.objects, document_.name);
  const std::string newest = document_.frame.trailer.count("Encrypt") > 0
                                 ? document_.frame.trailer.at("Encrypt")
                                 : std::string();
  encryption_object_ = std::strtoull(newest.c_str(), nullptr, 10);
  for (std::size_t i = 0; i <= revision; ++i) {
    State listed;
    enter(i, listed);
    note_hidden(i);
    for (const auto& [number, entry] : listed) before_[number] = entry;
  }
  std::erase_if(before_,
                [](const auto& each) { return each.second.placed.kind == Placed::Kind::free; });
  trailer_before_ = trailer_after_ = read_trailer(revision);
  if (revision + 1 < history_.revisions.size()) count_all();
}

// What a revision lists must stand in it or before.
void Timeline::enter(std::size_t revision, State& into) {
  const std::uint64_t end = document_.frame.revisions[revision].end;
  for (const Listed& each : history_.revisions[revision]) {
    if (each.number == 0) continue;
    if (each.placed.kind == Placed::Kind::plain && each.placed.where >= end)
      refuse(each.number, "stands behind the revision that lists it");
    if (each.placed.kind == Placed::Kind::packed) packed_[each.placed.where].push_back(each.number);
    into[each.number] = {each.placed, revision};
  }
}

bool Timeline::next() {
  if (revision_ + 1 >= history_.revisions.size()) return false;
  if (stepped_) {
    // The structure too, lest what leaves it takes off references that were never counted.
    for (const Numbers* changed : {&touched_, &structure_})
      for (const std::uint64_t number : *changed) {
        count(number, before(number), -1);
        count(number, after(number), 1);
      }
    for (const std::uint64_t number : removed_) count(number, before(number), -1);
    for (const auto& [number, entry] : step_) {
      if (entry.placed.kind == Placed::Kind::free)
        before_.erase(number);
      else
        before_[number] = entry;
    }
    trailer_before_ = trailer_after_;
  }
  stepped_ = true;
  ++revision_;
  step_.clear();
  touched_.clear();
  removed_.clear();
  read_before_ = std::move(read_);
  read_.clear();
  refuse_oddities();
  enter(revision_, step_);
  trailer_after_ = read_trailer(revision_);
  refuse_gaps();
  find_changes();
  for (const Numbers* written : {&touched_, &structure_})
    for (const std::uint64_t number : *written) refuse_strays(number);
  introduced_.insert(touched_.begin(), touched_.end());
  return true;
}

void Timeline::find_changes() {
  Numbers candidates;
  structure_.clear();
  for (const auto& [number, entry] : step_) {
    candidates.insert(number);
    // What lies in an object stream that is another one now.
    if (const auto was = before_.find(number);
        was != before_.end() && was->second.placed == entry.placed)
      continue;
    if (const auto members = packed_.find(number); members != packed_.end())
      for (const std::uint64_t member : members->second) {
        if (++moved_ > kMovedLimit) refuse(number, "is replaced too often");
        if (const auto held = before_.find(member);
            held != before_.end() && held->second.placed.kind == Placed::Kind::packed &&
            held->second.placed.where == number)
          candidates.insert(member);
      }
  }
  for (const std::uint64_t number : candidates) {
    const bool was = entry(number, Side::before) != nullptr,
               is = entry(number, Side::after) != nullptr;
    if (!was && !is) continue;
    if (was && is && !is_renamed(number) && same(number)) continue;
    if (is_structure(number))
      structure_.insert(number);
    else
      (is ? touched_ : removed_).insert(number);
  }
  count_lost();
  if (structure_.empty()) return;
  // What poses as the file's structure and is referred to, is something else besides.
  for (const std::uint64_t number : touched_)
    for_each_reference(after(number).value, [&](const Value& each) {
      if (structure_.erase(each.number) > 0) touched_.insert(each.number);
    });
}

bool Timeline::is_structure(std::uint64_t number) {
  const Object &was = before(number), &is = after(number);
  const auto of_structure = [](const Object& each) {
    return has_type(each, "XRef") || has_type(each, "ObjStm");
  };
  if (references_before(number) > 0) return false;
  if (!was.value.is_null() && !of_structure(was)) return false;
  const Entry* place = entry(number, Side::after);
  if (place == nullptr) return true;
  if (has_type(is, "XRef")) {
    const auto& streams = history_.streams[revision_];
    return std::find(streams.begin(), streams.end(), place->placed.where) != streams.end();
  }
  const auto members = packed_.find(number);
  return has_type(is, "ObjStm") && members != packed_.end() &&
         std::any_of(members->second.begin(), members->second.end(), [&](std::uint64_t member) {
           const auto listed = step_.find(member);
           return listed != step_.end() && listed->second.placed.where == number;
         });
}

bool Timeline::is_renamed(std::uint64_t number) const {
  const Entry *was = entry(number, Side::before), *is = entry(number, Side::after);
  return was != nullptr && is != nullptr && generation_of(*was) != generation_of(*is);
}

bool Timeline::same(std::uint64_t number) {
  const Entry *was = entry(number, Side::before), *is = entry(number, Side::after);
  if (was->placed == is->placed) {
    if (is->placed.kind == Placed::Kind::plain) return true;
    const Entry *old_holder = entry(was->placed.where, Side::before),
                *new_holder = entry(is->placed.where, Side::after);
    if (old_holder != nullptr && new_holder != nullptr && old_holder->placed == new_holder->placed)
      return true;
  }
  const Object &a = before(number), &b = after(number);
  return a.stream == b.stream && a.value == b.value && (!a.stream || same_data(a, b));
}

bool Timeline::same_data(const Object& a, const Object& b) {
  constexpr std::uint64_t kPiece = 65536;
  const std::uint64_t length = length_of(a, Side::before);
  if (length != length_of(b, Side::after)) return false;
  for (std::uint64_t at = 0; at < length; at += kPiece) {
    const std::uint64_t many = std::min(kPiece, length - at);
    if (window_.text(a.data + at, many) != window_.text(b.data + at, many)) return false;
  }
  return true;
}

bool Timeline::agrees_with_library() const {
  for (const auto& [object, known] : document_.objects->getXRefTable()) {
    if (known.getType() != 1 && known.getType() != 2) continue;
    const Entry* ours = entry(static_cast<std::uint64_t>(object.getObj()), Side::after);
    if (ours == nullptr) return false;
    const Placed& placed = ours->placed;
    if (known.getType() == 2) {
      if (placed != Placed{Placed::Kind::packed,
                           static_cast<std::uint64_t>(known.getObjStreamNumber()),
                           static_cast<std::uint64_t>(known.getObjStreamIndex())})
        return false;
      continue;
    }
    // An object of another generation is one that qpdf still knows, and nobody reaches.
    if (placed.kind == Placed::Kind::plain &&
        placed.detail != static_cast<std::uint64_t>(object.getGen()))
      continue;
    if (placed.kind != Placed::Kind::plain ||
        placed.where !=
            document_.frame.header_offset + static_cast<std::uint64_t>(known.getOffset()))
      return false;
  }
  return true;
}

const Timeline::Entry* Timeline::entry(std::uint64_t number, Side side) const {
  if (side == Side::after)
    if (const auto found = step_.find(number); found != step_.end())
      return found->second.placed.kind == Placed::Kind::free ? nullptr : &found->second;
  const auto found = before_.find(number);
  return found == before_.end() ? nullptr : &found->second;
}

const Object& Timeline::object(std::uint64_t number, Side side) {
  const Entry* at = entry(number, side);
  if (at == nullptr) return kNothing;
  std::pair<std::uint64_t, std::uint64_t> key{at->placed.where, 0};
  if (at->placed.kind == Placed::Kind::packed) {
    const Entry* holds = entry(at->placed.where, side);
    if (holds == nullptr) return kNothing;
    key = {holds->placed.where, at->placed.detail + 1};
  }
  if (const auto known = read_.find(key); known != read_.end()) return *known->second;
  const auto earlier = read_before_.find(key);
  auto read = earlier != read_before_.end()            ? earlier->second
              : at->placed.kind == Placed::Kind::plain ? read_plain(number, *at, side)
                                                       : read_packed(number, *at, side);
  return *read_.emplace(key, std::move(read)).first->second;
}

const Value& Timeline::resolved(const Value& value, Side side) {
  if (!value.is_reference()) return value;
  const Entry* at = entry(value.number, side);
  if (at == nullptr) return kNothing.value;
  if (generation_of(*at) != value.generation) return kNothing.value;
  return object(value.number, side).value;
}

Value Timeline::read_trailer(std::size_t revision) {
  std::uint64_t end = 0;
  auto value = read_value(lexer_, window_, history_.trailers[revision], end);
  if (!value || !value->is_dictionary() || end > document_.frame.revisions[revision].end)
    throw damaged_error(document_.name, "a trailer of it cannot be read");
  if (value->repeats) throw damaged_error(document_.name, "a trailer of it has a key twice");
  return std::move(*value);
}

void Timeline::refuse(std::uint64_t number, const std::string& why) const {
  throw damaged_error(document_.name, fmt::format("object {} {}", number, why));
}

}  // namespace tsp::pdf
