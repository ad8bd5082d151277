// What a signature changes around its field: the page's annotations, the form, the catalog.
#pragma once

#include "pdf/reading/revision_writer.h"

namespace tsp::pdf {

class FormChanges {
 public:
  FormChanges(Opened& document, const Encryption& encryption, RevisionWriter& revision)
      : document_(document), encryption_(encryption), revision_(revision) {}

  // Puts a widget behind the page's annotations: into /Annots where that is an object, else the
  // page is written again with all its keys. Error{bad_input} when /Annots is something else.
  void add_annotation(QPDFObjectHandle page, QPDFObjGen widget);
  // Puts a new field (or none) into /Fields and sets /SigFlags to SignaturesExist and AppendOnly.
  // The form is made where there is none.
  void add_to_form(std::optional<QPDFObjGen> field);
  // /Perms /DocMDP.
  void certify(QPDFObjGen signature);
  // Writes the catalog when it changed. Last.
  void finish();

 private:
  ObjectWriter writer(QPDFObjGen owner) const { return {encryption_, owner}; }
  Opened& document_;
  const Encryption& encryption_;
  RevisionWriter& revision_;
  Overrides catalog_;
};

}  // namespace tsp::pdf
