// The JSON of validation reports.
#include "ops/validate_documents.h"

namespace tsp::ops {
namespace {

Json moment(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <class T>
Json list(const std::vector<T>& items);

Json to_json(const validation::Finding& finding) {
  return {{"severity", validation::name_of(finding.severity)},
          {"id", finding.id},
          {"detail", finding.detail}};
}

Json to_json(const validation::StepResult& step) {
  return {{"clause", step.clause},
          {"name", step.name},
          {"status", validation::name_of(step.status)},
          {"sub_indication", text_or_null(step.sub_indication)},
          {"finding", text_or_null(step.finding)},
          {"reason", text_or_null(step.reason)}};
}

Json to_json(const validation::RevocationUsed& used) {
  return {{"kind", used.kind},
          {"status", used.status},
          {"origin", text_or_null(used.origin)},
          {"issuer", text_or_null(used.issuer)},
          {"this_update", moment(used.this_update)},
          {"next_update", moment(used.next_update)},
          {"revoked_at", moment(used.revoked_at)},
          {"reason", text_or_null(used.reason)},
          {"proven", moment(used.proven)},
          {"fresh", used.fresh},
          {"sha256", text_or_null(used.sha256)},
          {"text", text_or_null(used.text)}};
}

Json to_json(const validation::ChainCertificate& certificate) {
  return {
      {"subject", certificate.subject},
      {"issuer", certificate.issuer},
      {"serial", certificate.serial},
      {"sha256", certificate.sha256},
      {"not_before", to_rfc3339(certificate.not_before)},
      {"not_after", to_rfc3339(certificate.not_after)},
      {"trust_anchor", certificate.trust_anchor},
      {"key", certificate.key},
      {"origin", certificate.origin},
      {"proven", moment(certificate.proven)},
      {"revocation", certificate.revocation ? to_json(*certificate.revocation) : Json(nullptr)}};
}

Json to_json(const validation::ProofOfExistence& proof) {
  return {{"object", proof.object},
          {"name", proof.name},
          {"sha256", proof.sha256},
          {"time", to_rfc3339(proof.time)},
          {"by", proof.by}};
}

Json to_json(const validation::TimestampResult& timestamp) {
  return {{"id", timestamp.id},
          {"kind", timestamp.kind},
          {"time", moment(timestamp.time)},
          {"tsa", timestamp.tsa},
          {"indication", validation::name_of(timestamp.indication)},
          {"sub_indication", text_or_null(timestamp.sub_indication)},
          {"serial", text_or_null(timestamp.serial)},
          {"policy", text_or_null(timestamp.policy)},
          {"hash_algorithm", text_or_null(timestamp.hash_algorithm)},
          {"past", timestamp.past},
          {"proven", moment(timestamp.proven)},
          {"steps", list(timestamp.steps)},
          {"chain", list(timestamp.chain)}};
}

Json to_json(const validation::SignatureResult& signature) {
  return {{"id", signature.id},
          {"format", signature.format},
          {"level", signature.level},
          {"next_level_lacks", text_or_null(signature.next_level_lacks)},
          {"indication", validation::name_of(signature.indication)},
          {"sub_indication", text_or_null(signature.sub_indication)},
          {"signer", signature.signer},
          {"certificate_serial", signature.certificate_serial},
          {"claimed_signing_time", moment(signature.claimed_signing_time)},
          {"best_signature_time", moment(signature.best_signature_time)},
          {"coverage", signature.coverage},
          {"modifications", signature.modifications},
          {"timestamps", list(signature.timestamps)},
          {"findings", list(signature.findings)},
          {"extend_before", moment(signature.extend_before)},
          {"extend_before_because", text_or_null(signature.extend_before_because)},
          {"sub_filter", text_or_null(signature.sub_filter)},
          {"signature_algorithm", text_or_null(signature.signature_algorithm)},
          {"hash_algorithm", text_or_null(signature.hash_algorithm)},
          {"content_digest", text_or_null(signature.content_digest)},
          {"reason", text_or_null(signature.reason)},
          {"location", text_or_null(signature.location)},
          {"steps", list(signature.steps)},
          {"chain", list(signature.chain)},
          {"proofs", list(signature.proofs)}};
}

template <class T>
Json list(const std::vector<T>& items) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(to_json(item));
  return out;
}

}  // namespace

Json to_json(const validation::Report& report) {
  return {{"file", report.file},
          {"validation_time", to_rfc3339(report.at)},
          {"policy", report.policy},
          {"indication", validation::name_of(report.indication)},
          {"sub_indication", text_or_null(report.sub_indication)},
          {"signatures", list(report.signatures)},
          {"findings", list(report.findings)}};
}

}  // namespace tsp::ops
