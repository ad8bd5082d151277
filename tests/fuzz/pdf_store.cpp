// pdf::store_parser, without the jail: whatever can be read takes validation data by one revision,
// after which the store holds it, and what it held before.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

using namespace tsp;

namespace {

pdf::Inspection inspected(ByteView octets) {
  const Fd file = fuzz::file_of(octets);
  return pdf::decode_inspection(pdf::inspect_parser(file.get(), as_bytes("input")));
}

pdf::StoreRevision planned(ByteView octets, const pdf::StoreOrder& order) {
  const Fd file = fuzz::file_of(octets);
  const Bytes request = pdf::encode(pdf::StoreRequest{"input", order, Bytes(16, 0x5a)});
  return pdf::decode_store_revision(pdf::store_parser(file.get(), request));
}

void attempt(ByteView octets) {
  const pdf::StoreOrder order{{to_bytes(as_bytes("certificate"))},
                              {to_bytes(as_bytes("answer"))},
                              {to_bytes(as_bytes("list"))},
                              {{std::string(40, 'A'), {0}, {0}, {0}}}};
  const pdf::StoreRevision revision = planned(octets, order);
  fuzz::check(revision.original_size == octets.size(), "the revision is behind the file");
  Bytes whole = to_bytes(octets);
  append(whole, revision.octets);
  const pdf::Inspection before = inspected(octets), after = inspected(whole);
  fuzz::check(!after.damaged, "the file with its revision is sound");
  fuzz::check(after.signatures.size() == before.signatures.size(), "as many signatures");
  fuzz::check(after.pages == before.pages, "as many pages");
  fuzz::check(after.dss && after.dss->certificates.size() >=
                               (before.dss ? before.dss->certificates.size() : 0),
              "the store holds what it held");
  fuzz::check(
      std::any_of(after.dss->crls.begin(), after.dss->crls.end(),
                  [&](const pdf::DssItem& item) { return item.octets == order.crls.front(); }),
      "the store holds the list");
  fuzz::check(planned(whole, order).octets.empty(), "nothing is put in twice");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] { attempt({data, size}); }, {Fault::bad_input, Fault::policy_refused});
  return 0;
}
