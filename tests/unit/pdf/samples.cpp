#include "samples.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <map>
#include <regex>
#include <sstream>

#include "base/files.h"
#include "signing.h"

namespace tsp::pdf::test {
namespace {

constexpr const char* kTrailer = "trailer\n<</Size {}/Root 1 0 R>>\n";

std::string object(int number, const std::string& body) {
  return fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
}

}  // namespace

std::string rebuilt_table(const std::string& body, const std::string& trailer) {
  std::map<int, std::size_t> offsets;
  const std::regex header("(^|\n)(\\d+) 0 obj");
  for (std::sregex_iterator it(body.begin(), body.end(), header), end; it != end; ++it)
    offsets[std::stoi((*it)[2])] = static_cast<std::size_t>(it->position(2));
  std::string out = body + "xref\n0 1\n0000000000 65535 f \n";
  for (const auto& [number, offset] : offsets)
    out += fmt::format("{} 1\n{:010} 00000 n \n", number, offset);
  return out + trailer.substr(0, trailer.find("startxref")) +
         fmt::format("startxref\n{}\n%%EOF\n", body.size());
}

Bytes one_page_pdf(double width, double height) {
  const std::string drawing = fmt::format("0.502 g 0 0 {0} {1} re f /G gs 0 g 0 0 {2} {3} re f",
                                          width, height, width / 2, height / 2);
  const std::string body =
      "%PDF-1.7\n" + object(1, "<</Type/Catalog/Pages 2 0 R>>") +
      object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>") +
      object(3, fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents 4 0 R"
                            "/Resources<</ExtGState<</G 5 0 R>>>>>>",
                            width, height)) +
      object(4, fmt::format("<</Length 6 0 R>>stream\n{}\nendstream", drawing)) +
      object(5, "<</Type/ExtGState/ca 1>>") + object(6, std::to_string(drawing.size()));
  return to_bytes(as_bytes(rebuilt_table(body, fmt::format(kTrailer, 7))));
}

std::string many_pages(int count) {
  std::string kids, pages;
  for (int i = 0; i < count; ++i) {
    kids += fmt::format("{} 0 R ", 3 + i);
    pages += object(3 + i, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>");
  }
  return rebuilt_table(
      "%PDF-1.7\n" + object(1, "<</Type/Catalog/Pages 2 0 R>>") +
          object(2, fmt::format("<</Type/Pages/Count {}/Kids[{}]>>", count, kids)) + pages,
      fmt::format(kTrailer, count + 3));
}

std::string with_dss(const std::vector<std::pair<std::string, std::string>>& streams) {
  std::map<std::string, std::string> lists;
  std::string objects;
  int number = 4;
  for (const auto& [key, data] : streams) {
    uLongf size = compressBound(data.size());
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(data.data()), data.size());
    packed.resize(size);
    lists[key] += fmt::format("{} 0 R ", number);
    objects += object(number++, fmt::format("<</Filter/FlateDecode/Length {}>>stream\n", size) +
                                    packed + "\nendstream");
  }
  std::string store;
  for (const auto& [key, list] : lists) store += "/" + key + "[" + list + "]";
  return rebuilt_table("%PDF-1.7\n" +
                           object(1, "<</Type/Catalog/Pages 2 0 R/DSS<<" + store + ">>>>") +
                           object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>") +
                           object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>") + objects,
                       fmt::format(kTrailer, number));
}

void write_large_pdf(const std::string& path, std::uint64_t stream_size) {
  const std::string head = "%PDF-1.7\n" + object(1, "<</Type/Catalog/Pages 2 0 R>>") +
                           object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>") +
                           object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>");
  const std::string stream = fmt::format("4 0 obj\n<</Length {}>>stream\n", stream_size);
  const std::uint64_t end = head.size() + stream.size() + stream_size;
  const std::string tail = "\nendstream\nendobj\n";
  std::string section;
  // A cross-reference stream with offsets of 8 octets.
  const auto row = [&section](std::uint64_t offset) {
    section.push_back(1);
    for (int shift = 56; shift >= 0; shift -= 8)
      section.push_back(static_cast<char>(offset >> shift & 0xff));
    section.push_back(0);
  };
  for (int i = 1; i <= 3; ++i) row(head.find(fmt::format("{} 0 obj", i)));
  row(head.size());
  row(end + tail.size());
  const std::string xref =
      fmt::format("5 0 obj\n<</Type/XRef/Size 6/W[1 8 1]/Index[1 5]/Root 1 0 R/Length {}>>stream\n",
                  section.size()) +
      section + fmt::format("\nendstream\nendobj\nstartxref\n{}\n%%EOF\n", end + tail.size());

  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  write_all(file.get(), as_bytes(head + stream), path);
  if (::lseek(file.get(), static_cast<off_t>(end), SEEK_SET) < 0)
    throw std::runtime_error("cannot seek in a test file");
  write_all(file.get(), as_bytes(tail + xref), path);
}

int Raster::at(double x, double y) const {
  const int column = static_cast<int>(x), line = height - 1 - static_cast<int>(y);
  if (column < 0 || column >= width || line < 0 || line >= height) return -1;
  return dots.at(static_cast<std::size_t>(line) * static_cast<std::size_t>(width) +
                 static_cast<std::size_t>(column));
}

Raster rendered(const std::string& path, const std::string& scratch) {
  run("pdftoppm -cropbox -r 72 -gray -l 1 -singlefile " + path + " " + scratch);
  const Bytes file = contents_of(scratch + ".pgm");
  std::istringstream header{std::string(as_text(file).substr(0, 64))};
  std::string magic;
  int depth = 0;
  Raster raster;
  header >> magic >> raster.width >> raster.height >> depth;
  const std::size_t size =
      static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(raster.height);
  raster.dots.assign(file.end() - static_cast<std::ptrdiff_t>(size), file.end());
  return raster;
}

}  // namespace tsp::pdf::test
