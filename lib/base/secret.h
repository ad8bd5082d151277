// Octets that must not outlive their use: PINs, codes, keys, seeds. A Secret wipes itself, cannot
// be copied by accident, has no default constructor and no way into a stream or a formatter.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace tsp {

void wipe(std::span<std::uint8_t> bytes) noexcept;

class Secret {
 public:
  // Takes the bytes over; the vector's own storage becomes the secret's, so nothing is left behind.
  explicit Secret(Bytes&& bytes) noexcept : bytes_(std::move(bytes)) {}
  // Copies; the caller wipes his own copy.
  static Secret copy_of(ByteView bytes) { return Secret(Bytes(bytes.begin(), bytes.end())); }
  static Secret random(std::size_t size);

  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  Secret clone() const { return copy_of(bytes_); }
  ByteView view() const { return bytes_; }
  std::string_view text() const { return as_text(bytes_); }
  std::span<std::uint8_t> writable() { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  Bytes bytes_;
};

// Octets from the kernel's generator (getrandom). Throws Error only where the kernel has none.
Bytes random_bytes(std::size_t size);

}  // namespace tsp
