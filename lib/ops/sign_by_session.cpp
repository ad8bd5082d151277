#include "ops/sign_by_session.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "ops/signing_session.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

// Whether the policy knows a way that is answered with a request.
bool asks_elsewhere(const Credential& credential) {
  const auto policy = sam::Requirement::parse(credential.factors, credential.scal);
  return std::any_of(policy.alternatives().begin(), policy.alternatives().end(),
                     [](const sam::Factors& factors) {
                       return std::any_of(factors.begin(), factors.end(), &sam::binds_documents);
                     });
}

// Of signatures that are there, by a key that is gone, the session itself says with which
// certificate: they are verified with it, and nothing more is signed.
Credential credential_of(Backend& backend, const Session& session, const AskPin& pin) {
  if (session.one_shot)
    return one_shot_credential(backend, session.user, session.one_shot->scal, pin);
  if (session.certificates.empty()) return own_credential(backend, session.user, session.key, pin);
  const auto& signer = session.certificates.front();
  return {session.user,
          session.key,
          session.algorithm,
          signer.serial(),
          session.scal,
          "",
          signer.common_name(),
          signer,
          {session.certificates.begin() + 1, session.certificates.end()}};
}

// The files of a session, held against what was prepared.
void open_again(const SigningPlan& plan, Work& work, const ResumeSession& request) {
  Work fresh = begin_work(plan, work.receipt.input, work.receipt.output);
  fresh.receipt.pages = work.receipt.pages;
  fresh.receipt.audit_seq = work.receipt.audit_seq;
  work.receipt = std::move(fresh.receipt);
  if (!work.prepared->signed_attributes.empty())
    work.receipt.dtbs_sha256 = to_hex(crypto::sha256(work.prepared->signed_attributes));
  try {
    work.input = open_for_reading(work.receipt.input);
    ades::check_prepared(work.input, work.receipt.input, *work.prepared);
    if (!request.dry_run)
      work.output = std::make_unique<OutputFile>(
          work.receipt.output, request.force ? Existing::replace : Existing::refuse);
  } catch (const Error& error) {
    fail(work, error);
  }
}

void name_output(std::vector<Work>& works, const std::string& output) {
  if (output.empty()) return;
  if (works.size() != 1)
    throw Error(Fault::usage, "-o names one output, but the session has several documents", "",
                "nothing was signed; leave it out");
  if (absolute_path(output) == absolute_path(works.front().receipt.input))
    throw Error(Fault::usage, "input and output are the same file", output,
                "nothing was signed; give another name with -o");
  works.front().receipt.output = output;
}

bool none_failed(const std::vector<Work>& works) {
  return std::ranges::none_of(works,
                              [](const Work& work) { return work.receipt.error.has_value(); });
}

// A disk that takes no session leaves what was there; then each failure leaves its own.
void keep_signatures(const std::string& path, SigningPlan& plan, const std::vector<Work>& works) {
  try {
    if (keep_session(path, plan, works)) plan.session = path;
  } catch (const Error&) {
    plan.session.clear();
  }
}

// Time-stamp servers may be named anew; what is known and kept is of this call.
void take_options(LongTermOptions& of_session, const LongTermOptions& given) {
  if (!given.tsa_urls.empty()) {
    of_session.tsa_urls = given.tsa_urls;
    of_session.tsa_policy = given.tsa_policy;
  }
  of_session.authorities = given.authorities;
  of_session.cache = given.cache;
}

}  // namespace

SessionPrepared prepare_session(Backend& backend, const World& world, const SignDocuments& request,
                                const AskPin& pin, const std::string& session) {
  if (world.jail == nullptr) throw Error(Fault::failed, "documents cannot be parsed here");
  backend.get_ready();
  auto first = begin_first(world, request);
  const SigningPlan plan =
      make_plan(credential_for(backend, request, pin), whole_seconds(world.clock.now()),
                request.hash, request.level, request.long_term);
  std::vector<Work> works = prepare_documents(backend, world, request, plan, std::move(first), {});
  for (const Work& work : works)
    if (work.receipt.error) throw Error(*work.receipt.error);
  const auto ready = prepared_works(works);
  SessionPrepared out{session, manifest_of(plan, ready), std::nullopt};
  backend.check(plan.credential, out.manifest);
  SessionRequest asked_for;
  if (asks_elsewhere(plan.credential)) {
    const sam::Asked asked = backend.ask(plan.credential, &out.manifest, sam::AnswerKey::in_store);
    asked_for = {sam::encode(asked.request), asked.questions, {}};
    out.request = asked.request;
  }
  write_session(session, plan, {ready.begin(), ready.end()}, asked_for);
  return out;
}

std::vector<SignedDocument> resume_session(Backend& backend, const World& world,
                                           const ResumeSession& request, const SignerPrompt& signer,
                                           const Progress& progress) {
  const std::string& path = request.session;
  Session session = read_session(path);
  SigningPlan plan = make_plan(credential_of(backend, session, signer.pin), session.now,
                               session.hash, session.level, session.long_term);
  if (!session.certificates.empty()) plan.after = SigningPlan::Key::goes;
  if (std::ranges::any_of(session.works, [](const Work& work) { return work.signature.empty(); }))
    backend.get_ready();
  take_options(plan.long_term, request.long_term);
  if (plan.credential.certificate_serial != session.certificate_serial ||
      plan.credential.one_shot != session.one_shot)
    throw Error(Fault::policy_refused, "the session " + path + " cannot go on",
                "it was prepared for another certificate", "nothing was signed; prepare it anew");
  name_output(session.works, request.output);
  for (Work& work : session.works) open_again(plan, work, request);
  const auto ready = prepared_works(session.works);
  std::vector<Work*> unsigned_ones;
  for (Work* work : ready)
    if (work->signature.empty()) unsigned_ones.push_back(work);
  if (!unsigned_ones.empty()) {
    const sam::Manifest manifest = manifest_of(plan, unsigned_ones);
    backend.check(plan.credential, manifest);
    if (request.dry_run) return receipts_of(session.works);
    const Bytes id =
        session.request.request.empty() ? Bytes() : sam::decode_request(session.request.request).id;
    sign_in_hsm(backend, world, plan, manifest,
                signer.factors({backend, plan.credential, manifest, id, session.request.answer,
                                plan.parsing()}),
                unsigned_ones, progress);
  }
  if (request.dry_run) return receipts_of(session.works);
  keep_signatures(path, plan, session.works);
  finish_documents(backend, world, plan, prepared_works(session.works), progress);
  if (!plan.session.empty() || none_failed(session.works))
    keep_signatures(path, plan, session.works);
  return receipts_of(session.works);
}

}  // namespace tsp::ops
