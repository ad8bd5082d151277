// Holds docs/errors.md against the table in lib/base/error.cpp: scripts are written by that page.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "support/catch.h"

namespace {

// One row of the page's table, its cells without blanks and back quotes.
using Row = std::vector<std::string>;

std::string bare(const std::string& cell) {
  std::string out;
  for (const char c : cell)
    if (c != '`') out += c;
  const auto first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

std::vector<Row> rows_of_page() {
  std::ifstream page(TSP_SOURCE_DIR "/docs/errors.md");
  std::vector<Row> rows;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::istringstream cells(line.substr(1));
    Row row;
    for (std::string cell; std::getline(cells, cell, '|');) row.push_back(bare(cell));
    rows.push_back(row);
  }
  return rows;
}

// The faults in order of declaration; fault_row() answers an unknown one with another fault's row.
std::vector<tsp::FaultRow> rows_of_code() {
  std::vector<tsp::FaultRow> rows;
  for (int number = 0;; ++number) {
    const auto fault = static_cast<tsp::Fault>(number);
    if (tsp::fault_row(fault).fault != fault) return rows;
    rows.push_back(tsp::fault_row(fault));
  }
}

std::string kebab_case(std::string name) {
  for (char& c : name)
    if (c == '_') c = '-';
  return name;
}

}  // namespace

TEST_CASE("the page of errors names every fault, in order, as the code does") {
  const std::vector<Row> page = rows_of_page();
  const std::vector<tsp::FaultRow> code = rows_of_code();
  REQUIRE(page.size() == code.size());
  for (std::size_t i = 0; i < code.size(); ++i) {
    REQUIRE(page[i].size() == 6);
    CHECK(kebab_case(page[i][0]) == code[i].name);
    CHECK(page[i][1] == code[i].name);
    CHECK(page[i][2] == std::to_string(code[i].exit_status));
    CHECK(page[i][3] == std::to_string(code[i].http_status));
    CHECK(page[i][4] == code[i].csc_error);
    CHECK_FALSE(page[i][5].empty());
  }
}
