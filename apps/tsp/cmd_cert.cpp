#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "invocation.h"
#include "receipt.h"
#include "x509/certificate.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestCertificate = 1 << 20;

void show_certificate_line(Terminal& terminal, const Json& certificate) {
  terminal.out(fmt::format("{} {:<9} {:<8} {}  {}", text(certificate, "serial"),
                           text(certificate, "state"), text(certificate, "role"),
                           text(certificate, "not_after"),
                           printable(text(certificate, "subject"))));
}

void show_certificate(Terminal& terminal, const Json& certificate) {
  terminal.out("serial      " + text(certificate, "serial"));
  terminal.out("subject     " + printable(text(certificate, "subject")));
  terminal.out("issuer      " + printable(text(certificate, "issuer")));
  terminal.out("state       " + text(certificate, "state"));
  if (certificate.contains("revoked_at"))
    terminal.out("revoked     " + text(certificate, "revoked_at") + " (" +
                 text(certificate, "reason") + ")");
  terminal.out("profile     " + text(certificate, "profile"));
  terminal.out("not before  " + text(certificate, "not_before"));
  terminal.out("not after   " + text(certificate, "not_after"));
  terminal.out("key         " + text(certificate, "key"));
}

int run_cert_issue(Invocation& run) {
  Json request = Json::object();
  for (const auto& [option, member] :
       {std::pair{"--key", "key"}, std::pair{"--user", "user"}, std::pair{"--profile", "profile"}})
    if (run.given(option)) request[member] = run.text(option);
  for (const auto& [option, member] : {std::pair{"--days", "days"}, std::pair{"--hours", "hours"}})
    if (const auto number = run.integer(option)) request[member] = *number;
  const std::string path = run.text("-o");
  const auto file = run.replaceable_output("-o");
  const Json receipt = run.call(std::move(request));
  const std::string subject = printable(text(receipt, "subject"));
  run.terminal.detail(fmt::format("Profile {}, key {}, issuer {}", text(receipt, "profile"),
                                  text(receipt, "key"), printable(text(receipt, "issuer"))));
  if (file && !run.dry_run()) {
    file->write(as_bytes(text(receipt, "certificate")));
    file->keep();
  }
  if (path == "-" && !run.dry_run() && !run.terminal.json)
    run.terminal.out_raw(as_bytes(text(receipt, "certificate")));
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
  } else if (run.dry_run()) {
    run.terminal.out("a certificate could be issued for " + subject + "; nothing was issued");
  } else if (path != "-") {
    run.terminal.out(
        fmt::format("Issued {} to {}", run.terminal.bold(text(receipt, "serial")), subject));
    run.terminal.out("  valid until " + text(receipt, "not_after"));
  }
  return 0;
}

int run_cert_list(Invocation& run) {
  const Json receipt = run.call_all(Json::object(), "certificates");
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& certificate : receipt.at("certificates"))
    show_certificate_line(run.terminal, certificate);
  return 0;
}

int run_cert_show(Invocation& run) {
  const Json certificate = run.call({{"serial", run.text("SERIAL")}});
  if (run.terminal.json)
    run.terminal.out_json(certificate);
  else
    show_certificate(run.terminal, certificate);
  return 0;
}

int run_cert_revoke(Invocation& run) {
  const Json receipt =
      run.call({{"serial", run.text("SERIAL")}, {"reason", run.required("--reason")}});
  const bool destroyed = flag(receipt, "key_destroyed");
  const std::vector<std::string> others = receipt.value("also_revoked", std::vector<std::string>{});
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
  } else if (run.dry_run()) {
    run.terminal.out(text(receipt, "serial") + " could be revoked" +
                     (others.empty()
                          ? ""
                          : fmt::format(", with it {}, of the same key", fmt::join(others, ", "))) +
                     (destroyed ? ", and its key destroyed" : "") + "; nothing was changed");
  } else {
    run.terminal.out(fmt::format("Revoked {} ({}); CRL number {} says so", text(receipt, "serial"),
                                 text(receipt, "reason"), integer(receipt, "crl_number")));
    for (const std::string& other : others)
      run.terminal.out("  revoked " + other + ", of the same key");
    if (destroyed) run.terminal.out("  destroyed its key");
    if (receipt.contains("remains")) run.terminal.note(text(receipt, "remains"));
  }
  return 0;
}

