#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "ops/signing.h"
#include "ops/signing_session.h"

namespace tsp::ops {
namespace {

// Our own TSA, or the first of the named ones that answers well.
Bytes timestamp(Backend& backend, const World& world, const SigningPlan& plan, ByteView imprint) {
  if (plan.tsa_urls.empty()) return backend.timestamp(plan.hash, imprint);
  if (world.fetcher == nullptr) throw Error(Fault::evidence_missing, "nothing can be fetched here");
  std::string tried;
  for (const std::string& url : plan.tsa_urls) {
    try {
      return fetch_timestamp(*world.fetcher, url, plan.hash, imprint, world.patience);
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
      tried += (tried.empty() ? "" : "; ") + error.message;
    }
  }
  throw Error(Fault::evidence_missing, "no time-stamp could be had", tried);
}

// Keeps what was made, so that nobody approves it twice. The session's path, or empty.
std::string leave_session(const SigningPlan& plan, const Work& work) {
  if (work.signature.empty() || !work.prepared || work.receipt.output == "-" ||
      work.receipt.input == "-")
    return "";
  try {
    const std::string path = free_session_path(work.receipt.output);
    write_session(path, plan, {&work}, {});
    return path;
  } catch (const Error&) {
    return "";  // the disk that refused the document refuses the session too
  }
}

// What failed once the signature was there: the HSM was called, whatever the error itself says.
Error after_signing(const SigningPlan& plan, const Work& work, const Error& error) {
  const Fault fault =
      error.fault == Fault::audit_before_signing ? Fault::audit_after_signing : error.fault;
  const std::string what = fault == Fault::audit_after_signing
                               ? "the HSM was called for the signature, but " + error.failed
                               : error.failed;
  const std::string session = leave_session(plan, work);
  std::string next = "the signature was made and is on record, but no file was written; ";
  if (!session.empty())
    next += "finish it with tsp sign --resume " + session +
            (error.fault == Fault::evidence_missing ? ", if need be with another --tsa" : "");
  else
    next += std::string("sign again ") + (error.fault == Fault::evidence_missing
                                              ? "with another --tsa, or with --level B-B"
                                              : "with a new code");
  return Error(fault, what, error.why, next,
               error.audit_seq.value_or(static_cast<std::uint64_t>(work.receipt.audit_seq)));
}

}  // namespace

// Time-stamp, close, write: the output appears whole or not at all.
void finish_document(Backend& backend, const World& world, const SigningPlan& plan, Work& work) {
  try {
    world.stop_if_asked();
    std::optional<Bytes> token;
    work.receipt.signature_time = plan.now;
    if (plan.with_timestamp()) {
      token = timestamp(backend, world, plan, crypto::digest(plan.hash, work.signature));
      work.receipt.signature_time = cms::parse_token(*token).info.time;
    }
    ades::PreparedPdf closed = *work.prepared;
    ades::close_pdf(closed, plan.credential.certificate, plan.credential.chain, plan.scheme,
                    work.signature, token);
    const int out = work.output ? work.output->fd() : STDOUT_FILENO;
    ades::write_pdf(work.input, closed, out, work.receipt.output);
    if (work.output) work.output->keep();
    work.prepared.reset();
  } catch (const Error& error) {
    fail(work, after_signing(plan, work, error));
  }
}

void sign_and_finish(Backend& backend, const World& world, const SigningPlan& plan,
                     const sam::Manifest& manifest, const sam::Presented& factors,
                     const std::vector<Work*>& works, const Progress& progress) {
  world.stop_if_asked();
  const sam::Approval approval = backend.authorize(plan.credential, manifest, factors);
  auto signatures = backend.sign(approval, manifest, [&](std::size_t done) {
    if (progress) progress("signed", done, works.size());
    world.stop_if_asked();
  });
  for (std::size_t i = 0; i < works.size(); ++i) {
    Work& work = *works[i];
    work.receipt.audit_seq = signatures[i].audit_seq;
    work.receipt.dtbs_sha256 = to_hex(crypto::sha256(work.prepared->signed_attributes));
    work.signature = std::move(signatures[i].value);
    if (signatures[i].error)
      fail(work, *signatures[i].error);
    else
      finish_document(backend, world, plan, work);
    if (progress) progress("finished", i + 1, works.size());
  }
}

}  // namespace tsp::ops
