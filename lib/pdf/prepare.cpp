// The revision that adds a signature with a hole, planned inside the jail.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pdf/codec.h"
#include "pdf/geometry.h"
#include "pdf/import.h"
#include "pdf/numbers.h"
#include "pdf/parsers.h"
#include "pdf/permissions.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kContentsLimit = std::size_t{4} << 20;
constexpr int kNewFlags = 4 | 128;  // Print, Locked: Table 165
// Room for three numbers of 20 digits.
constexpr std::size_t kByteRangeWidth = 64;

class Plan {
 public:
  Plan(Opened& document, const PrepareRequest& request)
      : document_(document),
        request_(request),
        order_(request.order),
        encryption_(*document.objects, document.name),
        places_(document),
        revision_(document, places_),
        tree_(read_pages(document)),
        fields_(read_fields(document)),
        pages_(tree_) {}

  PreparedRevision run() {
    check_order();
    refuse_xfa();
    choose_field();
    check_permissions();
    if (document_.repaired && !signatures_.empty())
      refuse(Fault::policy_refused,
             "it is damaged and signed: signing it would break what it holds",
             "ask for a sound copy");
    signature_ = revision_.reserve();
    if (existing_ != nullptr)
      fill_field();
    else
      add_field();
    put_signature();
    put_catalog();
    if (document_.lost_something() && !order_.allow_damaged)
      refuse(Fault::bad_input, "parts of it cannot be read and would be lost",
             "ask for a sound copy, or use --allow-damaged");
    return finished();
  }

 private:
  [[noreturn]] void refuse(Fault fault, const std::string& why, const std::string& next) const {
    throw Error(fault, "cannot sign " + document_.name, why, "nothing was changed; " + next);
  }

  ObjectWriter writer(QPDFObjGen owner) const { return {encryption_, owner}; }

