// References to objects that are not there. ISO 32000-1 7.3.10 calls such a value null, but only
// until somebody takes the number: a revision that did would put its signature, field or
// appearance where the document refers to nothing.
#pragma once

#include "pdf/reading/fields.h"
#include "pdf/reading/signatures.h"

namespace tsp::pdf {

// The highest object number that the catalog, the form, the pages and the fields with their parents
// and widgets refer to, at least 0. Does NOT look into other objects: contents, resources, what
// annotations other than widgets hold.
int highest_reference(Opened& document, const ObjectPlaces& places, const PageTree& pages,
                      const FieldTree& fields);

}  // namespace tsp::pdf
