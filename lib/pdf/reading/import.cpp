#include "pdf/reading/import.h"

#include <deque>
#include <qpdf/Buffer.hh>

#include "pdf/reading/geometry.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kObjectLimit = 1000;
constexpr const char* kName = "the drawn signature";

std::string text_of(const std::shared_ptr<Buffer>& buffer) {
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

class Import {
 public:
  Import(ByteView appearance, const Encryption& encryption, RevisionWriter& revision)
      : encryption_(encryption), revision_(revision) {
    source_.setSuppressWarnings(true);
    source_.setAttemptRecovery(false);
    source_.processMemoryFile(kName, reinterpret_cast<const char*>(appearance.data()),
                              appearance.size());
  }

  QPDFObjGen run(int rotation) {
    QPDFObjectHandle page = only_page();
    const QPDFObjGen form = revision_.reserve();
    const ObjectWriter writer = writer_for(form);
    Overrides entries{{"/Type", "/XObject"},
                      {"/Subtype", "/Form"},
                      {"/BBox", box_array(box_of(page.getKey("/MediaBox")).value_or(Box{}))},
                      {"/Matrix", upright(rotation)},
                      {"/Resources", writer.value(page.getKey("/Resources"))}};
    const std::string body = content(page, entries);  // adds to entries: so it goes first
    revision_.put(form, writer.stream(entries, body));
    while (!waiting_.empty()) {
      const QPDFObjGen next = waiting_.front();
      waiting_.pop_front();
      copy(next);
    }
    return form;
  }

 private:
  QPDFObjectHandle only_page() {
    QPDFObjectHandle kids = get(get(source_.getRoot(), "/Pages"), "/Kids");
    if (!kids.isArray() || kids.getArrayNItems() != 1 || !kids.getArrayItem(0).isDictionary())
      throw damaged_error(kName, "it is not one page");
    return kids.getArrayItem(0);
  }

  // One stream is taken as it is; several are joined.
  std::string content(QPDFObjectHandle page, Overrides& entries) {
    QPDFObjectHandle contents = page.getKey("/Contents");
    if (contents.isStream()) {
      QPDFObjectHandle dictionary = contents.getDict();
      const ObjectWriter writer = writer_for({});
      for (const char* key : {"/Filter", "/DecodeParms"})
        if (dictionary.hasKey(key)) entries[key] = writer.value(dictionary.getKey(key));
      return text_of(contents.getRawStreamData());
    }
    std::string joined;
    const int count = contents.isArray() ? contents.getArrayNItems() : 0;
    for (int i = 0; i < count; ++i)
      joined += text_of(contents.getArrayItem(i).getStreamData(qpdf_dl_generalized)) + "\n";
    return joined;
  }

  ObjectWriter writer_for(QPDFObjGen owner) {
    return {encryption_, owner, [this](QPDFObjGen old) { return reference(renumbered(old)); }};
  }

  QPDFObjGen renumbered(QPDFObjGen old) {
    const auto known = numbers_.find(old);
    if (known != numbers_.end()) return known->second;
    if (numbers_.size() >= kObjectLimit) throw damaged_error(kName, "it has too many objects");
    waiting_.push_back(old);
    return numbers_[old] = revision_.reserve();
  }

  // What an indirect object is, not a reference to it.
  static std::string own_value(const ObjectWriter& writer, QPDFObjectHandle object) {
    if (object.isDictionary()) return writer.dictionary(object, {});
    if (object.isArray()) return writer.array(object);
    if (object.isString()) return writer.octets(object.getStringValue());
    return object.unparseResolved();
  }

  void copy(QPDFObjGen old) {
    QPDFObjectHandle object = source_.getObject(old);
    const QPDFObjGen owner = numbers_.at(old);
    const ObjectWriter writer = writer_for(owner);
    if (!object.isStream()) {
      revision_.put(owner, own_value(writer, object));
      return;
    }
    QPDFObjectHandle dictionary = object.getDict();
    Overrides entries;
    for (const std::string& key : dictionary.getKeys())
      if (key != "/Length") entries[key] = writer.value(dictionary.getKey(key));
    revision_.put(owner, writer.stream(entries, text_of(object.getRawStreamData())));
  }

  QPDF source_;
  const Encryption& encryption_;
  RevisionWriter& revision_;
  std::map<QPDFObjGen, QPDFObjGen> numbers_;
  std::deque<QPDFObjGen> waiting_;
};

}  // namespace

QPDFObjGen import_appearance(ByteView appearance, int rotation, const Encryption& encryption,
                             RevisionWriter& revision) {
  return guarded(kName, [&] { return Import(appearance, encryption, revision).run(rotation); });
}

}  // namespace tsp::pdf
