// The vocabulary that profiles, planning and judging share: fields of a subject, key usages.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "x509/issue.h"

namespace tsp::x509 {

inline constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";
inline constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";
// Of our own: the key of a signature activation module, and of nothing else.
inline constexpr std::string_view kActivationModule =
    "2.25.247966559627433505202821702261572164368";

// One field of Subject: its name in profiles, the attribute that carries it, the longest value in
// characters (RFC 5280 appendix A.1, upper bounds; where that allows 32768: 64).
struct SubjectField {
  std::string_view name;
  std::string_view oid;  // empty: not in the DN (email is a subjectAltName)
  bool printable;        // PrintableString, else UTF8String
  std::size_t longest;
  std::string Subject::*value;
};
// In the order in which the DN has them.
inline constexpr std::array<SubjectField, 10> kSubjectFields{{
    {"country", "2.5.4.6", true, 2, &Subject::country},
    {"organization", "2.5.4.10", false, 64, &Subject::organization},
    {"organization_id", "2.5.4.97", false, 64, &Subject::organization_id},
    {"organizational_unit", "2.5.4.11", false, 64, &Subject::organizational_unit},
    {"surname", "2.5.4.4", false, 64, &Subject::surname},
    {"given_name", "2.5.4.42", false, 64, &Subject::given_name},
    {"pseudonym", "2.5.4.65", false, 64, &Subject::pseudonym},
    {"serial_number", "2.5.4.5", true, 64, &Subject::serial_number},
    {"common_name", "2.5.4.3", false, 64, &Subject::common_name},
    {"email", "", false, 255, &Subject::email},
}};
inline const SubjectField* subject_field(std::string_view name) {
  for (const SubjectField& field : kSubjectFields)
    if (field.name == name) return &field;
  return nullptr;
}

// RFC 5280 section 4.2.1.3, by bit.
inline constexpr std::array<std::string_view, 9> kKeyUsages{
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};
inline std::optional<int> key_usage_bit(std::string_view name) {
  for (std::size_t i = 0; i < kKeyUsages.size(); ++i)
    if (kKeyUsages[i] == name) return static_cast<int>(i);
  return std::nullopt;
}

// The DER of the Name; empty fields are left out.
Bytes encode_name(const Subject& subject);

}  // namespace tsp::x509
