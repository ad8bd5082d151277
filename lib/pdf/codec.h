// How orders go into the jail and findings come out of it: our own octets on the way in, hostile
// ones on the way out.
//
// Grammar: numbers are big-endian; a boolean is one octet, an int 32 bits, a count, an offset or a
// double 64 (IEEE 754); a text or octet string is a field (u32 length and its octets); an optional
// is a boolean and, when true, the value; a list is a u32 count and its members; a struct is its
// members in the order of visit() in codec.cpp. Both ends are the same build, so there is no
// version.
//
// Decoding checks shape and sizes only; document.cpp and revision.cpp check the values against the
// file. All decoders throw Error{bad_input}.
#pragma once

#include "pdf/changes.h"
#include "pdf/revision.h"
#include "pdf/store_revision.h"

namespace tsp::pdf {

inline constexpr std::size_t kIdentifierSize = 16;  // octets of /ID and of a field's name

// What opening a document needs, and what is planned in it, which may come later.
struct PrepareOpening {
  std::string name;
  bool allow_damaged = false;
};
struct PrepareRequest {
  SignatureOrder order;
  Bytes identifier;  // the new /ID[1]
};

struct ChangesRequest {
  std::string name;
  std::uint64_t revision_end = 0;
};

struct StoreRequest {
  std::string name;
  StoreOrder order;
  Bytes identifier;  // the new /ID[1]
  // A document time-stamp to be planned on top, and its /ID[1].
  std::optional<SignatureOrder> stamp{};
  Bytes stamp_identifier{};
};

Bytes encode(const Inspection& inspection);
Inspection decode_inspection(ByteView octets);
Bytes encode(const PrepareOpening& opening);
PrepareOpening decode_prepare_opening(ByteView octets);
Bytes encode(const PrepareRequest& request);
PrepareRequest decode_prepare_request(ByteView octets);
Bytes encode(const PreparedRevision& revision);
PreparedRevision decode_prepared(ByteView octets);
Bytes encode(const ChangesRequest& request);
ChangesRequest decode_changes_request(ByteView octets);
Bytes encode(const std::vector<Change>& changes);
std::vector<Change> decode_changes(ByteView octets);
Bytes encode(const StoreRequest& request);
StoreRequest decode_store_request(ByteView octets);
Bytes encode(const StoreRevision& revision);
StoreRevision decode_store_revision(ByteView octets);

}  // namespace tsp::pdf
