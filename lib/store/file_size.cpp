#include "store/file_size.h"

namespace tsp::store {

std::uint64_t file_size(Database& database) {
  const auto number = [&](std::string_view pragma) {
    Statement row = database.prepare(pragma);
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
  };
  return number("PRAGMA page_count") * number("PRAGMA page_size");
}

}  // namespace tsp::store
