// A key and a certificate for one approval alone.
#include <fmt/format.h>

#include "crypto/digest.h"
#include "crypto/suite.h"
#include "sam/activation.h"
#include "sam/octets.h"
#include "sam/signing_job.h"

namespace tsp::sam {
namespace {

constexpr const char* kOneShotRefused = "the approval is refused";
constexpr const char* kDestroyed =
    "the key was destroyed and nothing was signed; the approval is used up";

// The order as a signing order over a manifest that is complete once there is a certificate.
struct Session {
  explicit Session(const OneShotOrder& one_shot)
      : order(one_shot), signing{order.caller, order.approval, &completed, order.progress} {
    jobs.emplace_back(signing);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const OneShotOrder& order;
  Manifest completed;
  SigningOrder signing;
  Jobs jobs;
  GroupPolicy group;

  SigningJob& job() { return jobs.front(); }
  const std::string& signer() { return job().approval.user; }
  const std::string& key() { return job().approval.key; }  // the id, once the approval is taken
};

// The approval as it stands: of this very manifest, for a key that is made for it.
void look_at_approval(Context& context, Session& session, Time now) {
  SigningJob& job = session.job();
  const Manifest& manifest = *session.order.manifest;
  job.approval = find_approval(context, job.approval_id, now);
  check_approval_mac(context, job.approval);
  check_whose(context, job.approval, "", session.order.group);
  if (job.approval.key != kOneShotKey || !manifest.one_shot ||
      !equal(job.approval.manifest_sha256, manifest_hash(manifest)))
    throw refusal("hash-not-approved", "the approval is refused and void from now on",
                  "it was given for something else");
  const SignerView view = view_of(context, job.approval.user);
  check_one_shot_order(view, job.approval.key, manifest, now);
  session.group = view.group;
}

// On record, and the approval void.
[[noreturn]] void refuse_order(Context& context, Session& session, const Refusal& refusal) {
  SigningJob& job = session.job();
  job.made.reset();
  job.refusal = refusal;
  const std::int64_t seq = put(context, [&](store::Transaction& transaction) {
    void_approval(context, transaction, job);
    return audit::append(transaction, context.clock.now(), refusal_of(context, transaction, job));
  });
  throw Error(refusal.fault, refusal.failed, refusal.why, refusal.next,
              static_cast<std::uint64_t>(seq));
}

audit::Event generation_of(Session& session, const std::string& id) {
  const OneShot& approved = *session.order.manifest->one_shot;
  audit::Event event = event_of("key.generate", *session.order.caller, id);
  event.details = {{"user", session.signer()},
                   {"algorithm", approved.algorithm},
                   {"scal", approved.scal},
                   {"one_shot", true},
                   {"approval", to_hex(session.job().approval_id)}};
  return event;
}

void generate(Context& context, Session& session, const std::string& id) {
  const auto algorithm = crypto::parse_key_algorithm(session.order.manifest->one_shot->algorithm);
  try {
    session.job().made = context.signers->generate_one_time(algorithm.value());
  } catch (const Error& error) {
    audit::Event event = generation_of(session, id);
    event.outcome = audit::Outcome::failed;
    event.details["reason"] = fault_row(error.fault).name;
    const auto seq = put(context, [&](store::Transaction& transaction) {
      account(context, transaction, session.group, event.event, "failed");
      return audit::append(transaction, context.clock.now(), event);
    });
    throw Error(error.fault, error.failed, error.why, "nothing was signed",
                static_cast<std::uint64_t>(seq));
  }
}

// The approval goes, for good and whole, in the transaction that records the key.
void take_approval(Context& context, Session& session, const std::string& id) {
  SigningJob& job = session.job();
  audit::Event event = generation_of(session, id);
  event.details["public_key_sha256"] = to_hex(crypto::sha256(job.made->public_key().spki()));
  try {
    put(context, [&](store::Transaction& transaction) {
      const Time now = context.clock.now();
      if (find_approval(context, job.approval_id, now) != job.approval)
        throw refusal("approval-forged", kOneShotRefused, "it was changed in this moment");
      check_signer(view_of(context, job.approval.user));
      store::delete_approval(transaction, job.approval_id);
      account(context, transaction, session.group, event.event, "done");
      return audit::append(transaction, now, event);
    });
  } catch (const Refusal&) {
    throw;
  } catch (const Error& error) {
    if (error.fault != Fault::audit_before_signing) throw;
    throw Error(Fault::audit_after_signing, "the HSM made a key, but that could not be recorded",
                error.why, "the key was destroyed and nothing was signed");
  }
  job.approval.key = id;
}

void open(Context& context, Session& session) {
  try {
    look_at_approval(context, session, context.clock.now());
    const std::string id = to_hex(random_bytes(kIdSize));
    generate(context, session, id);
    take_approval(context, session, id);
  } catch (const Refusal& refusal) {
    refuse_order(context, session, refusal);
  }
}

// What was made must be what was approved: the module believes nobody's certificate.
store::CertificateRow approved_row(Context& context, Session& session,
                                   const x509::Certificate& certificate) {
  const OneShot& approved = *session.order.manifest->one_shot;
  const auto no = [&](std::string why) {
    return refusal("certificate-not-approved", "the key " + session.key() + " may not sign",
                   std::move(why));
  };
  auto row = store::find_certificate(context.database, certificate.serial());
  if (!row || !equal(row->der, certificate.der()) || row->owner != session.signer() ||
      row->key != session.key())
    throw no("its certificate is not in the store");
  if (!equal(certificate.public_key().spki(), session.job().made->public_key().spki()))
    throw no("its certificate is another key's");
  if (certificate.subject() != approved.subject) throw no("its certificate is another subject's");
  if (!certificate.needs_no_revocation_check() ||
      certificate.not_after() - certificate.not_before() >= std::chrono::seconds(approved.seconds))
    throw no("its certificate is valid for longer than was approved, or could be revoked");
  return std::move(*row);
}

void complete(Context& context, Session& session, const x509::Certificate& certificate) {
  SigningJob& job = session.job();
  const OneShot& approved = *session.order.manifest->one_shot;
  store::CertificateRow row = approved_row(context, session, certificate);
  store::KeyRow key;
  key.id = session.key();
  key.owner = session.signer();
  key.algorithm = approved.algorithm;
  key.scal = approved.scal;
  const auto scheme = crypto::scheme_for(crypto::parse_key_algorithm(approved.algorithm).value(),
                                         crypto::Purpose::document);
  session.completed = with_attributes(*session.order.manifest, certificate);
  if (auto why = crypto::objection(scheme, session.completed.hash, certificate.public_key(),
                                   context.clock.now()))
    throw refusal("algorithm", "the key " + key.id + " may not sign", *why);
  std::vector<Bytes> dtbs = recompute_dtbs(session.completed, certificate);
  job.prepared = Prepared{session.group, std::move(key),  std::move(row), certificate,
                          scheme,        std::move(dtbs), Kept::in_hsm};
}

// The key goes at once; its record where the store can still be written. What kept it from being
// used is told by whoever calls this.
void destroy_unused(Context& context, Session& session, std::string_view why) {
  SigningJob& job = session.job();
  job.made.reset();
  try {
    put(context, [&](store::Transaction& transaction) {
      account(context, transaction, session.group, "key.destroy", "done");
      return audit::append(transaction, context.clock.now(), destruction_of(job, why));
    });
  } catch (const Error&) {
    // The key was an object of the HSM's session: it is gone, on record or not.
  }
}

x509::Certificate certify(Context& context, Session& session) {
  SigningJob& job = session.job();
  try {
    x509::Certificate certificate =
        session.order.certify({session.key(), session.signer(), job.made->public_key(),
                               *session.order.manifest->one_shot});
    complete(context, session, certificate);
    return certificate;
  } catch (const Refusal& refusal) {
    destroy_unused(context, session, refusal.reason);
    refuse_order(context, session, refusal);
  } catch (const Error& error) {
    destroy_unused(context, session, fault_row(error.fault).name);
    throw Error(error.fault, error.failed, error.why, kDestroyed, error.audit_seq);
  } catch (...) {
    destroy_unused(context, session, fault_row(Fault::failed).name);
    throw;
  }
}

}  // namespace

void check_one_shot_order(const SignerView& signer, const std::string& key,
                          const Manifest& manifest, Time now) {
  check_signer(signer);
  if (key != kOneShotKey || !manifest.one_shot)
    throw refusal("manifest", "the manifest is refused",
                  "it says nothing of the key that would sign, or of another");
  check_group(signer.group, manifest);
  try {
    sam::check_one_shot(manifest);
  } catch (const Error& error) {
    throw Refusal("manifest", error);
  }
  if (auto why = crypto::objection(manifest.hash, now))
    throw refusal("algorithm", "the manifest is refused", *why);
}

OneShotSigned SignatureActivationModule::sign_one_shot(const OneShotOrder& order) {
  Context& context = *state_;
  Session session(order);
  open(context, session);
  x509::Certificate certificate = certify(context, session);
  SigningJob& job = session.job();
  begin(context, session.jobs);
  if (!job.alive()) {
    const Error& error = *job.result.error;
    destroy_unused(
        context, session,
        job.refusal ? std::string_view(job.refusal->reason) : fault_row(error.fault).name);
    throw Error(error.fault, error.failed, error.why, kDestroyed, error.audit_seq);
  }
  job.result.signatures =
      use_key(*context.signers,
              Activation(*job.prepared, session.completed.hash, job.seal_key, std::move(job.made)),
              order.progress);
  finish(context, session.jobs);
  if (job.result.error) throw Error(*job.result.error);
  return {session.key(), std::move(certificate), std::move(job.result.signatures)};
}

}  // namespace tsp::sam
