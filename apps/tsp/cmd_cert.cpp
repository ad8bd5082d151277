#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "invocation.h"
#include "ops/certificates.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestCertificate = 1 << 20;

void show_line(Terminal& terminal, const ops::CertificateInfo& info) {
  terminal.out(fmt::format("{} {:<9} {:<8} {}  {}", info.row.serial, info.row.state, info.row.role,
                           to_rfc3339(info.row.not_after), printable(info.row.subject)));
}

void show_whole(Terminal& terminal, const ops::CertificateInfo& info) {
  terminal.out("serial      " + info.row.serial);
  terminal.out("subject     " + printable(info.row.subject));
  terminal.out("issuer      " + printable(info.issuer));
  terminal.out("state       " + info.row.state);
  if (info.row.revoked_at)
    terminal.out("revoked     " + to_rfc3339(*info.row.revoked_at) + " (" + info.row.reason + ")");
  terminal.out("profile     " + info.row.profile);
  terminal.out("not before  " + to_rfc3339(info.row.not_before));
  terminal.out("not after   " + to_rfc3339(info.row.not_after));
  terminal.out("key         " + info.row.key);
}

int run_issue(Invocation& run) {
  ops::IssueCertificate request;
  request.key = run.text("--key");
  request.user = run.text("--user");
  if (request.key.empty() == request.user.empty())
    throw Error(Fault::usage, "tsp cert issue needs either --key or --user", "",
                "see tsp help cert issue");
  request.profile = run.text("--profile");
  const auto days = run.integer("--days"), hours = run.integer("--hours");
  if (days && hours)
    throw Error(Fault::usage, "give --days or --hours, not both", "", "see tsp help cert issue");
  if ((days && (*days < 1 || *days > 36500)) || (hours && (*hours < 1 || *hours > 876000)))
    throw Error(Fault::usage, "a certificate of that lifetime cannot be issued",
                "--days takes 1 to 36500, --hours 1 to 876000",
                "nothing was issued; the profile's own limit may be lower still");
  if (days) request.lifetime = std::chrono::hours(24 * *days);
  if (hours) request.lifetime = std::chrono::hours(*hours);
  request.dry_run = run.dry_run();
  const std::string path = run.text("-o");
  const auto file = run.output("-o", Existing::refuse);
  const ops::CertificateInfo info = ops::issue_certificate(run.provider(), request);
  run.terminal.detail(fmt::format("Profile {}, key {}, issuer {}", info.row.profile, info.row.key,
                                  printable(info.issuer)));
  if (file && !request.dry_run) {
    file->write(as_bytes(info.certificate.pem()));
    file->keep();
  }
  if (path == "-" && !request.dry_run && !run.terminal.json)
    run.terminal.out_raw(as_bytes(info.certificate.pem()));
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(info));
  } else if (request.dry_run) {
    run.terminal.out("a certificate could be issued for " + printable(info.row.subject) +
                     "; nothing was issued");
  } else if (path != "-") {
    run.terminal.out(fmt::format("Issued {} to {}", run.terminal.bold(info.row.serial),
                                 printable(info.row.subject)));
    run.terminal.out("  valid until " + to_rfc3339(info.row.not_after));
  }
  return 0;
}

int run_list(Invocation& run) {
  const auto all = ops::list_certificates(run.provider());
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& info : all) list.push_back(ops::to_json(info));
    run.terminal.out_json(Json{{"certificates", list}});
    return 0;
  }
  for (const auto& info : all) show_line(run.terminal, info);
  return 0;
}

int run_show(Invocation& run) {
  const auto info = ops::show_certificate(run.provider(), run.text("SERIAL"));
  if (run.terminal.json)
    run.terminal.out_json(ops::to_json(info));
  else
    show_whole(run.terminal, info);
  return 0;
}

int run_revoke(Invocation& run) {
  const ops::Revoked receipt = ops::revoke_certificate(run.provider(), run.text("SERIAL"),
                                                       run.required("--reason"), run.dry_run());
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(receipt));
  } else if (run.dry_run()) {
    run.terminal.out(receipt.serial + " could be revoked" +
                     (receipt.key_destroyed ? ", and its key destroyed" : "") +
                     "; nothing was changed");
  } else {
    run.terminal.out(fmt::format("Revoked {} ({}); CRL number {} says so", receipt.serial,
                                 receipt.reason, receipt.crl_number));
    if (receipt.key_destroyed) run.terminal.out("  destroyed its key");
    if (!receipt.remains.empty()) run.terminal.note(receipt.remains);
  }
  return 0;
}

int run_export(Invocation& run) {
  const std::string pem =
      ops::export_certificate(run.provider(), run.text("SERIAL"), run.flag("--chain"));
  if (run.terminal.json)
    run.terminal.out_json(Json{{"serial", run.text("SERIAL")}, {"certificate", pem}});
  else
    run.terminal.out_raw(as_bytes(pem));
  return 0;
}

int run_request(Invocation& run) {
  const std::string path = run.required("-o");
  const auto file = run.output("-o", Existing::refuse);
  const Bytes der = ops::certificate_request(run.provider(), run.text("KEY"));
  std::string pem = "-----BEGIN CERTIFICATE REQUEST-----\n";
  const std::string body = to_base64(der);
  for (std::size_t at = 0; at < body.size(); at += 64) pem += body.substr(at, 64) + "\n";
  pem += "-----END CERTIFICATE REQUEST-----\n";
  if (file) {
    file->write(as_bytes(pem));
    file->keep();
  }
  if (run.terminal.json)
    run.terminal.out_json(Json{{"key", run.text("KEY")}, {"output", path}, {"request", pem}});
  else if (path == "-")
    run.terminal.out_raw(as_bytes(pem));
  else
    run.terminal.out("The request is in " + path);
  return 0;
}

