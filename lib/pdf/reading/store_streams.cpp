#include "pdf/reading/store_streams.h"

#include <fmt/format.h>

#include "pdf/reading/stream_data.h"

namespace tsp::pdf {

std::vector<StoreStream> StoreStreams::read(QPDFObjectHandle array, const char* what) {
  std::vector<StoreStream> out;
  const int count = array.isArray() ? array.getArrayNItems() : 0;
  if (count > kStoreEntryLimit) refuse(fmt::format("its security store has too many {}s", what));
  for (int i = 0; i < count; ++i) {
    QPDFObjectHandle stream = array.getArrayItem(i);
    if (stream.isStream()) out.push_back({stream.getObjGen(), decode(stream, what)});
  }
  return out;
}

Bytes StoreStreams::decode(QPDFObjectHandle stream, const char* what) {
  bool exceeded = false;
  auto octets = decoded(stream, kStoreLimit - used_, exceeded);
  if (exceeded)
    refuse(fmt::format("the {} in object {} brings its security store over {} MiB", what,
                       stream.getObjectID(), kStoreLimit >> 20));
  if (!octets)
    refuse(fmt::format("the {} in object {} of its security store cannot be decoded", what,
                       stream.getObjectID()));
  used_ += octets->size();
  return std::move(*octets);
}

void StoreStreams::refuse(const std::string& why) const {
  throw Error(Fault::bad_input, cannot_read(document_.name), why, "nothing was changed");
}

}  // namespace tsp::pdf
