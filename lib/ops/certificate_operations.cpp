// Certificates. Members are named as the options are; SERIAL is `serial`, ROLE|SERIAL
// `certificate`. Those of signers are the officers', those of the TSP's own the administrators'.
#include "base/error.h"
#include "ops/certificates.h"
#include "ops/operations.h"

namespace tsp::ops {
namespace {

constexpr Roles kEither{Role::officer, Role::administrator};

// {key or user, profile, days or hours}.
Json issue_certificate(Provider& provider, const Call& call) {
  IssueCertificate request;
  request.key = text_of(call, "key");
  request.user = text_of(call, "user");
  if (request.key.empty() == request.user.empty())
    throw Error(Fault::usage, "tsp cert issue needs either --key or --user", "",
                "see tsp help cert issue");
  request.profile = text_of(call, "profile");
  const auto days = integer_of(call, "days"), hours = integer_of(call, "hours");
  if (days && hours)
    throw Error(Fault::usage, "give --days or --hours, not both", "", "see tsp help cert issue");
  if ((days && (*days < 1 || *days > 36500)) || (hours && (*hours < 1 || *hours > 876000)))
    throw Error(Fault::usage, "a certificate of that lifetime cannot be issued",
                "--days takes 1 to 36500, --hours 1 to 876000",
                "nothing was issued; the profile's own limit may be lower still");
  if (days) request.lifetime = std::chrono::hours(24 * *days);
  if (hours) request.lifetime = std::chrono::hours(*hours);
  request.dry_run = flag_of(call, "dry_run");
  return to_json(issue_certificate(provider, request));
}

// A page (call.h): {after}, a serial.
Json list_certificates(Provider& provider, const Call& call) {
  const CertificatePage page = list_certificates(provider, text_of(call, "after"), kPage);
  Json receipt{{"certificates", Json::array()}};
  for (const auto& certificate : page.certificates)
    receipt["certificates"].push_back(to_json(certificate));
  if (!page.next.empty()) receipt["next"] = page.next;
  return receipt;
}

Json show_certificate(Provider& provider, const Call& call) {
  return to_json(show_certificate(provider, required_text(call, "serial")));
}

Json revoke_certificate(Provider& provider, const Call& call) {
  const CertificateInfo info = show_certificate(provider, required_text(call, "serial"));
  demand_role(provider, call, info.row.role == "signer" ? kOfficer : kAdministrator);
  return to_json(revoke_certificate(provider, info.row.serial, required_text(call, "reason"),
                                    flag_of(call, "dry_run")));
}

// {serial, chain}: `certificate` is PEM.
Json export_certificate(Provider& provider, const Call& call) {
  const std::string serial = required_text(call, "serial");
  return {{"serial", serial},
          {"certificate", export_certificate(provider, serial, flag_of(call, "chain"))}};
}

// {key}: `request` is a PKCS#10 in PEM.
Json certificate_request(Provider& provider, const Call& call) {
  const std::string key = required_text(call, "key");
  return {{"key", key}, {"request", certificate_request(provider, key)}};
}

// {key, certificate}, PEM.
Json import_certificate(Provider& provider, const Call& call) {
  const auto certificate = x509::Certificate::from_pem(required_text(call, "certificate"));
  return to_json(import_certificate(provider, required_text(call, "key"), certificate,
                                    flag_of(call, "dry_run")));
}

Json renew_certificate(Provider& provider, const Call& call) {
  const std::string name = required_text(call, "certificate");
  const bool own = is_infrastructure(name) || show_certificate(provider, name).row.role != "signer";
  demand_role(provider, call, own ? kAdministrator : kOfficer);
  return to_json(renew_certificate(provider, name, flag_of(call, "dry_run")));
}

}  // namespace

std::vector<Operation> certificate_operations() {
  return {
      {"cert issue",
       kOfficer,
       Worker::pki,
       true,
       {"key", "user", "profile", "days", "hours", "dry_run"},
       {},
       &issue_certificate},
      {"cert list", kStaff, Worker::pki, false, {"after"}, {}, &list_certificates},
      {"cert show", kStaff, Worker::pki, false, {"serial"}, {}, &show_certificate},
      {"cert revoke",
       kEither,
       Worker::pki,
       true,
       {"serial", "reason", "dry_run"},
       {},
       &revoke_certificate},
      {"cert export", kStaff, Worker::pki, false, {"serial", "chain"}, {}, &export_certificate},
      {"cert request", kOfficer, Worker::pki, false, {"key"}, {}, &certificate_request},
      {"cert import",
       kOfficer,
       Worker::pki,
       true,
       {"key", "certificate", "dry_run"},
       {},
       &import_certificate},
      {"cert renew",
       kEither,
       Worker::pki,
       true,
       {"certificate", "dry_run"},
       {},
       &renew_certificate},
  };
}

}  // namespace tsp::ops
