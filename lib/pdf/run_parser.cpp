// The parsers as the program calls them: in the jail, out of a module.
#include <array>
#include <new>
#include <stdexcept>

#include "base/error.h"
#include "pdf/module_loader.h"
#include "pdf/parsers.h"
#include "pdf/reading/module.h"

namespace tsp::pdf {
namespace {

struct Loaded {
  reading::ParseFunction* parse = nullptr;
  std::string why;  // it is not there
};

// Of the helper, as start_jail() was told.
Lookup helpers_lookup = Lookup::as_usual;

const Loaded& loaded() {
  static const Loaded module = [] {
    Loaded out;
    void* const library = open_module(reading::kModule, helpers_lookup, out.why);
    if (library != nullptr)
      out.parse = reinterpret_cast<reading::ParseFunction*>(
          module_symbol(library, reading::kModule, reading::kParse, out.why));
    return out;
  }();
  return module;
}

// A plain function for each place, as the jail wants them.
template <Reading what>
Bytes out_of_module(int file, ByteView request, const jail::More& more) {
  if (loaded().parse == nullptr)
    throw Error(Fault::failed, "cannot read the document", loaded().why,
                "install tsp completely; nothing was changed");
  reading::Answer answer;
  loaded().parse(static_cast<std::size_t>(what), file, request, more, answer);
  if (answer.error) throw Error(*answer.error);
  if (answer.out_of_memory) throw std::bad_alloc();
  if (!answer.failure.empty()) throw std::runtime_error(answer.failure);
  return std::move(answer.result);
}

void load_reader() {
  (void)loaded();
}

}  // namespace

std::unique_ptr<jail::Jail> start_jail(Allocator allocator) {
  helpers_lookup = allocator == Allocator::system ? Lookup::own_libraries_first : Lookup::as_usual;
  return jail::Jail::start({out_of_module<Reading::inspect>, out_of_module<Reading::prepare>,
                            out_of_module<Reading::changes>, out_of_module<Reading::store>},
                           {}, load_reader);
}

RunningParser::RunningParser(jail::Jail& jail, Reading what, const Fd& file, std::string name,
                             ByteView request, Turn turn)
    : name_(std::move(name)),
      run_(turn == Turn::last ? jail.begin_last(static_cast<std::size_t>(what), file.get(), request)
                              : jail.begin(static_cast<std::size_t>(what), file.get(), request)) {}

void RunningParser::tell(ByteView part) {
  run_.tell(part);
}

Bytes RunningParser::answer() {
  try {
    return run_.answer();
  } catch (const Error& error) {
    if (error.failed != jail::kStopped) throw;
    throw Error(error.fault, "cannot read " + name_, "reading it was stopped, for " + error.why,
                "nothing was changed; ask for a sound copy of the document");
  }
}

Bytes run_parser(jail::Jail& jail, Reading what, const Fd& file, const std::string& name,
                 ByteView request) {
  return RunningParser(jail, what, file, name, request).answer();
}

}  // namespace tsp::pdf
