// PDFs made at test time, and pages made visible by poppler.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace tsp::pdf::test {

inline bool begins_with(const Bytes& whole, const Bytes& part) {
  return whole.size() >= part.size() && equal(ByteView(whole).first(part.size()), part);
}

// One page of that size, grey (128), black in its lower left quarter.
Bytes one_page_pdf(double width, double height);
std::string many_pages(int count);
// One page beside a stream of that many octets, which takes no room on disk.
void write_large_pdf(const std::string& path, std::uint64_t stream_size);
// One page and a /DSS with these streams (object 4 on), each under its key.
std::string with_dss(const std::vector<std::pair<std::string, std::string>>& streams);
// Header and objects as they are, with a new table and this trailer.
std::string rebuilt_table(const std::string& body, const std::string& trailer);

// The first page at 72 dots an inch, grey; coordinates from the lower left, in points.
struct Raster {
  int width = 0, height = 0;
  Bytes dots;
  int at(double x, double y) const;
};
Raster rendered(const std::string& path, const std::string& scratch);

}  // namespace tsp::pdf::test
