// A file read piecewise by pread, so that neither its offset nor its size matters to memory; octets
// that are in memory, read alike; or the one with the others behind it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tsp::pdf {

inline constexpr std::uint64_t kWholeFile = ~std::uint64_t{0};

// Holds one piece of the file at a time. The descriptor must stay open while this lives. What
// cannot be read (the file shrank, an I/O error) reads as its end.
class Window {
 public:
  // With `end`: as if the file ended there. `tail` stands behind it and must outlive this.
  explicit Window(int file, std::uint64_t end = kWholeFile, std::string_view tail = {});
  // These octets, which must outlive this.
  explicit Window(std::string_view octets);

  std::uint64_t size() const { return size_; }
  // The octet at an offset, -1 at and beyond the end.
  int at(std::uint64_t offset) {
    if (offset - begin_ >= held_) return fetch(offset);
    return piece_[offset - begin_];
  }
  bool matches(std::uint64_t offset, std::string_view text);
  // Up to `size` octets.
  std::string text(std::uint64_t begin, std::uint64_t size);
  // Where `text` begins first within [begin, end), last within it; nothing when it does not.
  std::optional<std::uint64_t> find(std::string_view text, std::uint64_t begin, std::uint64_t end);
  std::optional<std::uint64_t> find_last(std::string_view text, std::uint64_t begin,
                                         std::uint64_t end);

 private:
  int fetch(std::uint64_t offset);
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> into) const;
  int file_ = -1;
  std::string_view octets_;    // behind what is of the file
  std::uint64_t of_file_ = 0;  // octets
  std::uint64_t size_ = 0, begin_ = 0, held_ = 0;
  std::array<std::uint8_t, 65536> piece_;
};

// Fills `into` from an offset on; returns how much there was.
std::size_t read_at(int file, std::uint64_t offset, std::span<std::uint8_t> into);

}  // namespace tsp::pdf
