// The one-page PDF of a visible signature as a form XObject, ISO 32000-1 8.10.
#pragma once

#include "pdf/reading/revision_writer.h"

namespace tsp::pdf {

// Puts everything that the page needs into the revision, under new numbers, and returns the form.
// The form's /BBox is the page; `rotation` is that of the page it will stand on. Error{bad_input}
// when `appearance` is no PDF of one page, or needs more than 1000 objects. It was drawn by us;
// nevertheless it is read in the jail.
QPDFObjGen import_appearance(ByteView appearance, int rotation, const Encryption& encryption,
                             RevisionWriter& revision);

}  // namespace tsp::pdf
