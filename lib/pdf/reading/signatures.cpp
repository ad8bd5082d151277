#include "pdf/reading/signatures.h"

#include <algorithm>
#include <cmath>

#include "pdf/numbers.h"

namespace tsp::pdf {
namespace {

constexpr int kRangeLimit = 1000;  // in a /ByteRange as written
constexpr int kReferenceLimit = 100;

std::vector<std::int64_t> numbers_of(QPDFObjectHandle array) {
  std::vector<std::int64_t> out;
  const int count = array.isArray() ? array.getArrayNItems() : 0;
  for (int i = 0; i < std::min(count, kRangeLimit); ++i) {
    const auto value = integer_of(array.getArrayItem(i));
    if (!value) return {};
    out.push_back(*value);
  }
  return out;
}

// DocMDP /P: 2 when it is absent (Table 254).
int permission_level(QPDFObjectHandle parameters) {
  const auto value = integer_of(get(parameters, "/P"));
  return value && *value >= 1 && *value <= 3 ? static_cast<int>(*value) : 2;
}

void read_references(QPDFObjectHandle dictionary, SignatureEntry& entry) {
  QPDFObjectHandle references = dictionary.getKey("/Reference");
  const int count = references.isArray() ? references.getArrayNItems() : 0;
  for (int i = 0; i < std::min(count, kReferenceLimit); ++i) {
    QPDFObjectHandle reference = references.getArrayItem(i);
    const std::string method = name_of(get(reference, "/TransformMethod"));
    QPDFObjectHandle parameters = get(reference, "/TransformParams");
    if (method == "DocMDP" && !entry.certification)
      entry.certification = permission_level(parameters);
    if (method == "FieldMDP" && !entry.field_mdp) entry.field_mdp = lock_of(parameters);
  }
}

// Where the octets of the signature stand. Outside the jail they are taken from there
// (accept_inspection): qpdf would decrypt what is never encrypted, and ten thousand of them are no
// answer to get out of a jail.
void read_contents(Opened& document, const ObjectPlaces& places, const Field& field,
                   SignatureEntry& entry) {
  QPDFObjectHandle dictionary = field.value;
  QPDFObjectHandle holder = dictionary.isIndirect() ? dictionary : field.object;
  if (holder.isIndirect()) {
    const auto at = places.offset(holder.getObjGen());
    const std::string key = dictionary.isIndirect() ? "" : "V";
    const auto gap =
        at ? find_gap(document.window, *at, static_cast<std::uint64_t>(holder.getObjectID()), key)
           : std::nullopt;
    if (gap) {
      entry.gap_begin = gap->begin;
      entry.gap_end = gap->end;
      return;
    }
  }
  QPDFObjectHandle contents = dictionary.getKey("/Contents");
  if (contents.isString()) entry.contents = to_bytes(as_bytes(contents.getStringValue()));
}

struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0;
};

Rectangle rectangle_of(QPDFObjectHandle widget) {
  const auto box = box_of(widget.getKey("/Rect"));
  if (!box) return {};
  return {(*box)[0], (*box)[1], (*box)[2] - (*box)[0], (*box)[3] - (*box)[1]};
}

// Shown by a viewer: on a page, with an area, neither Invisible, Hidden nor NoView (Table 165).
bool is_visible(QPDFObjectHandle widget, int page) {
  const Rectangle rectangle = rectangle_of(widget);
  const auto flags = integer_of(widget.getKey("/F")).value_or(0);
  return page > 0 && rectangle.width > 0 && (flags & (1 | 2 | 32)) == 0;
}

}  // namespace

ObjectPlaces::ObjectPlaces(const Opened& document)
    : entries_(document.objects->getXRefTable()), header_offset_(document.frame.header_offset) {
  if (!entries_.empty()) highest_ = entries_.rbegin()->first.getObj();
}

std::optional<std::uint64_t> ObjectPlaces::offset(QPDFObjGen object) const {
  const auto entry = entries_.find(object);
  if (entry == entries_.end() || entry->second.getType() != 1) return std::nullopt;
  const qpdf_offset_t offset = entry->second.getOffset();
  if (offset < 0) return std::nullopt;
  return header_offset_ + static_cast<std::uint64_t>(offset);
}

SignatureEntry read_signature(Opened& document, const ObjectPlaces& places, const Field& field,
                              WidgetPages& pages) {
  QPDFObjectHandle dictionary = field.value;
  SignatureEntry entry;
  entry.field = field.name;
  entry.type = name_of(dictionary.getKey("/Type"));
  if (entry.type.empty()) entry.type = "Sig";
  entry.filter = name_of(dictionary.getKey("/Filter"));
  entry.sub_filter = name_of(dictionary.getKey("/SubFilter"));
  entry.raw_byte_range = numbers_of(dictionary.getKey("/ByteRange"));
  entry.byte_range = sound_byte_range(entry.raw_byte_range, document.frame.size);
  read_contents(document, places, field, entry);
  entry.name = text_of(dictionary.getKey("/Name"));
  entry.reason = text_of(dictionary.getKey("/Reason"));
  entry.location = text_of(dictionary.getKey("/Location"));
  entry.contact = text_of(dictionary.getKey("/ContactInfo"));
  entry.date = text_of(dictionary.getKey("/M"));
  read_references(dictionary, entry);
  QPDFObjectHandle object = field.object;
  entry.lock = lock_of(object.getKey("/Lock"));
  entry.has_cert_key = dictionary.hasKey("/Cert");
  entry.page = pages.of(field.widgets.front());
  entry.visible = is_visible(field.widgets.front(), entry.page);
  return entry;
}

EmptyField read_empty_field(const Field& field, WidgetPages& pages) {
  EmptyField empty;
  empty.name = field.name;
  QPDFObjectHandle object = field.object;
  empty.lock = lock_of(object.getKey("/Lock"));
  empty.page = pages.of(field.widgets.front());
  const Rectangle rectangle = rectangle_of(field.widgets.front());
  empty.x = rectangle.x;
  empty.y = rectangle.y;
  empty.width = rectangle.width;
  empty.height = rectangle.height;
  return empty;
}

std::optional<int> document_certification(const Opened& document) {
  QPDFObjectHandle signature = get(get(document.catalog(), "/Perms"), "/DocMDP");
  if (!signature.isDictionary()) return std::nullopt;
  SignatureEntry entry;
  read_references(signature, entry);
  return entry.certification.value_or(2);
}

}  // namespace tsp::pdf
