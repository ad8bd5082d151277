// Names: EN 319 412-2 (natural persons), -3 (legal persons, CAs and services), -1 (semantics
// identifiers), RFC 5280 appendix A.1 (lengths and string types).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "x509/asn1.h"
#include "x509/lint.h"
#include "x509/subject.h"

namespace tsp::x509 {
namespace {

using Found = std::map<std::string_view, std::string>;  // by SubjectField::name

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_alnum(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_printable_string(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

// Three characters of type, two of country, a hyphen, the identifier.
bool is_semantics_identifier(std::string_view text, std::initializer_list<std::string_view> types) {
  if (text.size() < 7 || text[5] != '-' || !is_upper(text[3]) || !is_upper(text[4])) return false;
  const std::string_view type = text.substr(0, 3);
  if (type == "LEI" && text.substr(3, 2) != "XG") return false;
  const bool national = is_upper(text[0]) && is_upper(text[1]) && text[2] == ':';
  return national || std::find(types.begin(), types.end(), type) != types.end();
}

// One bit each for the scripts whose letters are mistaken for each other.
unsigned scripts_of(std::string_view text) {
  unsigned scripts = 0;
  for (char32_t c : code_points(text)) {
    const bool ascii = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (ascii || (c >= 0xc0 && c < 0x250) || (c >= 0x1e00 && c < 0x1f00)) scripts |= 1;
    if ((c >= 0x370 && c < 0x400) || (c >= 0x1f00 && c < 0x2000)) scripts |= 2;
    if (c >= 0x400 && c < 0x530) scripts |= 4;
  }
  return scripts;
}

void judge_value(const SubjectField& field, const std::string& value, Objections& objections) {
  const auto object = [&](std::string_view why) {
    objections.push_back(fmt::format("{} {}", field.name, why));
  };
  if (value.empty()) return object("is empty");
  if (!is_utf8(value) || printable(value) != value)
    return object("has control characters or is not UTF-8");
  if (value.front() == ' ' || value.back() == ' ') object("begins or ends with a space");
  if (code_points(value).size() > field.longest)
    object(fmt::format("is longer than {} characters", field.longest));
  if (field.printable && !is_printable_string(value))
    object("has characters that a PrintableString cannot have");
}

const SubjectField* field_of(const X509_NAME_ENTRY* entry) {
  const std::string oid = dotted_of(X509_NAME_ENTRY_get_object(entry));
  for (const SubjectField& field : kSubjectFields)
    if (!field.oid.empty() && field.oid == oid) return &field;
  return nullptr;
}

// The attributes of the subject; objects to all that is wrong with one of them by itself.
Found read_subject(const X509_NAME* name, Objections& objections) {
  Found found;
  std::set<int> sets;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const SubjectField* field = field_of(entry);
    if (!field) {
      objections.emplace_back("the subject has an attribute that is not known");
      continue;
    }
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    const int expected = field->printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
    if (ASN1_STRING_type(value) != expected)
      objections.push_back(fmt::format("{} has the wrong string type", field->name));
    if (!sets.insert(X509_NAME_ENTRY_set(entry)).second)
      objections.emplace_back("an RDN of the subject has several values");
    const std::string text(as_text(octets_of(value)));
    judge_value(*field, text, objections);
    if (!found.emplace(field->name, text).second)
      objections.push_back(fmt::format("{} stands in the subject twice", field->name));
  }
  return found;
}

void allow_only(const Found& found, std::initializer_list<std::string_view> names,
                Objections& objections) {
  for (const auto& [name, value] : found)
    if (std::find(names.begin(), names.end(), name) == names.end())
      objections.push_back(fmt::format("{} has no place in this kind of subject", name));
}

void require(const Found& found, std::string_view name, Objections& objections) {
  const std::string missing = fmt::format("{} is missing", name);
  if (found.count(name) == 0 &&
      std::find(objections.begin(), objections.end(), missing) == objections.end())
    objections.push_back(missing);
}

void judge_organization_id(const Found& found, Objections& objections) {
  const auto id = found.find("organization_id");
  if (id == found.end()) return;
  if (!is_organisation_identifier(id->second))
    objections.emplace_back(
        "organization_id is no semantics identifier such as VATLU-1234 (EN 319 412-1 5.1.4)");
  const auto name = found.find("organization");
  if (name != found.end() && name->second == id->second)
    objections.emplace_back("organization_id is the organization's name");
}

void judge_natural(const Found& found, Objections& objections) {
  allow_only(found,
             {"country", "organization", "organization_id", "organizational_unit", "surname",
              "given_name", "pseudonym", "serial_number", "common_name"},
             objections);
  const bool named = found.count("surname") + found.count("given_name") > 0;
  const bool pseudonym = found.count("pseudonym") > 0;
  if (named && pseudonym) objections.emplace_back("pseudonym stands beside a real name");
  if (!named && !pseudonym)
    objections.emplace_back("given_name, surname or pseudonym is missing (EN 319 412-2 4.2.4)");
  const auto serial = found.find("serial_number");
  if (serial != found.end() && !is_person_identifier(serial->second))
    objections.emplace_back(
        "serial_number is no semantics identifier such as PNOLU-1234 (EN 319 412-1 5.1.3)");
  unsigned scripts = 0;
  for (const std::string_view name : {"surname", "given_name", "common_name"})
    if (const auto it = found.find(name); it != found.end()) scripts |= scripts_of(it->second);
  if ((scripts & (scripts - 1)) != 0)
    objections.emplace_back("the names mix Latin, Greek or Cyrillic letters");
}

void judge_organisation(const Found& found, bool legal, Objections& objections) {
  allow_only(found,
             {"country", "organization", "organization_id", "organizational_unit", "common_name"},
             objections);
  require(found, "organization", objections);
  if (legal) require(found, "organization_id", objections);
}

// An rfc822Name is ASCII: one @ between two parts without spaces.
void judge_email(const std::string& email, Objections& objections) {
  if (email.empty()) return;
  const std::size_t at = email.find('@');
  const bool ascii =
      std::all_of(email.begin(), email.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!ascii || at == std::string::npos || at == 0 || at + 1 == email.size() ||
      email.find('@', at + 1) != std::string::npos || email.size() > 255)
    objections.emplace_back("email is no address in ASCII");
}

}  // namespace

bool is_person_identifier(std::string_view text) {
  return is_semantics_identifier(text, {"PAS", "IDC", "PNO", "TIN", "TAX"});
}

bool is_organisation_identifier(std::string_view text) {
  return is_semantics_identifier(text, {"VAT", "NTR", "PSD", "LEI"});
}

void lint_names(const Judged& judged, Objections& objections) {
  const Order& order = judged.order;
  const Found found = read_subject(X509_get_subject_name(judged.draft.get()), objections);
  for (const SubjectField& field : kSubjectFields) {
    if (field.oid.empty()) continue;
    const auto it = found.find(field.name);
    if ((it == found.end() ? std::string() : it->second) != order.subject.*field.value)
      objections.push_back(fmt::format("{} is not the one ordered", field.name));
  }
  judge_email(order.subject.email, objections);
  require(found, "country", objections);
  require(found, "common_name", objections);
  for (const std::string& name : order.profile.required_subject) {
    const SubjectField* field = subject_field(name);
    if (field && field->oid.empty() && !(order.subject.*field->value).empty()) continue;
    require(found, field ? field->name : std::string_view(name), objections);
  }
  if (const auto country = found.find("country");
      country != found.end() && (country->second.size() != 2 || !is_upper(country->second[0]) ||
                                 !is_upper(country->second[1])))
    objections.emplace_back("country is not two capital letters (ISO 3166)");
  judge_organization_id(found, objections);
  if (order.profile.subject == SubjectKind::natural)
    judge_natural(found, objections);
  else
    judge_organisation(found, order.profile.subject == SubjectKind::legal, objections);
}

}  // namespace tsp::x509
