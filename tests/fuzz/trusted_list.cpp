// trust::parse_trusted_list and what comes of the list: as if its signature held.
#include "fuzz/fuzz.h"
#include "trust/trusted_list_parts.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const auto document = xml::Document::parse({data, size}, "fuzz");
    const trust::TrustedList list = trust::parse_trusted_list(document, "fuzz");
    trust::TrustStore store;
    for (const trust::ListedAnchor& anchor : trust::anchors_of(list))
      store.add(anchor.certificate, anchor.term);
    for (const auto& anchor : store.anchors())
      store.counts(anchor, trust::Service::timestamps, list.issued);
  });
  fuzz::check(!fuzz::accepted(
                  [&] {
                    trust::read_trusted_list({data, size}, "fuzz", {}, Time{});
                  },
                  {Fault::bad_input, Fault::policy_refused}),
              "a list without signers is refused");
  return 0;
}
