#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "crypto/digest.h"
#include "ops/signing.h"
#include "ops/signing_session.h"

namespace tsp::ops {
namespace {

// Keeps what was made, so that nobody approves it twice. The session's path, or empty.
std::string leave_session(const SigningPlan& plan, const Work& work) {
  if (work.signature.empty() || !work.prepared || work.receipt.output == "-" ||
      work.receipt.input == "-")
    return "";
  if (!plan.session.empty()) return plan.session;
  try {
    std::string path = free_session_path(work.receipt.output);
    write_session(path, plan, {&work}, {});
    return path;
  } catch (const Error&) {
    return "";  // the disk that refused the document refuses the session too
  }
}

// What helps against missing evidence, by what was missing.
std::string remedy(const Work& work, const char* how) {
  return work.token.empty() ? fmt::format("{} another --tsa", how)
                            : fmt::format("{} --trust for an issuer that is not published", how);
}

// What failed once the signature was there: the HSM was called, whatever the error itself says.
Error after_signing(const SigningPlan& plan, const Work& work, const Error& error) {
  const Fault fault =
      error.fault == Fault::audit_before_signing ? Fault::audit_after_signing : error.fault;
  const std::string what = fault == Fault::audit_after_signing
                               ? "the HSM was called for the signature, but " + error.failed
                               : error.failed;
  const bool missing = error.fault == Fault::evidence_missing;
  const std::string session = leave_session(plan, work);
  std::string next = "the signature was made and is on record, but no file was written; ";
  if (!session.empty())
    next += "finish it with tsp sign --resume " + session +
            (missing ? ", " + remedy(work, "if need be with") : "");
  else if (missing)
    next += "sign again " + remedy(work, "with") + ", or with --level " +
            (work.token.empty() ? "B-B" : "B-T");
  else
    next += "sign again with a new code";
  return Error(fault, what, error.why, next,
               error.audit_seq.value_or(static_cast<std::uint64_t>(work.receipt.audit_seq)));
}

class Finish {
 public:
  Finish(Backend& backend, const World& world, const SigningPlan& plan)
      : world_(world), plan_(plan), long_term_(&backend, world, plan.long_term) {}

  // The time-stamp, the CMS in its hole, the document as far as B-T.
  void stamp(Work& work) {
    attempt(work, [&] {
      work.receipt.signature_time = plan_.now;
      std::optional<Bytes> token;
      if (plan_.with_timestamp()) {
        if (work.token.empty())
          work.token = long_term_.timestamper().stamp(plan_.hash,
                                                      crypto::digest(plan_.hash, work.signature));
        token = work.token;
        work.receipt.signature_time = cms::parse_token(*token).info.time;
      }
      const auto& signer = plan_.credential.certificate.value();
      const auto& chain = plan_.credential.chain;
      refuse_late(signer, *work.receipt.signature_time);
      const bool room =
          ades::fits(*work.prepared, signer, chain, plan_.scheme, work.signature, token);
      closed_ = *work.prepared;
      ades::close_pdf(closed_, signer, chain, plan_.scheme, work.signature,
                      room ? token : std::nullopt);
      if (!plan_.with_evidence() && room) {
        const int out = work.output ? work.output->fd() : STDOUT_FILENO;
        ades::write_pdf(work.input, closed_, out, work.receipt.output);
        if (work.output) work.output->keep();
        work.prepared.reset();
        return;
      }
      work.document = std::make_unique<GrowingFile>(work.output.get(), work.receipt.output);
      work.document->begin(work.input, closed_);
      work.contents = pdf::contents_of(closed_.revision);
      // A token that is too large for the hole: another one over the whole document says as much.
      work.proof =
          room ? work.token : long_term_.add_timestamp(*work.document, plan_.hash).token.der;
    });
  }

  // Evidence, and the document time-stamp that protects it.
  void protect(Work& work) {
    attempt(work, [&] {
      if (plan_.with_evidence()) {
        EvidenceCollector collector(long_term_.library());
        const auto evidence = long_term_.collect(collector, {need_of(work, collector)});
        refuse_revoked(evidence.all);
        if (plan_.level == Level::b_lta)
          long_term_.add_archive(*work.document, evidence, plan_.hash);
        else
          long_term_.add_evidence(*work.document, evidence);
      }
      work.document->keep();
      work.prepared.reset();
    });
  }

