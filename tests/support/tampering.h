// What attackers and honest editors do to a PDF with plain objects and a classic cross-reference
// table, such as the hand-made files in tests/data/pdf: another revision, written without any care
// for signatures.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "base/bytes.h"

namespace tsp::test {

// What stands between "N 0 obj" and "endobj" in the last revision that has the object.
inline std::string body_of(ByteView document, int object) {
  const std::string text(as_text(document));
  const std::string header = fmt::format("\n{} 0 obj", object);
  const std::size_t at = text.rfind(header);
  if (at == std::string::npos) throw std::runtime_error("no object " + std::to_string(object));
  const std::size_t begin = at + header.size();
  return text.substr(begin, text.find("endobj", begin) - begin);
}

// The body with one text replaced, which must be there.
inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not there: " + what);
  return text.replace(at, what.size(), with);
}

inline std::string stream(const std::string& data, const std::string& entries = "") {
  return fmt::format("<<{}/Length {}>>stream\n{}\nendstream", entries, data.size(), data);
}

// Appends a revision with these objects; the catalog is object 1.
inline Bytes revised(ByteView document, const std::map<int, std::string>& objects,
                     const std::string& info = "5 0 R") {
  std::string out(as_text(document));
  const auto number_behind = [&](const std::string& word, std::size_t at) {
    return std::stoull(out.substr(out.find_first_of("0123456789", at + word.size())));
  };
  const auto previous = number_behind("startxref", out.rfind("startxref"));
  const auto size = number_behind("/Size", out.rfind("/Size"));
  const auto highest = static_cast<unsigned long long>(objects.rbegin()->first) + 1;
  if (out.back() != '\n') out += '\n';
  std::map<int, std::size_t> places;
  for (const auto& [number, body] : objects) {
    places[number] = out.size();
    out += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
  }
  const std::size_t table = out.size();
  out += "xref\n";
  for (const auto& [number, place] : places)
    out += fmt::format("{} 1\n{:010} 00000 n \n", number, place);
  out += fmt::format("trailer\n<</Size {}/Root 1 0 R/Info {}/Prev {}>>\nstartxref\n{}\n%%EOF\n",
                     std::max(size, highest), info, previous, table);
  return to_bytes(as_bytes(out));
}

// The document with a text of its octets replaced by one of the same length.
inline Bytes overwritten(ByteView document, const std::string& what, const std::string& with) {
  if (what.size() != with.size()) throw std::runtime_error("not of the same length");
  return to_bytes(as_bytes(replaced(std::string(as_text(document)), what, with)));
}

}  // namespace tsp::test
