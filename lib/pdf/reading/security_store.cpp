#include "pdf/reading/security_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "pdf/reading/history.h"
#include "pdf/reading/store_streams.h"
#include "pdf/reading/stream_data.h"

namespace tsp::pdf {
namespace {

// Since when a stream is there, in all its parts.
class Ages {
 public:
  explicit Ages(Opened& document)
      : newest_(document.frame.revisions.empty() ? 0 : document.frame.revisions.size() - 1) {
    if (newest_ == 0) return;  // with one revision there is nothing to tell
    const History history = read_history(document.window, document.frame);
    if (history.damage.empty()) since_.emplace(document.frame, history);
  }

  std::size_t of(QPDFObjectHandle stream) const {
    if (!since_) return newest_;
    std::size_t revision = of_object(stream.getObjGen());
    // /Length, /Filter and what else stands in other objects.
    for (const char* key : {"/Length", "/Filter", "/DecodeParms"})
      revision = std::max(revision, of_part(stream.getDict().getKey(key), kDepth));
    const auto length = integer_of(stream.getDict().getKey("/Length"));
    const qpdf_offset_t begin = stream.getParsedOffset();
    if (!length || *length < 0 || begin < 0) return newest_;
    return std::max(revision, since_->holds(static_cast<std::uint64_t>(begin + *length)));
  }

 private:
  static constexpr int kDepth = 3;  // a list of dictionaries with references

  std::size_t of_part(QPDFObjectHandle value, int depth) const {
    std::size_t revision = value.isIndirect() ? of_object(value.getObjGen()) : 0;
    if (depth == 0) return newest_;
    if (value.isArray())
      for (int i = 0; i < value.getArrayNItems(); ++i)
        revision = std::max(revision, of_part(value.getArrayItem(i), depth - 1));
    if (value.isDictionary())
      for (const std::string& key : value.getKeys())
        revision = std::max(revision, of_part(value.getKey(key), depth - 1));
    return revision;
  }

  std::size_t of_object(QPDFObjGen object) const {
    const auto* place = since_->find(static_cast<std::uint64_t>(object.getObj()));
    if (place == nullptr) return newest_;
    if (place->placed.kind != Placed::Kind::packed) return place->revision;
    const auto* holder = since_->find(place->placed.where);
    return holder == nullptr ? newest_ : std::max(place->revision, holder->revision);
  }

  std::size_t newest_;
  std::optional<Since> since_;
};

class StoreReader {
 public:
  explicit StoreReader(Opened& document) : document_(document), ages_(document) {}

  Dss read(QPDFObjectHandle store) {
    Dss out;
    read(store.getKey("/Certs"), "certificate", out.certificates);
    read(store.getKey("/OCSPs"), "OCSP response", out.ocsp_responses);
    read(store.getKey("/CRLs"), "CRL", out.crls);
    QPDFObjectHandle all = store.getKey("/VRI");
    if (!all.isDictionary()) return out;
    for (const std::string& key : all.getKeys()) {
      QPDFObjectHandle entry = all.getKey(key);
      if (!entry.isDictionary()) continue;
      if (out.vri.size() >= kStoreEntryLimit) refuse("its security store has too many VRI entries");
      out.vri.push_back({to_utf8(key.substr(1)),
                         read(entry.getKey("/Cert"), "certificate", out.certificates),
                         read(entry.getKey("/OCSP"), "OCSP response", out.ocsp_responses),
                         read(entry.getKey("/CRL"), "CRL", out.crls)});
    }
    return out;
  }

 private:
  static std::string to_utf8(const std::string& key) {
    return std::ranges::all_of(key, [](char c) { return c >= ' ' && c < 0x7f; }) ? key : "?";
  }

  // Where the streams of a list stand in `into`, once those that are new have been put there.
  std::vector<std::uint64_t> read(QPDFObjectHandle array, const char* what,
                                  std::vector<DssItem>& into) {
    std::vector<std::uint64_t> out;
    const int count = array.isArray() ? array.getArrayNItems() : 0;
    named_ += static_cast<std::size_t>(count);
    if (count > kStoreEntryLimit || named_ > kNameLimit)
      refuse(fmt::format("its security store has too many {}s", what));
    for (int i = 0; i < count; ++i) {
      QPDFObjectHandle stream = array.getArrayItem(i);
      if (!stream.isStream()) continue;
      const std::pair key{&into, stream.getObjGen()};
      auto known = known_.find(key);
      if (known == known_.end()) {
        known = known_.emplace(key, into.size()).first;
        into.push_back({decode(stream, what), ages_.of(stream)});
      }
      out.push_back(known->second);
    }
    return out;
  }

  Bytes decode(QPDFObjectHandle stream, const char* what) {
    bool exceeded = false;
    auto out = decoded(stream, kDssLimit - used_, exceeded);
    if (exceeded)
      refuse(fmt::format("the {} in object {} brings its security store over {} MiB", what,
                         stream.getObjectID(), kDssLimit >> 20));
    if (!out)
      refuse(fmt::format("the {} in object {} of its security store cannot be decoded", what,
                         stream.getObjectID()));
    used_ += out->size();
    return std::move(*out);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Fault::bad_input, cannot_read(document_.name), why, "nothing was changed");
  }

  static constexpr std::size_t kNameLimit = 1'000'000;  // of streams, in all lists together
  const Opened& document_;
  Ages ages_;
  std::size_t used_ = 0, named_ = 0;
  std::map<std::pair<const void*, QPDFObjGen>, std::size_t> known_;
};

}  // namespace

std::optional<Dss> read_dss(Opened& document) {
  QPDFObjectHandle store = get(document.catalog(), "/DSS");
  if (!store.isDictionary()) return std::nullopt;
  return StoreReader(document).read(store);
}

}  // namespace tsp::pdf
