// The parsers of this room, for jail::Jail::start and for fuzzers, who call them without the jail.
#pragma once

#include "jail/jail.h"

namespace tsp::pdf {

// Request: the file's name for messages (UTF-8). Result: codec.h, Inspection.
Bytes inspect_parser(int file, ByteView request);
// Request: codec.h, PrepareRequest. Result: codec.h, PreparedRevision.
Bytes prepare_parser(int file, ByteView request);
// Request: codec.h, ChangesRequest. Result: codec.h, a list of Change.
Bytes changes_parser(int file, ByteView request);

std::vector<jail::Parser> parsers();

// Runs a parser in the jail. What the jail itself says of a child that it stopped is said of
// `name`.
Bytes run_parser(jail::Jail& jail, jail::Parser parser, const Fd& file, const std::string& name,
                 ByteView request);

}  // namespace tsp::pdf