int run_cert_export(Invocation& run) {
  const Json receipt = run.call({{"serial", run.text("SERIAL")}, {"chain", run.flag("--chain")}});
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    run.terminal.out_raw(as_bytes(text(receipt, "certificate")));
  return 0;
}

int run_cert_request(Invocation& run) {
  const std::string path = run.required("-o");
  const auto file = run.replaceable_output("-o");
  const Json receipt = run.call({{"key", run.text("KEY")}});
  const std::string pem = text(receipt, "request");
  if (file) {
    file->write(as_bytes(pem));
    file->keep();
  }
  if (run.terminal.json)
    run.terminal.out_json(Json{{"key", text(receipt, "key")}, {"output", path}, {"request", pem}});
  else if (path == "-")
    run.terminal.out_raw(as_bytes(pem));
  else
    run.terminal.out("The request is in " + path);
  return 0;
}

int run_cert_import(Invocation& run) {
  const std::string path = run.text("FILE");
  const Bytes file = path == "-" ? read_all(STDIN_FILENO, kLargestCertificate, "standard input",
                                            &throw_if_interrupted)
                                 : read_file(path, kLargestCertificate);
  const bool pem = as_text(file).find("-----BEGIN") != std::string_view::npos;
  const auto certificate =
      pem ? x509::Certificate::from_pem(as_text(file)) : x509::Certificate::from_der(file);
  const Json receipt = run.call({{"key", run.text("KEY")}, {"certificate", certificate.pem()}});
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    run.terminal.out(
        fmt::format("{} {}", run.dry_run() ? "Could import" : "Imported", text(receipt, "serial")));
  return 0;
}

int run_cert_renew(Invocation& run) {
  const Json receipt = run.call({{"certificate", run.text("ROLE|SERIAL")}});
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (run.dry_run())
    run.terminal.out("it could be renewed; nothing was issued");
  else
    run.terminal.out(fmt::format("Issued {} to {}, valid until {}", text(receipt, "serial"),
                                 printable(text(receipt, "subject")), text(receipt, "not_after")));
  return 0;
}

const OperandSpec kSerial{"SERIAL", Count::one, "the certificate's serial number in hex"};
const OperandSpec kKeyId{"KEY", Count::one, "the key's id"};

