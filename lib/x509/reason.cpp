#include "x509/reason.h"

#include <openssl/bn.h>

#include <array>
#include <memory>
#include <utility>

#include "base/release.h"
#include "crypto/der.h"
#include "x509/revocation.h"

namespace tsp::x509 {
namespace {

constexpr std::size_t kLongestSerial = 128;  // hex digits

struct Row {
  int code;
  std::string_view name;
  bool issued;
};
constexpr std::array<Row, 10> kReasons{{{0, "unspecified", true},
                                        {1, "keyCompromise", true},
                                        {2, "cACompromise", true},
                                        {3, "affiliationChanged", true},
                                        {4, "superseded", true},
                                        {5, "cessationOfOperation", true},
                                        {6, "certificateHold", false},
                                        {8, "removeFromCRL", false},
                                        {9, "privilegeWithdrawn", true},
                                        {10, "aACompromise", false}}};

}  // namespace

std::optional<int> reason_code(std::string_view name) {
  for (const Row& row : kReasons)
    if (row.issued && row.name == name) return row.code;
  return std::nullopt;
}

bool is_reason(std::string_view name) {
  return reason_code(name).has_value();
}

std::string reason_name(long code) {
  for (const Row& row : kReasons)
    if (row.code == code) return std::string(row.name);
  return "unspecified";
}

Bytes encode_enumerated(int code) {
  const Bytes content{static_cast<std::uint8_t>(code)};
  return crypto::der::tlv(0x0a, content);
}

ASN1_INTEGER* new_serial(const std::string& hex) {
  const bool negative = hex.rfind('-', 0) == 0;
  const std::string digits = negative ? hex.substr(1) : hex;
  if (digits.empty() || digits.size() > kLongestSerial ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
    return nullptr;
  BIGNUM* raw = nullptr;
  if (BN_hex2bn(&raw, hex.c_str()) == 0) return nullptr;
  const std::unique_ptr<BIGNUM, Release<&BN_free>> number(raw);
  return BN_to_ASN1_INTEGER(number.get(), nullptr);
}

}  // namespace tsp::x509
