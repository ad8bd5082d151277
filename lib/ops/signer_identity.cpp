#include "ops/signer_identity.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ops/names.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

void check_user_name(const std::string& name) {
  if (!is_name(name, "@"))
    throw Error(Fault::usage, "the name " + printable(name) + " cannot be used",
                "a signer's name is 1 to 64 of a-z 0-9 . _ - @ and begins with a letter or digit");
}

// Text that a certificate can carry: valid UTF-8, no control characters, bounded.
void check_text(std::string_view what, const std::string& text, std::size_t longest) {
  if (!is_utf8(text) || printable(text) != text)
    throw Error(Fault::bad_input, fmt::format("the {} cannot be used", what),
                "it holds control characters or is not UTF-8");
  if (text.size() > longest)
    throw Error(Fault::bad_input, fmt::format("the {} cannot be used", what),
                fmt::format("it is longer than {} octets", longest));
}

// As the certificate would be refused: only a natural person's has a serial number.
void check_identifiers(const EnrollUser& request) {
  const auto refuse_identifier = [](const char* option, const std::string& value,
                                    const char* such_as) {
    throw Error(Fault::usage, fmt::format("{} {} cannot be used", option, printable(value)),
                fmt::format("it is no semantics identifier such as {} (EN 319 412-1 5.1)", such_as),
                "nothing was changed");
  };
  if (!request.serial_number.empty() && !x509::is_person_identifier(request.serial_number))
    refuse_identifier("--serial-number", request.serial_number, "PNOLU-1234567");
  if (!request.organization_id.empty() &&
      !x509::is_organisation_identifier(request.organization_id))
    refuse_identifier("--organization-id", request.organization_id, "VATLU-12345678");
}

}  // namespace

void check_identity(const EnrollUser& request) {
  check_user_name(request.name);
  if (request.kind != "natural" && request.kind != "legal")
    throw Error(Fault::usage, "the kind " + request.kind + " is neither natural nor legal");
  if (request.common_name.empty()) throw Error(Fault::usage, "a signer needs a common name");
  check_text("common name", request.common_name, 64);
  check_text("given name", request.given_name, 64);
  check_text("surname", request.surname, 64);
  check_text("serial number", request.serial_number, 64);
  check_text("organization", request.organization, 64);
  check_text("organization id", request.organization_id, 64);
  check_text("e-mail address", request.email, 254);
  check_text("version of the terms", request.terms, 64);
  check_identifiers(request);
  if (!request.proofing_sha256.empty() &&
      (request.proofing_sha256.size() != 64 ||
       request.proofing_sha256.find_first_not_of("0123456789abcdef") != std::string::npos))
    throw Error(Fault::bad_input, "the proofing record cannot be kept",
                "its SHA-256 is not 64 digits in lower-case hex");
  if (!request.country.empty() &&
      (request.country.size() != 2 ||
       request.country.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos))
    throw Error(Fault::bad_input, "the country " + printable(request.country) + " cannot be used",
                "it takes two capital letters (ISO 3166-1)");
  if (request.kind == "legal" && (request.organization.empty() || request.organization_id.empty()))
    throw Error(Fault::usage, "a legal person needs --organization and --organization-id");
}

store::UserRow identity_of(Provider& provider, const EnrollUser& request) {
  store::UserRow row;
  row.name = request.name;
  row.kind = request.kind;
  row.group = request.group;
  row.common_name = request.common_name;
  row.given_name = request.given_name;
  row.surname = request.surname;
  row.serial_number = request.serial_number;
  row.organization = request.organization;
  row.organization_id = request.organization_id;
  row.email = request.email;
  row.country = request.country.empty()
                    ? store::setting(provider.database(), "country").value_or("")
                    : request.country;
  row.state = "active";
  row.created_at = provider.now();
  row.proofing_sha256 = request.proofing_sha256;
  // A natural person's certificate names given name and surname: where only the common name is
  // known it is split at its last space.
  if (row.kind == "natural" && row.given_name.empty() && row.surname.empty()) {
    const auto space = row.common_name.find_last_of(' ');
    row.surname = space == std::string::npos ? row.common_name : row.common_name.substr(space + 1);
    row.given_name = space == std::string::npos ? "" : row.common_name.substr(0, space);
  }
  return row;
}

}  // namespace tsp::ops