std::vector<Command> issuing_commands() {
  return {
      {.path = "cert issue",
       .summary = "issue a certificate for a signer's key",
       .details =
           "The certificate is built, checked against its profile as the very bytes that will be "
           "signed, and only then signed in the HSM. Its serial number is stored first. A key of "
           "which a certificate was revoked as compromised gets none any more.",
       .operands = {},
       .options = {{"--key", "KEY", "the key to certify"},
                   {"--user", "NAME", "the signer whose newest key is certified"},
                   {"--profile", "PROFILE",
                    "the certificate profile (else the group's, or by the signer's kind)"},
                   {"--days", "N", "lifetime in days"},
                   {"--hours", "N", "lifetime in hours"},
                   {"-o", "FILE", "write the certificate there as PEM"},
                   kForce},
       .exits = {7, 8, 9, 10, 11, 14, 75},
       .examples = {"tsp cert issue --user alice",
                    "tsp cert issue --user alice --profile short-lived --hours 8"},
       .changes_state = true,
       .run = &run_cert_issue},
      {.path = "cert renew",
       .summary = "issue a new certificate for the same key",
       .details =
           "For an infrastructure role (issuing, ocsp, tsa) or for a signer's certificate. A "
           "revoked certificate is not renewed, and neither is one whose key was revoked as "
           "compromised; an infrastructure role, named by its name, gets a valid certificate "
           "again after a revocation for any other reason.",
       .operands = {{"ROLE|SERIAL", Count::one, "issuing, ocsp, tsa, or a signer's serial number"}},
       .options = {kHsmPinFrom},
       .exits = {7, 8, 9, 11, 12, 14, 75},
       .examples = {"tsp cert renew ocsp"},
       .changes_state = true,
       .run = &run_cert_renew},
      {.path = "cert request",
       .summary = "write a PKCS#10 request for an external CA",
       .details = "The request was signed once, when the key was generated.",
       .operands = {kKeyId},
       .options = {required({"-o", "FILE", "where the request goes as PEM"}), kForce},
       .exits = {9, 10},
       .examples = {"tsp cert request 3f2a91c07be5d844 -o alice.csr"},
       .run = &run_cert_request},
      {.path = "cert import",
       .summary = "import an external CA's certificate for a key",
       .details =
           "Refused are certificates for other keys, weak and compromised keys, and certificates "
           "that are not for signing or not valid now.",
       .operands = {kKeyId,
                    {"FILE", Count::one, "the certificate, PEM or DER; - is standard input"}},
       .options = {},
       .exits = {8, 9, 10, 11, 14, 75, 130},
       .examples = {"tsp cert import 3f2a91c07be5d844 alice.pem"},
       .changes_state = true,
       .run = &run_cert_import},
  };
}

}  // namespace

std::vector<Command> cert_commands() {
  std::vector<Command> rows{
      {.path = "cert list",
       .summary = "list certificates",
       .details = "One line a certificate: serial, state, role, end of validity, subject.",
       .operands = {},
       .options = {},
       .exits = {9},
       .examples = {"tsp cert list --json"},
       .run = &run_cert_list},
      {.path = "cert show",
       .summary = "show a certificate",
       .details = "Shows what the store knows of a certificate.",
       .operands = {kSerial},
       .options = {},
       .exits = {9},
       .examples = {"tsp cert show 0123456789abcdef0123456789abcdef"},
       .run = &run_cert_show},
      {.path = "cert revoke",
       .summary = "revoke a certificate, at once and for ever",
       .details =
           "The next signature with it is refused, also under an approval already given, and a new "
           "CRL is issued in the same call.\n\nWhere the profile says "
           "destroy_key_on_revocation, as those of persons do, the signer's key is destroyed too, "
           "unless another certificate for it may still be signed with. He then needs a new key: a "
           "revoked certificate cannot be renewed.\n\nkeyCompromise and cACompromise are about the "
           "key: every other certificate for it is revoked with this one, for the same reason, and "
           "no certificate is ever issued, renewed or imported for it again.",
       .operands = {kSerial},
       .options = {required({"--reason", "REASON", "why", Takes::value,
                             "unspecified|keyCompromise|cACompromise|affiliationChanged|superseded|"
                             "cessationOfOperation|privilegeWithdrawn"}),
                   kHsmPinFrom},
       .exits = {7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp cert revoke 0123456789abcdef0123456789abcdef --reason keyCompromise"},
       .changes_state = true,
       .run = &run_cert_revoke},
      {.path = "cert export",
       .summary = "print a certificate as PEM",
       .details = "PEM on standard output, with the chain up to the root where asked for.",
       .operands = {kSerial},
       .options = {{"--chain", "", "the issuing and the root certificate too", Takes::nothing}},
       .exits = {9},
       .examples = {"tsp cert export 0123456789abcdef0123456789abcdef --chain > alice.pem"},
       .run = &run_cert_export},
  };
  auto issuing = issuing_commands();
  rows.insert(rows.begin(), issuing.begin(), issuing.end());
  return rows;
}

}  // namespace tsp::app
