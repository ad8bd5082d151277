// The inspection, inside the jail.
#include <algorithm>

#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "pdf/reading/security_store.h"
#include "pdf/reading/signatures.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kSignedFieldLimit = 10000;

// Versions are compared as major and minor numbers: 1.10 never was, 2.0 is greater than 1.7.
std::string greater_version(const std::string& a, const std::string& b) {
  const auto key = [](const std::string& v) {
    return v.size() == 3 && v[1] == '.' ? v[0] * 256 + v[2] : 0;
  };
  return key(b) > key(a) ? b : a;
}

// As far as the octets go: a signature without a sound byte range stands last.
std::uint64_t order_of(const SignatureEntry& entry) {
  return entry.byte_range ? entry.byte_range->file_end : ~std::uint64_t{0};
}

void read_form(Opened& document, const PageTree& tree, Inspection& out) {
  const FieldTree fields = read_fields(document);
  const ObjectPlaces places(document);
  WidgetPages pages(tree);
  for (const Field& field : fields.fields) {
    if (field.type != "Sig") continue;
    if (out.signatures.size() + out.empty_fields.size() >= kSignedFieldLimit)
      throw damaged_error(document.name, "it has too many signature fields");
    QPDFObjectHandle value = field.value;
    if (value.isDictionary())
      out.signatures.push_back(read_signature(document, places, field, pages));
    else
      out.empty_fields.push_back(read_empty_field(field, pages));
  }
  std::stable_sort(
      out.signatures.begin(), out.signatures.end(),
      [](const SignatureEntry& a, const SignatureEntry& b) { return order_of(a) < order_of(b); });
}

Inspection inspect_opened(Opened& document) {
  Inspection out;
  out.size = document.frame.size;
  out.version =
      greater_version(document.frame.header_version, name_of(get(document.catalog(), "/Version")));
  out.encrypted = document.objects->isEncrypted();
  out.damage = document.frame.damage;
  out.damaged = !out.damage.empty();
  out.revisions = document.frame.revisions;
  const PageTree tree = read_pages(document);
  out.pages = static_cast<int>(tree.pages.size());
  read_form(document, tree, out);
  out.certification = document_certification(document);
  out.has_xfa = !get(get(document.catalog(), "/AcroForm"), "/XFA").isNull();
  out.dss = read_dss(document);
  return out;
}

}  // namespace

Bytes inspect_parser(int file, ByteView request, const jail::More&) {
  const std::string name(as_text(request));
  const auto document = open_document(file, name, Repair::attempt);
  return guarded(name, [&] { return encode(inspect_opened(*document)); });
}

}  // namespace tsp::pdf
