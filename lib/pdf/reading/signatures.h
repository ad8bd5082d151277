// What the inspection says of signatures and empty fields, read in the jail.
#pragma once

#include "pdf/reading/fields.h"

namespace tsp::pdf {

// Offsets of objects in the file, from qpdf's merged cross-reference.
class ObjectPlaces {
 public:
  explicit ObjectPlaces(const Opened& document);
  // Nothing for an object inside an object stream, or that is not there.
  std::optional<std::uint64_t> offset(QPDFObjGen object) const;
  int highest() const { return highest_; }
  const std::map<QPDFObjGen, QPDFXRefEntry>& entries() const { return entries_; }

 private:
  std::map<QPDFObjGen, QPDFXRefEntry> entries_;
  std::uint64_t header_offset_;
  int highest_ = 0;
};

SignatureEntry read_signature(Opened& document, const ObjectPlaces& places, const Field& field,
                              WidgetPages& pages);
EmptyField read_empty_field(const Field& field, WidgetPages& pages);

// Through /Perms /DocMDP; nothing when the document is not certified.
std::optional<int> document_certification(const Opened& document);

}  // namespace tsp::pdf
