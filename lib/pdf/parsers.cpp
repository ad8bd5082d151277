#include "pdf/parsers.h"

#include "base/error.h"

namespace tsp::pdf {

std::vector<jail::Parser> parsers() {
  return {inspect_parser, prepare_parser, changes_parser};
}

Bytes run_parser(jail::Jail& jail, jail::Parser parser, const Fd& file, const std::string& name,
                 ByteView request) {
  try {
    return jail.run(parser, file.get(), request);
  } catch (const Error& error) {
    if (error.failed != jail::kStopped) throw;
    throw Error(error.fault, "cannot read " + name, "reading it was stopped, for " + error.why,
                "nothing was changed; ask for a sound copy of the document");
  }
}

}  // namespace tsp::pdf
