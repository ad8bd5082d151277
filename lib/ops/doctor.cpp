#include <sys/stat.h>

#include <fmt/format.h>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"
#include "ops/crls.h"
#include "ops/ocsp.h"
#include "ops/status.h"
#include "ops/timestamp.h"
#include "x509/revocation.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

// A key of its own, made for the probe and gone with it: no signer's key is touched.
std::string test_signature(Provider& provider) {
  const auto signer =
      provider.session("signers")->generate_one_time(crypto::KeyAlgorithm::ecdsa_p256);
  const Bytes digest = crypto::sha256(as_bytes("tsp doctor"));
  const Bytes signature =
      signer->sign(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256, digest);
  if (!signer->public_key().verify(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256, digest,
                                   signature))
    throw Error(Fault::hsm_unavailable, "the HSM's signature does not verify");
  return "ecdsa-p256 in token " + provider.config().text("hsm.token.signers");
}

std::string audit_append(Provider& provider) {
  const auto seq =
      provider.record(provider.event("doctor", audit::Outcome::done, "", Json::object()));
  return fmt::format("record {}", seq);
}

// The log as it stands can be appended to: the end of it fits its tree.
std::string could_append(Provider& provider) {
  return fmt::format("record {} could be appended", audit::frontier(provider.database()).size());
}

cms::TimestampRequest stamp_request() {
  return {crypto::HashAlgorithm::sha256, crypto::sha256(as_bytes("tsp doctor")), {}, {}, true};
}

std::string could_time_stamp(Provider& provider) {
  check_stamp(provider, stamp_request());
  return "it could be made";
}

std::string time_stamp(Provider& provider) {
  const Stamped stamped = stamp(provider, stamp_request());
  const auto verdict = cms::verify_token(cms::parse_token(stamped.token));
  if (!verdict.tsu) throw Error(Fault::failed, "the time-stamp does not verify", verdict.reason);
  return to_rfc3339(stamped.info.time) + " serial " + to_hex(stamped.info.serial);
}

std::string ocsp_round_trip(Provider& provider) {
  const auto issuer = provider.certificate_of_role("issuing");
  const auto subject = provider.certificate_of_role("tsa");
  const Bytes nonce = random_bytes(16);
  const auto answer = x509::OcspResponse::from_der(
      answer_ocsp(provider, x509::make_ocsp_request(subject, issuer, nonce)));
  if (!answer.authorised_responder(issuer))
    throw Error(Fault::failed, "the OCSP answer's signer is not authorised");
  if (answer.nonce() != nonce)
    throw Error(Fault::failed, "the OCSP answer does not carry the nonce");
  const auto single = answer.find(subject, issuer);
  if (!single || single->status != x509::CertStatus::good)
    throw Error(Fault::failed, "the OCSP answer does not call the TSA's certificate good");
  return "the TSA's certificate is good";
}

std::string permissions(Provider& provider) {
  std::size_t seen = 0;
  const auto check = [&](const std::string& path, mode_t forbidden) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) throw_errno(errno, "cannot examine " + path);
    if ((info.st_mode & forbidden) != 0)
      throw Error(Fault::failed, path + " is open to others", "", "chmod go-rwx " + path);
    ++seen;
  };
  check(provider.home().path, S_IWGRP | S_IWOTH);
  check(provider.home().database(), 077);
  for (const char* folder : {"/secrets", "/tokens"}) {
    const std::string path = provider.home().path + folder;
    if (!exists(path)) continue;
    check(path, 077);
    for (const auto& entry : fs::directory_iterator(path)) check(entry.path().string(), 077);
  }
  return fmt::format("{} places are closed to others", seen);
}

std::string store_check(Provider& provider) {
  const std::string verdict = provider.database().check();
  if (verdict != "ok") throw Error(Fault::tampered, "the store is damaged", verdict);
  return "integrity check passed";
}

Probe probe(const char* name, std::string (*run)(Provider&), Provider& provider) {
  try {
    return {name, true, run(provider), ""};
  } catch (const Error& error) {
    return {name, false, error.message, error.next};
  }
}

}  // namespace

std::vector<Probe> doctor(Provider& provider, bool dry_run) {
  return {probe("permissions", &permissions, provider),
          probe("store", &store_check, provider),
          probe("audit append", dry_run ? &could_append : &audit_append, provider),
          probe("test signature", &test_signature, provider),
          probe("time-stamp", dry_run ? &could_time_stamp : &time_stamp, provider),
          probe("OCSP round trip", &ocsp_round_trip, provider)};
}

Json to_json(const std::vector<Probe>& probes) {
  Json list = Json::array();
  bool ok = true;
  for (const auto& each : probes) {
    list.push_back(
        {{"name", each.name}, {"ok", each.ok}, {"detail", each.detail}, {"hint", each.next}});
    ok = ok && each.ok;
  }
  return {{"ok", ok}, {"probes", list}};
}

}  // namespace tsp::ops
