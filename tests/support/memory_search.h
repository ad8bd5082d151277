// Looks for a secret in the memory of this process: every page that can be written.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/secret.h"
#include "catch.h"

namespace tsp::test {

inline constexpr std::uint8_t kMask = 0xa5;

// What is looked for, masked, so that the search does not find itself.
struct Pattern {
  std::string name;
  Bytes masked;
  Pattern(std::string what, const Secret& secret) : name(std::move(what)) {
    for (const std::uint8_t octet : secret.view()) masked.push_back(octet ^ kMask);
  }
  bool at(const std::uint8_t* bytes) const {
    for (std::size_t i = 0; i < masked.size(); ++i)
      if ((bytes[i] ^ kMask) != masked[i]) return false;
    return true;
  }
};

inline bool found_in(const std::vector<std::uint8_t>& memory, std::size_t size,
                     const Pattern& pattern) {
  for (std::size_t i = 0; i + pattern.masked.size() <= size; ++i)
    if (pattern.at(memory.data() + i)) return true;
  return false;
}

// Every page of this process that can be written: heap, stacks, data.
inline bool in_memory(const Pattern& pattern) {
  std::ifstream maps("/proc/self/maps");
  const Fd memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  REQUIRE(memory);
  std::vector<std::uint8_t> buffer(1 << 20);
  bool found = false;
  for (std::string line; !found && std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
    if (rights[0] != 'r' || rights[1] != 'w' || to - from > (1ul << 32)) continue;
    for (unsigned long at = from; at < to && !found; at += buffer.size() - 64) {
      const std::size_t wanted = std::min<unsigned long>(buffer.size(), to - at);
      const ssize_t got = ::pread(memory.get(), buffer.data(), wanted, static_cast<off_t>(at));
      if (got > 0) found = found_in(buffer, static_cast<std::size_t>(got), pattern);
    }
  }
  wipe(buffer);  // it holds what was found
  return found;
}

}  // namespace tsp::test
