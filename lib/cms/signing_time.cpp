#include "cms/signing_time.h"

#include "crypto/der.h"

namespace tsp::cms {

namespace der = crypto::der;

Bytes encode_signing_time(Time time) {
  const std::string text = to_generalized_time(time);
  const bool short_form = text >= "19500101000000Z" && text < "20500101000000Z";
  if (!short_form) return der::generalized_time(time);
  return der::tlv(der::kUtcTime, as_bytes(std::string_view(text).substr(2)));
}

std::optional<Time> parse_signing_time(ByteView bytes) {
  const auto element = der::first(bytes);
  if (!element || element->whole.size() != bytes.size()) return std::nullopt;
  const std::string text(as_text(element->content));
  if (element->tag == der::kGeneralizedTime) return from_generalized_time(text);
  if (element->tag != der::kUtcTime || text.empty()) return std::nullopt;
  return from_generalized_time((text[0] >= '5' ? "19" : "20") + text);
}

}  // namespace tsp::cms
