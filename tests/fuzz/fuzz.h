// What the fuzz targets share. A target is one file named after the function it attacks: libFuzzer
// links it in the preset `fuzz`; elsewhere replay.cpp runs it over its corpus, as a test.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "base/bytes.h"
#include "base/error.h"
#include "base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tsp::fuzz {

// Ends the run: something that a header promises does not hold.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Runs `work` on hostile input. An Error with one of these faults is an answer (false); anything
// else that is thrown ends the run.
template <class Work>
bool accepted(const Work& work, std::initializer_list<Fault> answers = {Fault::bad_input}) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    for (const Fault fault : answers)
      if (error.fault == fault) return false;
    throw;
  }
}

// A file without a name that holds these octets.
inline Fd file_of(ByteView octets) {
  Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
  write_all(file.get(), octets, "fuzz");
  return file;
}

}  // namespace tsp::fuzz
