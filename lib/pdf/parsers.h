// The parsers of this room, for jail::Jail::start and for fuzzers, who call them without the jail.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jail/jail.h"
#include "pdf/revision.h"

namespace tsp::pdf {

// Request: the file's name for messages (UTF-8). Result: codec.h, Inspection.
Bytes inspect_parser(int file, ByteView request, const jail::More& more = {});
// Request: codec.h, PrepareOpening, then PrepareRequest. Result: codec.h, PreparedRevision.
Bytes prepare_parser(int file, ByteView request, const jail::More& more);
// Request: codec.h, ChangesRequest. Result: codec.h, a list of Change.
Bytes changes_parser(int file, ByteView request, const jail::More& more = {});
// Request: codec.h, StoreRequest. Result: codec.h, StoreRevision.
Bytes store_parser(int file, ByteView request, const jail::More& more = {});

// Their places in the list that a jail is started with.
enum class Reading : std::size_t { inspect, prepare, changes, store };
// The list. Whoever calls this is linked with qpdf.
std::vector<jail::Parser> parsers();

// Starts a jail whose helper has the parsers out of libtsp_read.so (reading/module.h), which stands
// in the folder of the running program or in ../lib/tsp. Where it does not, every parse is
// Error{failed}. Who knows that memory comes from the C library, and from nothing that was put
// before it (LD_PRELOAD), says so: the module then looks symbols up in its own libraries first,
// which is a millisecond faster and takes that allocator alone.
enum class Allocator { any, system };
std::unique_ptr<jail::Jail> start_jail(Allocator allocator = Allocator::any);

// A parser at work in the jail. What the jail itself says of a child that it stopped is said of
// `name`.
class RunningParser {
 public:
  RunningParser(jail::Jail& jail, Reading what, const Fd& file, std::string name, ByteView request,
                Turn turn = Turn::any);
  void tell(ByteView part);
  Bytes answer();
  bool clock_runs() const { return run_.clock_runs(); }

 private:
  std::string name_;
  jail::Run run_;
};
// The same at once, for a request of one part.
Bytes run_parser(jail::Jail& jail, Reading what, const Fd& file, const std::string& name,
                 ByteView request);

}  // namespace tsp::pdf
