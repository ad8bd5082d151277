// The security store's revision, outside the jail: what comes back is checked here.
#include "pdf/store_revision.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

namespace tsp::pdf {
namespace {

std::size_t octets_in(const StoreOrder& order) {
  std::size_t sum = 0;
  for (const auto* list : {&order.certificates, &order.ocsp_responses, &order.crls})
    for (const Bytes& each : *list) sum += each.size();
  return sum;
}

}  // namespace

std::string vri_key(ByteView contents) {
  std::string key = to_hex(crypto::digest(crypto::HashAlgorithm::sha1, contents));
  for (char& c : key)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return key;
}

StoreRevision add_to_store(jail::Jail& jail, const Fd& file, const std::string& name,
                           const StoreOrder& order, const std::optional<SignatureOrder>& stamp) {
  const std::uint64_t size = size_of(file, name);
  const std::string shown = printable(name);
  if (octets_in(order) > kStoreLimit)
    throw Error(Fault::bad_input, "cannot add validation data to " + shown,
                "it comes to more octets than a security store is read with",
                "nothing was changed");
  const Bytes request = encode(StoreRequest{shown, order, random_bytes(kIdentifierSize), stamp,
                                            stamp ? random_bytes(kIdentifierSize) : Bytes()});
  StoreRevision revision =
      decode_store_revision(run_parser(jail, Reading::store, file, shown, request));
  const auto fits = [&](PreparedRevision& planned) {
    return is_sound(planned, size + revision.octets.size()) &&
           room_of(planned) == stamp->contents_size;
  };
  const bool sound = revision.stamp.has_value() == stamp.has_value() &&
                     (!stamp || fits(*revision.stamp)) && revision.original_size == size &&
                     revision.added >= 0 &&
                     (revision.octets.empty() || as_text(revision.octets).ends_with("%%EOF\n"));
  if (!sound)
    throw Error(Fault::bad_input, "cannot add validation data to " + shown,
                "the revision that was planned does not fit the file", "nothing was changed");
  return revision;
}

}  // namespace tsp::pdf
