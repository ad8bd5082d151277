#include "ades/pades.h"
#include "base/error.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"

namespace tsp::ades {
namespace {

// The original and the revision around its hole, as one stretch and another.
Bytes imprint_over(crypto::Hasher original, const pdf::PreparedRevision& revision) {
  const auto in_revision = [&](std::uint64_t begin, std::uint64_t end) {
    const auto offset = static_cast<std::size_t>(begin - revision.original_size);
    return ByteView(revision.octets).subspan(offset, static_cast<std::size_t>(end - begin));
  };
  const pdf::ByteRange& range = revision.byte_range;
  return original.update(in_revision(revision.original_size, range.first_end))
      .update(in_revision(range.second_begin, range.file_end))
      .finish();
}

}  // namespace

pdf::SignatureOrder timestamp_order(std::size_t contents_size) {
  pdf::SignatureOrder order;
  order.type = "DocTimeStamp";
  order.sub_filter = "ETSI.RFC3161";
  order.contents_size = contents_size;
  return order;
}

PreparedTimestamp prepare_timestamp(pdf::PreparedRevision revision, crypto::HashAlgorithm hash,
                                    crypto::Hasher original) {
  PreparedTimestamp out{std::move(revision), hash, {}};
  out.imprint = imprint_over(std::move(original), out.revision);
  return out;
}

bool close_timestamp(PreparedTimestamp& timestamp, ByteView token) {
  const cms::TstInfo info = cms::parse_token(token).info;
  if (info.hash != timestamp.hash || info.imprint != timestamp.imprint)
    throw Error(Fault::failed, "the time-stamp is not right", "it is of another document",
                "nothing was written");
  if (token.size() > pdf::room_of(timestamp.revision)) return false;
  pdf::fill(timestamp.revision, token);
  return true;
}

}  // namespace tsp::ades
