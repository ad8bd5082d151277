// The revision that adds to the security store, planned inside the jail.
#include <fmt/format.h>

#include <array>
#include <set>

#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "pdf/reading/prepare_plan.h"
#include "pdf/reading/references.h"
#include "pdf/reading/revision_writer.h"
#include "pdf/reading/store_streams.h"

namespace tsp::pdf {
namespace {

// One of the store's three lists, and what a VRI entry calls it.
struct ListName {
  const char* in_store;
  const char* in_entry;
  const char* what;
  std::vector<Bytes> StoreOrder::*content;
  std::vector<int> StoreOrder::Entry::*indices;
};
constexpr std::array kLists{
    ListName{"/Certs", "/Cert", "certificate", &StoreOrder::certificates,
             &StoreOrder::Entry::certificates},
    ListName{"/OCSPs", "/OCSP", "OCSP response", &StoreOrder::ocsp_responses,
             &StoreOrder::Entry::ocsp_responses},
    ListName{"/CRLs", "/CRL", "CRL", &StoreOrder::crls, &StoreOrder::Entry::crls}};

class StorePlan {
 public:
  StorePlan(Opened& document, const StoreRequest& request)
      : document_(document),
        request_(request),
        encryption_(*document.objects, document.name),
        places_(document),
        revision_(document, places_),
        old_(get(document.catalog(), "/DSS")),
        streams_(document) {}

  StoreRevision run() {
    StoreRevision out;
    out.original_size = document_.frame.size;
    check();
    const PageTree pages = read_pages(document_);
    const FieldTree fields = read_fields(document_);
    revision_.stay_above(highest_reference(document_, places_, pages, fields));
    owner_ = old_.isIndirect() ? old_.getObjGen() : revision_.reserve();
    Overrides store{{"/Type", "/DSS"}};
    for (const ListName& list : kLists) put_list(list, store);
    const bool entries = put_entries(store);
    if (streams_.octets() + new_octets_ > kStoreLimit)
      refuse(fmt::format("its security store would come to more than {} MiB", kStoreLimit >> 20),
             "nobody could read it");
    if (added_ == 0 && !entries) return out;
    put_store(store);
    if (document_.lost_something())
      refuse("parts of it cannot be read and would be lost", "ask for a sound copy");
    out.octets = to_bytes(as_bytes(revision_.finish(request_.identifier).octets));
    out.added = added_;
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& why, const std::string& next) const {
    throw Error(Fault::bad_input, "cannot add validation data to " + document_.name, why,
                "nothing was changed; " + next);
  }

  void check() {
    if (!document_.catalog().isIndirect())
      throw damaged_error(document_.name, "its catalog is not an object");
    if (!old_.isNull() && !old_.isDictionary())
      throw damaged_error(document_.name, "its security store is no dictionary");
    if (old_.isIndirect() && old_.getObjGen() == document_.catalog().getObjGen())
      throw damaged_error(document_.name, "its security store is its catalog");
    for (const auto& entry : request_.order.entries)
      for (const ListName& list : kLists)
        for (const int index : entry.*list.indices)
          if (index < 0 || static_cast<std::size_t>(index) >= (request_.order.*list.content).size())
            throw Error(Fault::usage, "cannot add validation data to " + document_.name,
                        "the order makes no sense", "nothing was changed; correct it");
  }

  ObjectWriter writer(QPDFObjGen owner) const { return {encryption_, owner}; }

  // The streams that are there, then those that are new. Remembers where each content stands.
  void put_list(const ListName& list, Overrides& store) {
    QPDFObjectHandle was = get(old_, list.in_store);
    auto& known = known_[list.in_store];
    for (const StoreStream& each : streams_.read(was, list.what))
      known.emplace(each.content, each.object);
    std::string more;
    for (const Bytes& content : request_.order.*list.content) {
      const auto [place, is_new] = known.emplace(content, QPDFObjGen());
      if (!is_new) continue;
      new_octets_ += content.size();
      place->second = revision_.reserve();
      revision_.put(place->second, writer(place->second).stream({}, std::string(as_text(content))));
      more += (more.empty() ? "" : " ") + reference(place->second);
      ++added_;
    }
    if (!more.empty()) store[list.in_store] = writer(owner_).array(was, more);
  }

