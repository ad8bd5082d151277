// The streams of a security store's list with the objects they are. Internal to the room, inside
// the jail.
#pragma once

#include "pdf/reading/open.h"
#include "pdf/store_revision.h"

namespace tsp::pdf {

inline constexpr int kStoreEntryLimit = 10000;  // of one list

struct StoreStream {
  QPDFObjGen object;
  Bytes content;  // decoded
};

class StoreStreams {
 public:
  explicit StoreStreams(const Opened& document) : document_(document) {}
  // What is no stream is passed over. Error{bad_input} that names the object for one that cannot be
  // decoded, and where all lists together exceed kStoreLimit octets or one of them kStoreEntryLimit
  // entries. `what` is what an entry is called.
  std::vector<StoreStream> read(QPDFObjectHandle array, const char* what);
  std::size_t octets() const { return used_; }  // read so far

 private:
  Bytes decode(QPDFObjectHandle stream, const char* what);
  [[noreturn]] void refuse(const std::string& why) const;
  const Opened& document_;
  std::size_t used_ = 0;
};

}  // namespace tsp::pdf
