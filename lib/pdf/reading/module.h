// The face of libtsp_read.so, the module that holds all code that calls qpdf. Internal to the room.
//
// Why a module: qpdf brings ten libraries along (GnuTLS and what it needs, JPEG). Linked into the
// program they cost every process half of its start, and only the jail's helper parses. It loads
// the module while the program goes on with its own work.
//
// Program and module come from one build, so standard types cross the border; exceptions do not:
// whatever goes wrong inside is told in the answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "jail/jail.h"

namespace tsp::pdf::reading {

struct Answer {
  Bytes result;
  std::optional<Error> error;  // of the parser, as it was thrown
  bool out_of_memory = false;
  std::string failure;  // of any other kind; empty: none
};

// Runs the parser at `place` of parsers.h's list.
using ParseFunction = void(std::size_t place, int file, ByteView request, const jail::More& more,
                           Answer& answer);

inline constexpr const char* kModule = "libtsp_read.so";
// Another name with every other signature: a program from before an upgrade may load this one.
inline constexpr const char* kParse = "tsp_read_parse_2";

}  // namespace tsp::pdf::reading
