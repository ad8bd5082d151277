#include "pdf/reading/references.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace tsp::pdf {
namespace {

constexpr int kMostParents = 100;
constexpr std::uint64_t kMostOctets = 1 << 20;  // of one object that are looked at

// The highest N of "N G R" in the octets of an object. A string that looks like one counts too:
// then a higher number is taken than need be.
class Mentioned {
 public:
  void read(std::string_view text) {
    for (const char c : text) {
      if (c >= '0' && c <= '9') {
        if (!in_number_) before_ = last_, last_ = 0;
        in_number_ = true;
        last_ = std::min(last_ * 10 + (c - '0'), kTooHigh);
        continue;
      }
      const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
      if (c == 'R' && !in_number_ && last_ >= 0 && before_ >= 0 && before_ < kTooHigh)
        number_ = std::max(number_, static_cast<int>(before_));
      if (!blank) before_ = last_ = -1;
      in_number_ = false;
    }
  }
  int number() const { return number_; }

 private:
  static constexpr long long kTooHigh = 100'000'000;  // no object has such a number
  long long before_ = -1, last_ = -1;
  bool in_number_ = false;
  int number_ = 0;
};

class Highest {
 public:
  Highest(Opened& document, const ObjectPlaces& places) : document_(document), places_(places) {}

  // The object's own references, and those of the arrays and dictionaries that stand in it. qpdf 12
  // reads a reference to what is not there as null, so the octets are asked, too.
  void look_into(QPDFObjectHandle object) {
    look_at_octets(object);
    if (object.isArray()) {
      for (int i = 0; i < object.getArrayNItems(); ++i) look_at(object.getArrayItem(i));
    } else if (object.isDictionary()) {
      for (const auto& [key, value] : object.getDictAsMap()) look_at(value);
    }
  }

  // Fields stand below few parents: each is looked into once.
  void look_upwards(QPDFObjectHandle field) {
    for (int i = 0; i < kMostParents && field.isDictionary(); ++i) {
      if (field.isIndirect() && !seen_.insert(field.getObjGen()).second) return;
      look_into(field);
      field = get(field, "/Parent");
    }
  }

  int number() const { return std::max(number_, mentioned_.number()); }

 private:
  void look_at_octets(const QPDFObjectHandle& object) {
    if (!object.isIndirect()) return;
    const auto entry = places_.entries().find(object.getObjGen());
    if (entry == places_.entries().end()) return;
    if (const auto offset = places_.offset(object.getObjGen())) {
      mentioned_.read(object_text(*offset));
    } else if (entry->second.getType() == 2 &&
               streams_.insert(entry->second.getObjStreamNumber()).second) {
      QPDFObjectHandle stream = document_.objects->getObject(entry->second.getObjStreamNumber(), 0);
      if (!stream.isStream()) return;
      const auto data = stream.getStreamData(qpdf_dl_generalized);
      mentioned_.read({reinterpret_cast<const char*>(data->getBuffer()), data->getSize()});
    }
  }
  // Up to what ends the object's own dictionary or array.
  std::string object_text(std::uint64_t offset) {
    std::string text;
    while (text.size() < kMostOctets) {
      const std::string piece = document_.window.text(offset + text.size(), kPiece);
      text += piece;
      const auto end = std::min(text.find("endobj"), text.find("stream"));
      if (end != std::string::npos) return text.substr(0, end);
      if (piece.empty()) break;
    }
    return text;
  }

  void look_at(QPDFObjectHandle object) {
    if (object.isIndirect())
      number_ = std::max(number_, object.getObjectID());
    else
      look_into(object);
  }

  static constexpr std::size_t kPiece = 2048;
  Opened& document_;
  const ObjectPlaces& places_;
  Mentioned mentioned_;
  int number_ = 0;
  std::set<QPDFObjGen> seen_;
  std::set<int> streams_;
};

}  // namespace

int highest_reference(Opened& document, const ObjectPlaces& places, const PageTree& pages,
                      const FieldTree& fields) {
  Highest out(document, places);
  const QPDFObjectHandle catalog = document.catalog();
  out.look_into(catalog);
  out.look_into(get(catalog, "/AcroForm"));
  out.look_into(get(get(catalog, "/AcroForm"), "/Fields"));
  out.look_into(get(catalog, "/Perms"));
  for (const Page& page : pages.pages) {
    out.look_into(page.object);
    out.look_into(get(page.object, "/Annots"));
  }
  for (const Field& field : fields.fields) {
    out.look_upwards(field.object);
    for (const QPDFObjectHandle& widget : field.widgets) out.look_upwards(widget);
  }
  return out.number();
}

}  // namespace tsp::pdf
