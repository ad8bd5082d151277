// Values as the octets have them, ISO 32000-1 7.3: read by us, not by qpdf, so that a revision can
// be compared with the one before without opening either, and so that references to what is not
// there are seen. Internal to the room, inside the jail.
#pragma once

#include <functional>

#include "pdf/lexer.h"

namespace tsp::pdf {

struct Value {
  enum class Kind : std::uint8_t { null, word, number, name, string, array, dictionary, reference };
  Kind kind = Kind::null;
  bool repeats = false;  // of a dictionary: a key stands twice, in it or in a direct member
  bool real = false;     // of a number: written with a point, which is not what an integer is
  // word ("true"), number (as "-0.5", "12": one way for one number), name without its slash and
  // #xx, string decoded.
  std::string text;
  std::uint64_t number = 0, generation = 0;  // of a reference
  // An array's members; a dictionary's values, beside `keys`, which are sorted and differ. An entry
  // that is null is left out (7.3.7).
  std::vector<Value> items;
  std::vector<std::string> keys;
  // Of keys that stand again, each as a dictionary with that entry: another reader may take it.
  std::vector<Value> others;

  bool is(Kind what) const { return kind == what; }
  bool is_name(std::string_view which) const { return kind == Kind::name && text == which; }
  bool is_dictionary() const { return kind == Kind::dictionary; }
  bool is_array() const { return kind == Kind::array; }
  bool is_reference() const { return kind == Kind::reference; }
  bool is_null() const { return kind == Kind::null; }
  // The value of a key as it is written; a null value when it is absent.
  const Value& get(std::string_view key) const;
  bool has(std::string_view key) const { return !get(key).is_null(); }
  std::optional<std::uint64_t> integer() const;  // not negative; of "90.0", too
  std::optional<std::uint64_t> whole() const;    // not of "90.0"
  static Value reference_to(std::uint64_t number, std::uint64_t generation = 0);
};

// Alike in all but how they are written: references by number and generation, not followed.
bool operator==(const Value& a, const Value& b);

// The value at an offset, and behind it. Nothing for malformed syntax and values nested deeper than
// 100. Of a key that stands twice the first value is kept, the others beside, and `repeats` set.
std::optional<Value> read_value(Lexer& lexer, Window& window, std::uint64_t at, std::uint64_t& end);

// A text string in UTF-8 (7.9.2.2); empty for anything else.
std::string text_of(const Value& value);

// Every reference inside, direct members' included, in their order; one may come twice.
void for_each_reference(const Value& value, const std::function<void(const Value&)>& visit);

}  // namespace tsp::pdf
