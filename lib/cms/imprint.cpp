#include "cms/imprint.h"

#include "cms/algorithm_identifier.h"

namespace tsp::cms {

namespace der = crypto::der;

Bytes encode_imprint(crypto::HashAlgorithm hash, ByteView digest) {
  return der::sequence(crypto::digest_identifier(hash), der::octet_string(digest));
}

Imprint read_imprint(ber::Members& fields) {
  ber::Members imprint = fields.into(fields.take(der::kSequence, "the message imprint"));
  Imprint out;
  out.hash = digest_algorithm(imprint.take(der::kSequence, "the hash algorithm"));
  out.digest = to_bytes(imprint.take(der::kOctetString, "the hashed message").content);
  imprint.expect_done("the message imprint");
  return out;
}

Bytes read_magnitude(const ber::Members& parent, const ber::Element& integer, const char* what) {
  auto out = ber::magnitude(integer.content);
  if (!out) parent.fail(std::string(what) + " is negative");
  return std::move(*out);
}

bool read_boolean(const ber::Members& parent, const ber::Element& element) {
  if (element.content.size() != 1) parent.fail("a BOOLEAN is malformed");
  return element.content[0] != 0;
}

}  // namespace tsp::cms
