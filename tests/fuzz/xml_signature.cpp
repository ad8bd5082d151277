// xml::Document::parse, canonicalisation and xml::verify_enveloped.
#include "fuzz/fuzz.h"
#include "xml/signature.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    auto document = xml::Document::parse({data, size}, "fuzz");
    Bytes canonical;
    if (fuzz::accepted([&] { canonical = document.canonical(); })) {
      const auto again = xml::Document::parse(canonical, "canonical");
      fuzz::check(equal(again.canonical(), canonical), "a canonical form is its own");
    }
    const auto verdict = xml::verify_enveloped(document, {});
    fuzz::check(!verdict.problem.empty() && !verdict.key, "nobody's key signs nothing");
  });
  return 0;
}
