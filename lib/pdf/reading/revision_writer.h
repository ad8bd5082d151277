// One incremental update, ISO 32000-1 7.5.6: objects, a cross-reference section of the kind that
// the last one is, trailer, startxref, %%EOF.
#pragma once

#include <vector>

#include "pdf/reading/object_writer.h"
#include "pdf/reading/signatures.h"

namespace tsp::pdf {

class RevisionWriter {
 public:
  RevisionWriter(Opened& document, const ObjectPlaces& places);

  // New objects get numbers above this one; before the first reserve(). Error{bad_input} for a
  // number that is far above the document's objects.
  void stay_above(int number);
  QPDFObjGen reserve();  // a new object
  // What stands between "obj" and "endobj". Error{bad_input} when the object was put already: then
  // two parts of a hostile document are one object.
  void put(QPDFObjGen object, std::string body);

  // The octets behind the file's last, and where in them each object begins (at its number).
  struct Result {
    std::string octets;
    std::map<QPDFObjGen, std::uint64_t> begins;
  };
  // `identifier` becomes /ID[1]; spent afterwards.
  Result finish(ByteView identifier);

 private:
  // A row of the cross-reference: type 1 (offset, generation) or 2 (object stream, index).
  struct Row {
    int type = 1;
    std::uint64_t first = 0;
    int second = 0;
  };
  using Rows = std::map<int, Row>;

  SectionKind kind() const;
  Rows rows() const;
  void write_object(QPDFObjGen object, const std::string& body);
  // Returns where the section begins, as the file counts.
  std::uint64_t write_table(const Overrides& trailer);
  std::uint64_t write_stream(const Overrides& trailer);
  Overrides trailer(ByteView identifier) const;
  std::string identifiers(ByteView identifier) const;
  std::uint64_t here() const;

  Opened& document_;
  const ObjectPlaces& places_;
  int next_;
  std::vector<std::pair<QPDFObjGen, std::string>> objects_;
  std::map<QPDFObjGen, std::uint64_t> begins_;
  std::string out_;
};

}  // namespace tsp::pdf
