// How objects are read out of the octets.
#include <algorithm>

#include "pdf/reading/timeline.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kHolderLimit = std::size_t{64} << 20;   // octets of one object stream
constexpr std::size_t kHoldersLimit = std::size_t{96} << 20;  // of those that are kept
constexpr std::uint64_t kMemberLimit = 1'000'000;

QPDFObjGen owner_of(std::uint64_t number, std::uint64_t generation) {
  return QPDFObjGen(static_cast<int>(number), static_cast<int>(generation));
}

}  // namespace

bool has_type(const Object& object, std::string_view type) {
  return object.stream && object.value.get("Type").is_name(type);
}

std::shared_ptr<const Object> Timeline::read_plain(std::uint64_t number, const Entry& entry, Side) {
  std::uint64_t found = 0, generation = 0, end = 0;
  const auto body = lexer_.object_header(entry.placed.where, found, generation);
  if (!body || found != number || generation != entry.placed.detail)
    refuse(number, "is not where its entry says");
  auto value = read_value(lexer_, window_, *body, end);
  if (!value) refuse(number, "cannot be read");
  auto out = std::make_shared<Object>();
  out->value = std::move(*value);
  const std::uint64_t behind = lexer_.skip_space(end);
  if (out->value.is_dictionary() && window_.matches(behind, "stream")) {
    out->stream = true;
    const auto data = lexer_.stream_begin(behind);
    if (!data) refuse(number, "is a stream whose octets begin in two ways");
    out->data = end = *data;
    out->section = sections_.count(lexer_.skip_space(entry.placed.where)) > 0;
  } else if (window_.matches(behind, "endobj")) {
    out->end = end = behind + 6;
  } else {
    refuse(number, "has no end");
  }
  if (end > document_.frame.revisions[entry.revision].end)
    refuse(number, "is not all within its revision");
  refuse_alias(number, out->value);
  // 7.5.8.2: a cross-reference stream's strings stand in clear.
  if (encryption_.changes_strings() && number != encryption_object_ && !has_type(*out, "XRef"))
    decrypt(out->value, owner_of(number, generation));
  return out;
}

std::shared_ptr<const Object> Timeline::read_packed(std::uint64_t number, const Entry& entry,
                                                    Side side) {
  const auto holds = holder(entry.placed.where, side);
  const std::uint64_t index = entry.placed.detail;
  if (index >= holds->members.size() || holds->members[index].first != number ||
      holds->twice.count(number) > 0)
    refuse(number, "is not in its object stream as its entry says");
  // A window fills itself anew, which is dear for one object.
  if (last_holder_ != holds) {
    last_holder_ = holds;
    packed_window_.emplace(std::string_view(holds->octets));
  }
  Lexer lexer(*packed_window_);
  std::uint64_t end = 0;
  auto value = read_value(lexer, *packed_window_, holds->members[index].second, end);
  if (!value) refuse(number, "cannot be read");
  auto out = std::make_shared<Object>();
  out->value = std::move(*value);
  refuse_alias(number, out->value);
  return out;
}

// 7.3.10 knows no object that is but a reference: some readers follow it, others stop.
void Timeline::refuse_alias(std::uint64_t number, const Value& value) const {
  if (value.is_reference()) refuse(number, "is nothing but a reference");
}

std::shared_ptr<const Timeline::Holder> Timeline::holder(std::uint64_t number, Side side) {
  const Entry* at = entry(number, side);
  // 7.5.8.3: of generation 0.
  if (at == nullptr || at->placed.kind != Placed::Kind::plain || at->placed.detail != 0)
    refuse(number, "is no object stream");
  if (const auto known = holders_.find(at->placed.where); known != holders_.end())
    return known->second;
  // Its length, say, may not lie in itself.
  if (!opening_.insert(number).second) refuse(number, "is an object stream that needs itself");
  auto out = read_holder(number, *at, side);
  opening_.erase(number);
  std::size_t kept = out->octets.size();
  for (const auto& [where, each] : holders_) kept += each->octets.size();
  if (kept > kHoldersLimit) holders_.clear();
  return holders_.emplace(at->placed.where, std::move(out)).first->second;
}

// 7.5.7: N pairs of number and offset, the offsets from /First on.
std::shared_ptr<const Timeline::Holder> Timeline::read_holder(std::uint64_t number,
                                                              const Entry& entry, Side side) {
  const auto stream = read_plain(number, entry, side);
  const auto many = stream->value.get("N").whole(), first = stream->value.get("First").whole();
  if (!stream->stream || !stream->value.get("Type").is_name("ObjStm") || !many || !first ||
      *many > kMemberLimit)
    refuse(number, "is no object stream");
  const std::string raw = window_.text(stream->data, length_of(*stream, side));
  const auto text_of = [&](const char* key) {
    const Value& value = after(stream->value.get(key));
    if (value.is_array() && value.items.size() == 1) return after(value.items[0]);
    return value;
  };
  const Value filter = text_of("Filter"), parameters = text_of("DecodeParms");
  if (!(filter.is_null() || filter.is_name("FlateDecode")) || !parameters.is_null())
    refuse(number, "is an object stream with unusual filters");
  const auto plain = encryption_.plain_stream(raw, owner_of(number, entry.placed.detail));
  const auto octets =
      !plain ? std::nullopt
             : decoder_.decode(*plain, filter.is_null() ? "" : "/FlateDecode", "", kHolderLimit);
  if (!octets) refuse(number, "cannot be decoded");
  auto out = std::make_shared<Holder>();
  out->octets = as_text(*octets);
  Window window(std::string_view(out->octets));
  Lexer lexer(window);
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t here = 0;
  for (std::uint64_t i = 0; i < *many; ++i) {
    const auto member = lexer.integer(here, here);
    const auto offset = member ? lexer.integer(here, here) : std::nullopt;
    if (!offset || here > *first || *first + *offset > out->octets.size())
      refuse(number, "is no object stream");
    if (!seen.insert(*member).second) out->twice.insert(*member);
    out->members.emplace_back(*member, *first + *offset);
  }
  return out;
}

std::uint64_t Timeline::length_of(const Object& stream, Side side) {
  const auto length = resolved(stream.value.get("Length"), side).whole();
  const std::size_t revision = side == Side::before && stepped_ ? revision_ - 1 : revision_;
  const std::uint64_t end = document_.frame.revisions[revision].end;
  if (!length || *length > end || stream.data > end - *length)
    throw damaged_error(document_.name, "a stream of it is not all within its revision");
  const std::string behind = window_.text(stream.data + *length, 16);
  if (behind.find("endstream") > 2)
    throw damaged_error(document_.name, "a stream of it does not end where it says");
  return *length;
}

// All strings but a signature's (7.6.2).
void Timeline::decrypt(Value& value, QPDFObjGen owner) const {
  if (value.is(Value::Kind::string)) {
    auto plain = encryption_.plain_string(value.text, owner);
    if (!plain) refuse(static_cast<std::uint64_t>(owner.getObj()), "has a string that is no text");
    value.text = std::move(*plain);
  }
  const bool is_signature = value.has("ByteRange") && value.has("Filter");
  for (std::size_t i = 0; i < value.items.size(); ++i)
    if (!is_signature || value.keys[i] != "Contents") decrypt(value.items[i], owner);
  for (Value& other : value.others) decrypt(other, owner);
}

}  // namespace tsp::pdf
