// The revision that adds a signature with a hole, planned inside the jail.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pdf/codec.h"
#include "pdf/numbers.h"
#include "pdf/parsers.h"
#include "pdf/reading/form_changes.h"
#include "pdf/reading/geometry.h"
#include "pdf/reading/import.h"
#include "pdf/reading/permissions.h"
#include "pdf/reading/prepare_plan.h"
#include "pdf/reading/references.h"
#include "pdf/reading/signature_object.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kReservedLimit = std::size_t{4} << 20;
constexpr int kNewFlags = 4 | 128;  // Print, Locked: Table 165

// What is to be known of the document whatever is planned.
struct Survey {
  explicit Survey(Opened& document)
      : encryption(*document.objects, document.name),
        places(document),
        tree(read_pages(document)),
        fields(read_fields(document)) {}

  Encryption encryption;
  ObjectPlaces places;
  PageTree tree;
  FieldTree fields;
};

class Plan {
 public:
  Plan(Opened& document, Survey& survey, const PrepareRequest& request, Damaged damaged)
      : document_(document),
        request_(request),
        order_(request.order),
        encryption_(survey.encryption),
        places_(survey.places),
        tree_(survey.tree),
        fields_(survey.fields),
        revision_(document, places_),
        changes_(document, encryption_, revision_),
        pages_(tree_),
        damaged_(damaged) {}

  PreparedRevision run() {
    check_order();
    refuse_xfa();
    choose_field();
    check_permissions();
    if (document_.repaired && !signatures_.empty())
      refuse(Fault::policy_refused,
             "it is damaged and signed: signing it would break what it holds",
             "ask for a sound copy");
    revision_.stay_above(highest_reference(document_, places_, tree_, fields_));
    signature_ = revision_.reserve();
    if (existing_ != nullptr)
      fill_field();
    else
      add_field();
    const SignatureObject object =
        signature_object(order_, lock_, writer(signature_), document_.catalog().getObjGen());
    revision_.put(signature_, object.body);
    if (order_.certification) changes_.certify(signature_);
    changes_.finish();
    if (document_.lost_something() && damaged_ == Damaged::refuse)
      refuse(Fault::bad_input, "parts of it cannot be read and would be lost",
             "ask for a sound copy, or use --allow-damaged");
    return finished(object);
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
        order_.contents_size == 0 || order_.contents_size > kReservedLimit ||
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
    const bool visible = order_.placement.has_value();
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
    changes_.add_to_form({});
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
    changes_.add_annotation(object, field);
    changes_.add_to_form(field);
  }

  PreparedRevision finished(const SignatureObject& object) {
    RevisionWriter::Result result = revision_.finish(request_.identifier);
    const std::uint64_t body =
        result.octets.find("<<", result.begins.at(signature_));  // behind "n g obj"
    PreparedRevision out;
    out.field = field_name_;
    out.original_size = document_.frame.size;
    out.pages = static_cast<int>(tree_.pages.size());
    ByteRange& range = out.byte_range;
    range.first_end = out.original_size + body + object.contents_at;
    range.second_begin = range.first_end + 2 * order_.contents_size + 2;
    range.file_end = out.original_size + result.octets.size();
    const std::string numbers = byte_range_text(range);
    result.octets.replace(body + object.byte_range_at, numbers.size(), numbers);
    out.octets = to_bytes(as_bytes(result.octets));
    return out;
  }

  Opened& document_;
  const PrepareRequest& request_;
  const SignatureOrder& order_;
  Encryption& encryption_;
  ObjectPlaces& places_;
  PageTree& tree_;
  FieldTree& fields_;
  RevisionWriter revision_;
  FormChanges changes_;
  WidgetPages pages_;
  Damaged damaged_;

  const Field* existing_ = nullptr;
  std::string field_name_;
  std::optional<FieldLock> lock_;
  std::vector<SignatureEntry> signatures_;
  QPDFObjGen signature_;
};

}  // namespace

PreparedRevision plan_signature(Opened& document, const PrepareRequest& request) {
  Survey survey(document);
  return Plan(document, survey, request, Damaged::refuse).run();
}

// The document is read while the caller finds out what its signature will say.
Bytes prepare_parser(int file, ByteView octets, const jail::More& more) {
  const PrepareOpening opening = decode_prepare_opening(octets);
  const auto damaged = opening.allow_damaged ? Damaged::allow : Damaged::refuse;
  const auto document = open_document(file, opening.name,
                                      damaged == Damaged::allow ? Repair::attempt : Repair::refuse);
  return guarded(opening.name, [&] {
    Survey survey(*document);
    const PrepareRequest request = decode_prepare_request(more());
    return encode(Plan(*document, survey, request, damaged).run());
  });
}

}  // namespace tsp::pdf