  void check_order() const {
    const bool known = order_.type == "Sig" || order_.type == "DocTimeStamp";
    const auto name_char = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
    };
    if (!known || order_.sub_filter.empty() ||
        !std::all_of(order_.sub_filter.begin(), order_.sub_filter.end(), name_char) ||
        order_.contents_size == 0 || order_.contents_size > kContentsLimit ||
        (order_.certification && (*order_.certification < 1 || *order_.certification > 3)))
      refuse(Fault::usage, "the order makes no sense", "correct it");
  }

  void refuse_xfa() const {
    QPDFObjectHandle form = get(document_.catalog(), "/AcroForm");
    if (!get(form, "/XFA").isNull())
      refuse(Fault::policy_refused,
             "it has an XFA form, which viewers draw anew over the signature",
             "print it to a plain PDF and sign that");
  }

  bool time_stamp() const { return order_.type == "DocTimeStamp"; }

  void choose_field() {
    field_name_ = order_.field.empty() ? free_name() : order_.field;
    for (const Field& field : fields_.fields) {
      QPDFObjectHandle value = field.value;
      if (field.name != field_name_) continue;
      if (existing_ != nullptr)
        refuse(Fault::bad_input, "two of its fields are named " + printable(field_name_),
               "choose another field");
      if (field.type != "Sig")
        refuse(Fault::already_exists,
               "its field " + printable(field_name_) + " is not one for signatures",
               "choose another field");
      if (!value.isNull())
        refuse(Fault::already_exists, "its field " + printable(field_name_) + " is signed already",
               "choose another field");
      existing_ = &field;
    }
    if (existing_ != nullptr) return;
    if (fields_.has(field_name_))
      refuse(Fault::already_exists, "other fields stand below the name " + printable(field_name_),
             "choose another field");
    if (field_name_.find('.') != std::string::npos)
      refuse(Fault::bad_input, "the name of a new field may not contain a full stop",
             "choose another field");
  }

  std::string free_name() const {
    const std::string stem = time_stamp() ? "Timestamp" : "Signature";
    for (int i = 1;; ++i)
      if (std::string name = stem + std::to_string(i); !fields_.has(name)) return name;
  }

  void check_permissions() {
    for (const Field& field : fields_.fields) {
      QPDFObjectHandle value = field.value;
      if (field.type == "Sig" && value.isDictionary())
        signatures_.push_back(read_signature(document_, places_, field, pages_));
    }
    const bool visible = order_.placement && !order_.appearance.empty();
    check_allowed(document_.name, signatures_, document_certification(document_),
                  {field_name_, existing_ == nullptr, visible, time_stamp(), order_.certification});
  }

  const Page& page(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > tree_.pages.size())
      refuse(Fault::bad_input,
             tree_.pages.empty()
                 ? "it has no page"
                 : fmt::format("it has no page {}, only {}", number, tree_.pages.size()),
             "choose another page");
    return tree_.pages[static_cast<std::size_t>(number) - 1];
  }

  std::string appearance(int rotation) {
    const QPDFObjGen form = import_appearance(order_.appearance, rotation, encryption_, revision_);
    return "<</N " + reference(form) + ">>";
  }

  // An existing field keeps all it has, its place included.
  void fill_field() {
    QPDFObjectHandle object = existing_->object, widget = existing_->widgets.front();
    if (!object.isIndirect()) throw damaged_error(document_.name, "a field of it is not an object");
    lock_ = lock_of(object.getKey("/Lock"));
    Overrides field{{"/V", reference(signature_)}}, look;
    if (!order_.appearance.empty() && box_of(widget.getKey("/Rect"))) {
      const int number = pages_.of(widget);
      look["/AP"] = appearance(number == 0 ? 0 : page(number).rotation);
    }
    const bool merged = widget.getObjGen() == object.getObjGen();
    if (merged) field.merge(look);
    revision_.put(object.getObjGen(), writer(object.getObjGen()).dictionary(object, field));
    if (!merged && !look.empty() && widget.isIndirect())
      revision_.put(widget.getObjGen(), writer(widget.getObjGen()).dictionary(widget, look));
    put_form({});
  }

  void add_field() {
    const Page& on = page(order_.placement ? order_.placement->page : 1);
    QPDFObjectHandle object = on.object;
    if (!object.isIndirect()) throw damaged_error(document_.name, "a page of it is not an object");
    const QPDFObjGen field = revision_.reserve();
    Overrides entries{{"/Type", "/Annot"},
                      {"/Subtype", "/Widget"},
                      {"/FT", "/Sig"},
                      {"/F", std::to_string(kNewFlags)},
                      {"/T", writer(field).text(field_name_)},
                      {"/V", reference(signature_)},
                      {"/P", reference(object.getObjGen())},
                      {"/Rect", "[0 0 0 0]"}};
    if (order_.placement) entries["/Rect"] = box_array(placed(on, *order_.placement));
    if (order_.placement && !order_.appearance.empty()) entries["/AP"] = appearance(on.rotation);
    revision_.put(field, writer(field).dictionary(QPDFObjectHandle::newNull(), entries));
    put_annotation(object, reference(field));
    put_form(reference(field));
  }

  void put_annotation(QPDFObjectHandle object, const std::string& widget) {
    QPDFObjectHandle annotations = object.getKey("/Annots");
    if (!annotations.isArray() && !annotations.isNull())
      throw damaged_error(document_.name, "the annotations of a page are no list");
    if (annotations.isArray() && annotations.isIndirect()) {
      const QPDFObjGen owner = annotations.getObjGen();
      revision_.put(owner, writer(owner).array(annotations, widget));
      return;
    }
    const QPDFObjGen owner = object.getObjGen();
    const std::string list = writer(owner).array(annotations, widget);
    revision_.put(owner, writer(owner).dictionary(object, {{"/Annots", list}}));
  }

  // Puts a new field into /Fields and sets /SigFlags: SignaturesExist, AppendOnly.
  void put_form(const std::string& new_field) {
    QPDFObjectHandle form = get(document_.catalog(), "/AcroForm");
    const auto flags = integer_of(get(form, "/SigFlags")).value_or(0);
    Overrides changes;
    if ((flags & 3) != 3 || flags > 3 || flags < 0) changes["/SigFlags"] = "3";
    const bool direct = form.isDictionary() && !form.isIndirect();
    const QPDFObjGen owner = direct                ? document_.catalog().getObjGen()
                             : form.isDictionary() ? form.getObjGen()
                                                   : revision_.reserve();
    QPDFObjectHandle list = get(form, "/Fields");
    if (!new_field.empty() && list.isArray() && list.isIndirect())
      revision_.put(list.getObjGen(), writer(list.getObjGen()).array(list, new_field));
    else if (!new_field.empty())
      changes["/Fields"] = writer(owner).array(list, new_field);
    if (changes.empty()) return;
    const std::string written = writer(owner).dictionary(form, changes);
    if (direct) {
      catalog_["/AcroForm"] = written;
      return;
    }
    revision_.put(owner, written);
    if (!form.isDictionary()) catalog_["/AcroForm"] = reference(owner);
  }

  // Transform methods: certification, and the lock that the field asks for.
  std::string references() const {
    const ObjectWriter write = writer(signature_);
    const auto permissions = order_.certification ? order_.certification
                             : lock_              ? lock_->permissions
                                                  : std::nullopt;
    std::string out;
    if (permissions)
      out += fmt::format(
          "<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
          "<</Type/TransformParams/P {}/V/1.2>>>>",
          *permissions);
    if (lock_) {
      constexpr const char* kActions[] = {"/All", "/Include", "/Exclude"};
      std::string names;
      for (const std::string& field : lock_->fields) names += write.text(field);
      out += fmt::format(
          "<</Type/SigRef/TransformMethod/FieldMDP/Data {}/TransformParams"
          "<</Type/TransformParams/Action{}/Fields[{}]/V/1.2>>>>",
          reference(document_.catalog().getObjGen()), kActions[static_cast<int>(lock_->action)],
          names);
    }
    return out.empty() ? out : "/Reference[" + out + "]\n";
  }

  void put_signature() {
    const ObjectWriter write = writer(signature_);
    std::string body = fmt::format("<</Type/{}/Filter/Adobe.PPKLite/SubFilter/{}\n/ByteRange",
                                   order_.type, order_.sub_filter);
    byte_range_at_ = body.size();
    body += std::string(kByteRangeWidth, ' ') + "\n/Contents";
    contents_at_ = body.size();
    body += "<" + std::string(order_.contents_size * 2, '0') + ">\n";
    if (order_.date) body += "/M" + write.octets("D:" + to_generalized_time(*order_.date)) + "\n";
    const auto add = [&](const char* key, const std::string& text) {
      if (!text.empty()) body += key + write.text(text) + "\n";
    };
    add("/Name", order_.name);
    add("/Reason", order_.reason);
    add("/Location", order_.location);
    add("/ContactInfo", order_.contact);
    revision_.put(signature_, body + references() + ">>");
  }

  void put_catalog() {
    QPDFObjectHandle catalog = document_.catalog();
    if (!catalog.isIndirect()) throw damaged_error(document_.name, "its catalog is not an object");
    if (order_.certification) {
      QPDFObjectHandle old = catalog.getKey("/Perms");
      const Overrides permission{{"/DocMDP", reference(signature_)}};
      const QPDFObjGen owner =
          old.isDictionary() && old.isIndirect() ? old.getObjGen() : catalog.getObjGen();
      const std::string written = writer(owner).dictionary(old, permission);
      if (owner == catalog.getObjGen())
        catalog_["/Perms"] = written;
      else
        revision_.put(owner, written);
    }
    if (catalog_.empty()) return;
    const QPDFObjGen owner = catalog.getObjGen();
    revision_.put(owner, writer(owner).dictionary(catalog, catalog_));
  }

  PreparedRevision finished() {
    RevisionWriter::Result result = revision_.finish(request_.identifier);
    const std::uint64_t body =
        result.octets.find("<<", result.begins.at(signature_));  // behind "n g obj"
    PreparedRevision out;
    out.field = field_name_;
    out.original_size = document_.frame.size;
    ByteRange& range = out.byte_range;
    range.first_end = out.original_size + body + contents_at_;
    range.second_begin = range.first_end + 2 * order_.contents_size + 2;
    range.file_end = out.original_size + result.octets.size();
    const std::string numbers = byte_range_text(range);
    result.octets.replace(body + byte_range_at_, numbers.size(), numbers);
    out.octets = to_bytes(as_bytes(result.octets));
    return out;
  }

  Opened& document_;
  const PrepareRequest& request_;
  const SignatureOrder& order_;
  Encryption encryption_;
  ObjectPlaces places_;
  RevisionWriter revision_;
  PageTree tree_;
  FieldTree fields_;
  WidgetPages pages_;

  const Field* existing_ = nullptr;
  std::string field_name_;
  std::optional<FieldLock> lock_;
  std::vector<SignatureEntry> signatures_;
  QPDFObjGen signature_;
  Overrides catalog_;
  std::size_t byte_range_at_ = 0, contents_at_ = 0;  // within the signature's body
};

}  // namespace

Bytes prepare_parser(int file, ByteView octets) {
  const PrepareRequest request = decode_prepare_request(octets);
  const auto document = open_document(
      file, request.name, request.order.allow_damaged ? Repair::attempt : Repair::refuse);
  return guarded(request.name, [&] { return encode(Plan(*document, request).run()); });
}

}  // namespace tsp::pdf
