// TimeStampResp, RFC 3161 section 2.4.2:
//
//     TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
//     PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString PKIFreeText OPTIONAL,
//                                  failInfo BIT STRING OPTIONAL }
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "cms/ber.h"
#include "cms/timestamp.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;
using ber::Members;

constexpr const char* kReadReply = "cannot read the time-stamp authority's reply";
constexpr int kGranted = 0, kGrantedWithMods = 1, kRejection = 2;

struct FailureRow {
  FailureInfo info;
  const char* words;
};
constexpr std::array kFailures{
    FailureRow{FailureInfo::bad_alg, "algorithm not known or not accepted"},
    FailureRow{FailureInfo::bad_request, "transaction not permitted or not supported"},
    FailureRow{FailureInfo::bad_data_format, "data of the wrong format"},
    FailureRow{FailureInfo::time_not_available, "no trusted time at the moment"},
    FailureRow{FailureInfo::unaccepted_policy, "policy not supported"},
    FailureRow{FailureInfo::unaccepted_extension, "extension not supported"},
    FailureRow{FailureInfo::system_failure, "failure of the system"},
};

// A named-bit list: as many octets as the bit needs (X.690 11.2.2).
Bytes bit_string(int bit) {
  Bytes content(static_cast<std::size_t>(bit) / 8 + 2);
  content.front() = static_cast<std::uint8_t>(7 - bit % 8);
  content.back() = static_cast<std::uint8_t>(0x80 >> (bit % 8));
  return der::tlv(der::kBitString, content);
}

bool has_bit(ByteView content, int bit) {
  const auto index = static_cast<std::size_t>(bit) / 8 + 1;
  return index < content.size() && (content[index] & (0x80 >> (bit % 8))) != 0;
}

// The words of a refusal, those of the authority first; they are for people and made safe to show.
std::string words_of(Members& status, int value) {
  std::string out;
  const auto add = [&](std::string_view text) { out.append(out.empty() ? "" : "; ").append(text); };
  if (const auto* texts = status.take_if(der::kSequence)) {
    Members each = status.into(*texts);
    while (!each.done()) add(printable(as_text(each.take(der::kUtf8String, "a text").content)));
  }
  if (const auto* bits = status.take_if(der::kBitString))
    for (const FailureRow& row : kFailures)
      if (has_bit(bits->content, static_cast<int>(row.info))) add(row.words);
  if (out.empty()) add("status " + std::to_string(value));
  return out;
}

}  // namespace

Bytes granted(ByteView token) {
  return der::sequence(der::sequence(der::integer(kGranted)), token);
}

Bytes rejected(FailureInfo info, const std::string& text) {
  const Bytes words = text.empty() ? Bytes() : der::sequence(der::utf8(text));
  return der::sequence(
      der::sequence(der::integer(kRejection), words, bit_string(static_cast<int>(info))));
}

Bytes token_of_reply(ByteView bytes) {
  Members fields = ber::open(bytes, der::kSequence, kReadReply);
  Members status = fields.into(fields.take(der::kSequence, "the status"));
  const auto value = ber::small_integer(status.take(der::kInteger, "the status").content);
  if (!value) status.fail("its status is malformed");
  if (*value != kGranted && *value != kGrantedWithMods)
    throw Error(Fault::evidence_missing, "the time-stamp authority refused",
                words_of(status, *value));
  Bytes token = to_bytes(fields.take(der::kSequence, "the token").whole);
  fields.expect_done("the token");
  return token;
}

}  // namespace tsp::cms
