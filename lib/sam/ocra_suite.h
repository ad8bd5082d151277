// OCRA suites, RFC 6287 section 6. For this room alone.
//
//   OCRA-1:HOTP-<SHA1|SHA256|SHA512>-<0|4..10>:[C-]Q<A|N|H><04..64>[-P<SHA…>][-S<nnn>][-T<G>]
//   G = 1..59 S, 1..59 M or 0..48 H
#pragma once

#include <optional>
#include <string_view>

#include "crypto/algorithms.h"

namespace tsp::sam {

enum class QuestionFormat { alphanumeric, numeric, hex };

struct OcraSuite {
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1;
  int digits = 6;  // 0: no truncation
  bool counter = false;
  QuestionFormat format = QuestionFormat::numeric;
  std::size_t longest_question = 8;  // characters; two questions together may have twice as many
  std::optional<crypto::HashAlgorithm> pin;
  std::optional<std::size_t> session;  // octets
  bool time = false;
};

// Nothing for what is no suite of this grammar. Inputs stand in the order above, spelt as above:
// the defaults that the RFC gives for a bare Q, P, S or T are not read.
std::optional<OcraSuite> parse_ocra_suite(std::string_view text);

}  // namespace tsp::sam
