// crypto::der::children: what is split can be put together again, octet for octet.
#include "crypto/der.h"
#include "fuzz/fuzz.h"

using namespace tsp;
using namespace tsp::crypto;

namespace {

constexpr int kMostDepth = 32;

void walk(ByteView content, int depth) {
  const auto elements = der::children(content);
  if (!elements) return;
  Bytes joined;
  for (const der::Element& element : *elements) {
    fuzz::check(equal(der::tlv(element.tag, element.content), element.whole),
                "DER has one form only");
    append(joined, element.whole);
    if (element.tag == der::kOid) der::dotted(element.content);
    if ((element.tag & 0x20) != 0 && depth < kMostDepth) walk(element.content, depth + 1);
  }
  fuzz::check(equal(joined, content), "children() leaves nothing out");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walk({data, size}, 0);
  return 0;
}
