// PDF syntax as it stands in the octets, ISO 32000-1 7.2 and 7.3: where tokens begin and end, not
// what they mean. Used where the very octets matter: cross-reference sections, trailers, and the
// /Contents of a signature.
//
// Offsets count from the file's first octet. Every function gives nothing for malformed syntax.
// What follows a reference is not looked at; streams are not read.
#pragma once

#include <optional>
#include <vector>

#include "pdf/window.h"

namespace tsp::pdf {

struct Token {
  enum class Kind { end, number, name, string, hex, open_array, close_array, open, close, word };
  Kind kind = Kind::end;
  std::uint64_t begin = 0, end = 0;
};

// A key of a dictionary, #xx decoded, without the slash, and where its value stands.
struct RawEntry {
  std::string key;
  std::uint64_t begin = 0, end = 0;
};
struct RawDictionary {
  std::vector<RawEntry> entries;
  std::uint64_t end = 0;  // behind ">>"
  // The value of a key that stands exactly once; a key that stands twice is read in two ways by
  // two readers, so it is taken for absent.
  const RawEntry* find(std::string_view key) const;
  bool repeats() const;  // whether any key stands twice
};

// Nested deeper than this is malformed.
inline constexpr int kNestingLimit = 500;

class Lexer {
 public:
  explicit Lexer(Window& window) : window_(window) {}

  // The first offset from here on that is neither white space nor in a comment.
  std::uint64_t skip_space(std::uint64_t at);
  std::optional<Token> next(std::uint64_t at);
  // Behind the value that begins at or after `at`; a reference is one value.
  std::optional<std::uint64_t> skip_value(std::uint64_t at);
  std::optional<RawDictionary> dictionary(std::uint64_t at);
  // An unsigned integer in decimal digits, and behind it.
  std::optional<std::uint64_t> integer(std::uint64_t at, std::uint64_t& end);
  // Behind "number generation obj".
  std::optional<std::uint64_t> object_header(std::uint64_t at, std::uint64_t& number,
                                             std::uint64_t& generation);
  // Where the octets of a stream begin, when that is what stands at `at`: behind the word and CR LF
  // or LF (7.3.8.1). Anything else some readers skip, and others take for the first octets.
  std::optional<std::uint64_t> stream_begin(std::uint64_t at);
  std::string text(const RawEntry& entry, std::size_t limit);
  // Behind "n g R", when that is what stands at `at`.
  std::optional<std::uint64_t> reference_end(std::uint64_t at);
  // Of a name token: without the slash, #xx decoded.
  std::string name(const Token& token);

 private:
  std::optional<Token> string(std::uint64_t at);
  std::optional<Token> hex(std::uint64_t at);
  Token run(std::uint64_t at);
  std::optional<std::uint64_t> skip_nested(std::uint64_t at);
  Window& window_;
};

bool is_white(int octet);
bool is_delimiter(int octet);

}  // namespace tsp::pdf
