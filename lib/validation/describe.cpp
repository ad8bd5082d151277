#include "validation/describe.h"

#include <algorithm>

#include "base/error.h"
#include "trust/strength.h"

namespace tsp::validation {
namespace {

std::string status_of(const trust::RevocationVerdict& verdict) {
  switch (verdict.status) {
    case trust::RevocationStatus::good:
      return "good";
    case trust::RevocationStatus::revoked:
      return verdict.reason == "certificateHold" ? "suspended" : "revoked";
    case trust::RevocationStatus::unknown:
      return "unknown";
    case trust::RevocationStatus::not_needed:
      return "not-needed";
  }
  return "unknown";
}

std::string key_of(const x509::Certificate& certificate) {
  try {
    return certificate.public_key().description();
  } catch (const Error&) {
    return "unknown";
  }
}

RevocationUsed describe(const trust::RevocationVerdict& verdict, const Context& context) {
  RevocationUsed out;
  out.kind = "none";
  out.status = status_of(verdict);
  out.text = verdict.text;
  if (verdict.source == trust::RevocationSource::none) return out;
  const bool is_crl = verdict.source == trust::RevocationSource::crl;
  const Material::Piece& piece = context.material.of(verdict);
  out.kind = is_crl ? "crl" : "ocsp";
  out.origin = name_of(piece.origin);
  if (is_crl)
    out.issuer = context.evidence.crls[verdict.index].issuer();
  else if (verdict.responder)
    out.issuer = verdict.responder->subject();
  out.this_update = verdict.this_update;
  out.next_update = verdict.next_update;
  if (verdict.status == trust::RevocationStatus::revoked) {
    out.revoked_at = verdict.revoked_at;
    out.reason = verdict.reason;
  }
  out.proven = context.proofs.earliest(piece.id).time;
  out.fresh = verdict.fresh;
  out.sha256 = to_hex(piece.id);
  return out;
}

}  // namespace

std::vector<ChainCertificate> describe_chain(
    const std::vector<x509::Certificate>& chain,
    const std::vector<std::optional<trust::RevocationVerdict>>& used, const Context& context) {
  std::vector<ChainCertificate> out;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const x509::Certificate& certificate = chain[i];
    const ObjectId id = id_of(certificate.der());
    ChainCertificate told;
    told.subject = certificate.subject();
    told.issuer = certificate.issuer();
    told.serial = certificate.serial();
    told.sha256 = to_hex(id);
    told.not_before = certificate.not_before();
    told.not_after = certificate.not_after();
    told.trust_anchor = context.anchors.contains(certificate);
    told.key = key_of(certificate);
    const Material::Piece* piece = context.material.certificate(id);
    told.origin = told.trust_anchor  ? "anchor"
                  : piece != nullptr ? name_of(piece->origin)
                                     : "signature";
    told.proven = context.proofs.earliest(id).time;
    told.der = certificate.der();
    if (i < used.size() && used[i]) told.revocation = describe(*used[i], context);
    out.push_back(std::move(told));
  }
  return out;
}

TimestampResult describe_timestamp(const CoveringStamp& stamp, const Context& context) {
  const TimestampValidation& judged = *stamp.judged;
  TimestampResult out;
  out.id = stamp.id;
  out.kind = stamp.kind;
  if (judged.info) {
    out.time = judged.info->time;
    out.serial = to_hex(judged.info->serial);
    out.policy = judged.info->policy;
    out.hash_algorithm = crypto::name_of(judged.info->hash);
  }
  if (judged.unit) out.tsa = judged.unit->subject();
  out.indication = indication_of(judged.conclusion);
  out.sub_indication = name_of(judged.conclusion.sub);
  out.past = judged.past;
  if (judged.proven < context.at) out.proven = judged.proven;
  out.steps = judged.steps;
  out.chain = describe_chain(judged.path.chain,
                             judged.past ? judged.past_used : judged.path.revocation, context);
  return out;
}

std::vector<ProofOfExistence> describe_proofs(const SignatureResult& signature,
                                              const ObjectId& value, const Context& context) {
  std::vector<ProofOfExistence> out;
  const auto add = [&](std::string_view object, const std::string& name, const ObjectId& id) {
    const std::string sha256 = to_hex(id);
    if (std::ranges::find(out, sha256, &ProofOfExistence::sha256) != out.end()) return;
    const Proof proof = context.proofs.earliest(id);
    out.push_back({std::string(object), name, sha256, proof.time, proof.by});
  };
  const auto add_chain = [&](const std::vector<ChainCertificate>& chain) {
    for (const ChainCertificate& each : chain) {
      add("certificate", each.subject, *from_hex(each.sha256));
      if (each.revocation && !each.revocation->sha256.empty())
        add(each.revocation->kind, each.revocation->issuer, *from_hex(each.revocation->sha256));
    }
  };
  add("signature", signature.id, value);
  add_chain(signature.chain);
  for (const TimestampResult& stamp : signature.timestamps) add_chain(stamp.chain);
  return out;
}

End end_of(const cms::SignerInfo& signer, const std::vector<x509::Certificate>& chain,
           std::optional<crypto::HashAlgorithm> imprint, const Context& context) {
  End out;
  const auto consider = [&](std::optional<Time> time, const std::string& because) {
    if (time && *time < out.time) out = {*time, because};
  };
  const crypto::Suite& suite = context.policy.suite;
  for (const x509::Certificate& certificate : chain)
    consider(certificate.not_after(), "the certificate of " + certificate.subject() + " ends");
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    consider(trust::last_moment(trust::algorithms_of(chain[i]), chain[i + 1], suite),
             "the algorithms of the certificate of " + chain[i].subject() + " end");
  if (!chain.empty())
    consider(trust::last_moment({signer.scheme, signer.hash}, chain.front(), suite),
             "the algorithms of the signature end");
  if (imprint) consider(suite.last_moment(*imprint), "the hash of the time-stamp's imprint ends");
  return out;
}

}  // namespace tsp::validation