 private:
  template <class Act>
  void attempt(Work& work, Act&& act) {
    try {
      world_.stop_if_asked();
      act();
    } catch (const Error& error) {
      const Error told = after_signing(plan_, work, error);
      work.document.reset();
      fail(work, told);
    }
  }

  EvidenceNeed need_of(const Work& work, EvidenceCollector& collector) const {
    EvidencePool& at_hand = collector.at_hand();
    for (const auto& each : plan_.credential.chain) at_hand.add(each);
    const EvidenceSubject unit = unit_of(cms::parse_token(work.proof), at_hand);
    return {work.contents, {{plan_.credential.certificate.value(), unit.proof}, unit}};
  }

  // A certificate that lives for minutes may be over when the time-stamp comes at last.
  static void refuse_late(const x509::Certificate& signer, Time proof) {
    if (whole_seconds(proof) > signer.not_after())
      throw Error(Fault::policy_refused, "the signature is worth nothing",
                  "its certificate expired at " + to_rfc3339(signer.not_after()) +
                      ", before the time-stamp");
  }

  // Revoked between signature and time-stamp: nobody could ever accept it.
  static void refuse_revoked(const Evidence& evidence) {
    for (const auto& each : evidence.revoked)
      if (each.before_proof)
        throw Error(Fault::policy_refused, "the signature is worth nothing",
                    each.certificate.subject() + " was revoked at " + to_rfc3339(each.at) +
                        ", before the time-stamp");
  }

  const World& world_;
  const SigningPlan& plan_;
  LongTerm long_term_;
  ades::PreparedPdf closed_;
};

}  // namespace

void finish_documents(Backend& backend, const World& world, const SigningPlan& plan,
                      const std::vector<Work*>& works, const Progress& progress) {
  if (!plan.with_timestamp()) backend.rest();
  Finish finish(backend, world, plan);
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (works[i]->prepared) finish.stamp(*works[i]);
    if (progress && plan.with_evidence()) progress("stamped", i + 1, works.size());
    if (progress && !plan.with_evidence()) progress("finished", i + 1, works.size());
  }
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (works[i]->document) finish.protect(*works[i]);
    if (progress && plan.with_evidence()) progress("finished", i + 1, works.size());
  }
}

namespace {

// Every document names the certificate that was made for it.
std::vector<sam::Signature> name_signer(SigningPlan& plan, OneShotSigned made,
                                        const std::vector<Work*>& works) {
  Credential& credential = plan.credential;
  credential.key = std::move(made.key);
  credential.certificate_serial = made.certificate.serial();
  credential.certificate = std::move(made.certificate);
  credential.one_shot.reset();
  for (Work* work : works) {
    work->receipt.key = credential.key;
    work->receipt.certificate_serial = credential.certificate_serial;
    ades::name_signer(*work->prepared, *credential.certificate);
  }
  return std::move(made.signatures);
}

}  // namespace

void sign_in_hsm(Backend& backend, const World& world, SigningPlan& plan,
                 const sam::Manifest& manifest, const sam::Presented& factors,
                 const std::vector<Work*>& works, const Progress& progress) {
  world.stop_if_asked();
  const Credential& credential = plan.credential;
  const auto each = [&](std::size_t done) {
    if (progress) progress("signed", done, works.size());
    world.stop_if_asked();
  };
  auto signatures =
      credential.one_shot
          ? name_signer(plan,
                        backend.sign_one_shot(backend.authorize(credential, manifest, factors),
                                              manifest, each),
                        works)
          : backend.approve_and_sign(credential, manifest, factors, each);
  for (std::size_t i = 0; i < works.size(); ++i) {
    Work& work = *works[i];
    work.receipt.audit_seq = signatures[i].audit_seq;
    work.receipt.dtbs_sha256 = to_hex(crypto::sha256(work.prepared->signed_attributes));
    work.signature = std::move(signatures[i].value);
    if (signatures[i].error) fail(work, *signatures[i].error);
  }
}

}  // namespace tsp::ops
