#include "ades/pades.h"
#include "base/error.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"

namespace tsp::ades {
namespace {

// The original and the revision around its hole, as one stretch and another.
Bytes imprint_over(ByteView original, const pdf::PreparedRevision& revision,
                   crypto::HashAlgorithm hash) {
  const auto in_revision = [&](std::uint64_t begin, std::uint64_t end) {
    const auto offset = static_cast<std::size_t>(begin - revision.original_size);
    return ByteView(revision.octets).subspan(offset, static_cast<std::size_t>(end - begin));
  };
  const pdf::ByteRange& range = revision.byte_range;
  return crypto::Hasher(hash)
      .update(original)
      .update(in_revision(revision.original_size, range.first_end))
      .update(in_revision(range.second_begin, range.file_end))
      .finish();
}

}  // namespace

PreparedTimestamp prepare_timestamp(jail::Jail& jail, const Fd& file, const std::string& name,
                                    crypto::HashAlgorithm hash, std::size_t contents_size) {
  pdf::SignatureOrder order;
  order.type = "DocTimeStamp";
  order.sub_filter = "ETSI.RFC3161";
  order.contents_size = contents_size;
  PreparedTimestamp out;
  out.hash = hash;
  out.revision = pdf::prepare(jail, file, name, order);
  const MappedFile original(file, name);
  if (original.view().size() != out.revision.original_size)
    throw Error(Fault::bad_input, "cannot time-stamp " + name, "it changed while it was read",
                "nothing was changed; try again when nobody writes to it");
  out.imprint = imprint_over(original.view(), out.revision, hash);
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
