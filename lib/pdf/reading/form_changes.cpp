#include "pdf/reading/form_changes.h"

namespace tsp::pdf {

void FormChanges::add_annotation(QPDFObjectHandle page, QPDFObjGen widget) {
  QPDFObjectHandle list = page.getKey("/Annots");
  if (!list.isArray() && !list.isNull())
    throw damaged_error(document_.name, "the annotations of a page are no list");
  const bool apart = list.isArray() && list.isIndirect();
  const QPDFObjGen owner = apart ? list.getObjGen() : page.getObjGen();
  const std::string written = writer(owner).array(list, reference(widget));
  revision_.put(owner, apart ? written : writer(owner).dictionary(page, {{"/Annots", written}}));
}

void FormChanges::add_to_form(std::optional<QPDFObjGen> field) {
  QPDFObjectHandle form = get(document_.catalog(), "/AcroForm");
  const bool direct = form.isDictionary() && !form.isIndirect();
  const QPDFObjGen owner = direct                ? document_.catalog().getObjGen()
                           : form.isDictionary() ? form.getObjGen()
                                                 : revision_.reserve();
  Overrides changes;
  if (integer_of(get(form, "/SigFlags")) != 3) changes["/SigFlags"] = "3";
  QPDFObjectHandle list = get(form, "/Fields");
  if (field && list.isArray() && list.isIndirect())
    revision_.put(list.getObjGen(), writer(list.getObjGen()).array(list, reference(*field)));
  else if (field)
    changes["/Fields"] = writer(owner).array(list, reference(*field));
  if (changes.empty()) return;
  const std::string written = writer(owner).dictionary(form, changes);
  if (direct)
    catalog_["/AcroForm"] = written;
  else
    revision_.put(owner, written);
  if (!form.isDictionary()) catalog_["/AcroForm"] = reference(owner);
}

void FormChanges::certify(QPDFObjGen signature) {
  QPDFObjectHandle old = get(document_.catalog(), "/Perms");
  const bool apart = old.isDictionary() && old.isIndirect();
  const QPDFObjGen owner = apart ? old.getObjGen() : document_.catalog().getObjGen();
  const std::string written = writer(owner).dictionary(old, {{"/DocMDP", reference(signature)}});
  if (apart)
    revision_.put(owner, written);
  else
    catalog_["/Perms"] = written;
}

void FormChanges::finish() {
  if (catalog_.empty()) return;
  QPDFObjectHandle catalog = document_.catalog();
  if (!catalog.isIndirect()) throw damaged_error(document_.name, "its catalog is not an object");
  revision_.put(catalog.getObjGen(), writer(catalog.getObjGen()).dictionary(catalog, catalog_));
}

}  // namespace tsp::pdf