int run_import(Invocation& run) {
  const Bytes file = read_file(run.text("FILE"), kLargestCertificate);
  const bool pem = as_text(file).find("-----BEGIN") != std::string_view::npos;
  const auto certificate =
      pem ? x509::Certificate::from_pem(as_text(file)) : x509::Certificate::from_der(file);
  const auto info =
      ops::import_certificate(run.provider(), run.text("KEY"), certificate, run.dry_run());
  if (run.terminal.json)
    run.terminal.out_json(ops::to_json(info));
  else
    run.terminal.out(
        fmt::format("{} {}", run.dry_run() ? "Could import" : "Imported", info.row.serial));
  return 0;
}

int run_renew(Invocation& run) {
  const auto info = ops::renew_certificate(run.provider(), run.text("ROLE|SERIAL"), run.dry_run());
  if (run.terminal.json)
    run.terminal.out_json(ops::to_json(info));
  else if (run.dry_run())
    run.terminal.out("it could be renewed; nothing was issued");
  else
    run.terminal.out(fmt::format("Issued {} to {}, valid until {}", info.row.serial,
                                 printable(info.row.subject), to_rfc3339(info.row.not_after)));
  return 0;
}

const OperandSpec kSerial{"SERIAL", Count::one, "the certificate's serial number in hex"};
const OperandSpec kKey{"KEY", Count::one, "the key's id"};

std::vector<Command> issuing_commands() {
  return {
      {.path = "cert issue",
       .summary = "issue a certificate for a signer's key",
       .details =
           "The certificate is built, checked against its profile as the very bytes that will be "
           "signed, and only then signed in the HSM. Its serial number is stored first.",
       .operands = {},
       .options = {{"--key", "KEY", "the key to certify"},
                   {"--user", "NAME", "the signer whose newest key is certified"},
                   {"--profile", "PROFILE",
                    "the certificate profile (else the group's, or by the signer's kind)"},
                   {"--days", "N", "lifetime in days"},
                   {"--hours", "N", "lifetime in hours"},
                   {"-o", "FILE", "write the certificate there as PEM"}},
       .exits = {7, 8, 9, 10, 11, 75},
       .examples = {"tsp cert issue --user alice",
                    "tsp cert issue --user alice --profile short-lived --hours 8"},
       .changes_state = true,
       .run = &run_issue},
      {.path = "cert renew",
       .summary = "issue a new certificate for the same key",
       .details = "For an infrastructure role (issuing, ocsp, tsa) or for a signer's certificate.",
       .operands = {{"ROLE|SERIAL", Count::one, "issuing, ocsp, tsa, or a signer's serial number"}},
       .options = {kHsmPinFrom},
       .exits = {7, 8, 9, 11, 12, 75},
       .examples = {"tsp cert renew ocsp"},
       .changes_state = true,
       .run = &run_renew},
      {.path = "cert request",
       .summary = "write a PKCS#10 request for an external CA",
       .details = "The request was signed once, when the key was generated.",
       .operands = {kKey},
       .options = {required({"-o", "FILE", "where the request goes as PEM"})},
       .exits = {9, 10},
       .examples = {"tsp cert request 3f2a91c07be5d844 -o alice.csr"},
       .run = &run_request},
      {.path = "cert import",
       .summary = "import an external CA's certificate for a key",
       .details =
           "Refused are certificates for other keys, weak keys, and certificates that are not for "
           "signing or not valid now.",
       .operands = {kKey, {"FILE", Count::one, "the certificate, PEM or DER"}},
       .options = {},
       .exits = {8, 9, 10, 11, 75},
       .examples = {"tsp cert import 3f2a91c07be5d844 alice.pem"},
       .changes_state = true,
       .run = &run_import},
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
       .run = &run_list},
      {.path = "cert show",
       .summary = "show a certificate",
       .details = "Shows what the store knows of a certificate.",
       .operands = {kSerial},
       .options = {},
       .exits = {9},
       .examples = {"tsp cert show 0123456789abcdef0123456789abcdef"},
       .run = &run_show},
      {.path = "cert revoke",
       .summary = "revoke a certificate, at once and for ever",
       .details =
           "The next signature with it is refused, also under an approval already given, and a new "
           "CRL is issued in the same call.\n\nWhere the profile says "
           "destroy_key_on_revocation, as those of persons do, the signer's key is destroyed too, "
           "unless another certificate for it may still be signed with. He then needs a new key: a "
           "revoked certificate cannot be renewed.",
       .operands = {kSerial},
       .options = {required({"--reason", "REASON", "why", Takes::value,
                             "unspecified|keyCompromise|cACompromise|affiliationChanged|superseded|"
                             "cessationOfOperation|privilegeWithdrawn"}),
                   kHsmPinFrom},
       .exits = {7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp cert revoke 0123456789abcdef0123456789abcdef --reason keyCompromise"},
       .changes_state = true,
       .run = &run_revoke},
      {.path = "cert export",
       .summary = "print a certificate as PEM",
       .details = "PEM on standard output, with the chain up to the root where asked for.",
       .operands = {kSerial},
       .options = {{"--chain", "", "the issuing and the root certificate too", Takes::nothing}},
       .exits = {9},
       .examples = {"tsp cert export 0123456789abcdef0123456789abcdef --chain > alice.pem"},
       .run = &run_export},
  };
  auto issuing = issuing_commands();
  rows.insert(rows.begin(), issuing.begin(), issuing.end());
  return rows;
}

}  // namespace tsp::app