  // Entries of the order replace those of the same key: they hold what is there, and more.
  bool put_entries(Overrides& store) {
    if (request_.order.entries.empty()) return false;
    QPDFObjectHandle was = get(old_, "/VRI");
    Overrides entries;
    for (const auto& entry : request_.order.entries)
      if (std::string key = name_object(entry.key); !holds(get(was, key), entry))
        entries["/" + entry.key] = entry_text(get(was, key), entry);
    if (entries.empty()) return false;
    store["/VRI"] = writer(owner_).dictionary(was, entries);
    return true;
  }

  std::set<QPDFObjGen> members(QPDFObjectHandle array) const {
    std::set<QPDFObjGen> out;
    const int count = array.isArray() ? std::min(array.getArrayNItems(), kStoreEntryLimit) : 0;
    for (int i = 0; i < count; ++i)
      if (array.getArrayItem(i).isIndirect()) out.insert(array.getArrayItem(i).getObjGen());
    return out;
  }

  // What of the entry the document's lacks, as references.
  std::string lacking(const ListName& list, QPDFObjectHandle was,
                      const StoreOrder::Entry& entry) const {
    std::set<QPDFObjGen> there = members(get(was, list.in_entry));
    std::string out;
    for (const int index : entry.*list.indices) {
      const auto& content = (request_.order.*list.content)[static_cast<std::size_t>(index)];
      const QPDFObjGen object = known_.at(list.in_store).at(content);
      if (there.insert(object).second) out += (out.empty() ? "" : " ") + reference(object);
    }
    return out;
  }

  bool holds(QPDFObjectHandle was, const StoreOrder::Entry& entry) const {
    if (!was.isDictionary()) return false;
    for (const ListName& list : kLists)
      if (!lacking(list, was, entry).empty()) return false;
    return true;
  }

  std::string entry_text(QPDFObjectHandle was, const StoreOrder::Entry& entry) const {
    Overrides lists;
    for (const ListName& list : kLists)
      if (const std::string more = lacking(list, was, entry); !more.empty())
        lists[list.in_entry] = writer(owner_).array(get(was, list.in_entry), more);
    return writer(owner_).dictionary(was, lists);
  }

  void put_store(const Overrides& store) {
    revision_.put(owner_, writer(owner_).dictionary(old_, store));
    if (old_.isIndirect()) return;
    QPDFObjectHandle catalog = document_.catalog();
    revision_.put(catalog.getObjGen(),
                  writer(catalog.getObjGen()).dictionary(catalog, {{"/DSS", reference(owner_)}}));
  }

  Opened& document_;
  const StoreRequest& request_;
  Encryption encryption_;
  ObjectPlaces places_;
  RevisionWriter revision_;
  QPDFObjectHandle old_;
  StoreStreams streams_;
  std::map<std::string, std::map<Bytes, QPDFObjGen>> known_;
  QPDFObjGen owner_;  // the store's own object; a new one where it stood in the catalog or nowhere
  int added_ = 0;
  std::size_t new_octets_ = 0;
};

}  // namespace

Bytes store_parser(int file, ByteView octets, const jail::More&) {
  const StoreRequest request = decode_store_request(octets);
  const auto document = open_document(file, request.name, Repair::refuse);
  return guarded(request.name, [&] {
    StoreRevision out = StorePlan(*document, request).run();
    if (request.stamp) {
      const auto grown = open_document(file, request.name, Repair::refuse, document->frame.size,
                                       as_text(out.octets));
      out.stamp = plan_signature(*grown, {*request.stamp, request.stamp_identifier});
    }
    return encode(out);
  });
}

}  // namespace tsp::pdf
