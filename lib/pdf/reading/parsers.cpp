#include "pdf/parsers.h"

namespace tsp::pdf {

std::vector<jail::Parser> parsers() {
  return {inspect_parser, prepare_parser, changes_parser, store_parser};  // in the order of Reading
}

}  // namespace tsp::pdf
