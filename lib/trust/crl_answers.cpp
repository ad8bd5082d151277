// What CRLs say. Scope and signature are OpenSSL's to judge (RFC 5280 section 6.3.3): it is given
// the certificate, its issuer as anchor and the CRLs, and everything that is not about the CRL is
// passed over, since paths are judged elsewhere.
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/release.h"
#include "crypto/error_queue.h"
#include "trust/evidence_answers.h"
#include "trust/path_search.h"

namespace tsp::trust {
namespace {

using ContextPtr = std::unique_ptr<X509_STORE_CTX, Release<&X509_STORE_CTX_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;
struct FreeStacks {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
  void operator()(STACK_OF(X509_CRL) * stack) const noexcept { sk_X509_CRL_free(stack); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeStacks>;
using CrlsPtr = std::unique_ptr<STACK_OF(X509_CRL), FreeStacks>;

void expect(bool done) {
  if (!done) throw Error(Fault::failed, "cannot judge a CRL", "out of memory");
}

// What the certificate's own path may lack without touching the question.
bool is_about_the_path(int error) {
  switch (error) {
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return true;
    default:
      return false;
  }
}

struct Outcome {
  int error = X509_V_OK;  // the first that counts
  X509_CRL* revoking = nullptr;

  static int on_result(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    // The path of a key that signs CRLs must hold without exception.
    if (X509_STORE_CTX_get0_parent_ctx(context) != nullptr) return 0;
    auto* self = static_cast<Outcome*>(X509_STORE_CTX_get_app_data(context));
    const int error = X509_STORE_CTX_get_error(context);
    if (is_about_the_path(error)) return 1;
    if (error == X509_V_ERR_CERT_REVOKED) {
      self->revoking = X509_STORE_CTX_get0_current_crl(context);
      return 1;
    }
    self->error = error;
    return 0;
  }
};

bool is_by_issuers_name(const Question& question, const x509::Crl& crl) {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl.get()),
                       X509_get_issuer_name(question.certificate.get())) == 0;
}

// For another key that signs CRLs OpenSSL wants a CRL too. A complete one of another issuer can
// never be taken for the certificate itself.
bool may_cover_a_signer(const Question& question, const x509::Crl& crl) {
  return !is_by_issuers_name(question, crl) &&
         X509_CRL_get_ext_by_NID(crl.get(), NID_issuing_distribution_point, -1) < 0;
}

// OpenSSL compares key identifiers of certificates that it has not looked at yet as if there were
// none, and then takes the wrong key for a CRL's; X509_check_purpose makes it look.
void push(STACK_OF(X509) * stack, const x509::Certificate& certificate) {
  X509_check_purpose(certificate.get(), -1, 0);
  expect(sk_X509_push(stack, certificate.get()) > 0);
}

Outcome ask(const Question& question, const std::vector<const x509::Crl*>& crls) {
  const StorePtr store(X509_STORE_new());
  const x509::Certificate& anchor =
      question.above.empty() ? question.issuer : question.above.back();
  expect(store && X509_STORE_add_cert(store.get(), anchor.get()) == 1);
  const CertificatesPtr untrusted(sk_X509_new_null());
  const CrlsPtr stack(sk_X509_CRL_new_null());
  expect(untrusted && stack);
  push(untrusted.get(), question.issuer);
  for (const x509::Certificate& certificate : question.above) push(untrusted.get(), certificate);
  for (const x509::Certificate& certificate : question.evidence.certificates)
    push(untrusted.get(), certificate);
  for (const x509::Crl* crl : crls) expect(sk_X509_CRL_push(stack.get(), crl->get()) > 0);
  for (const x509::Crl& other : question.evidence.crls)
    if (may_cover_a_signer(question, other)) expect(sk_X509_CRL_push(stack.get(), other.get()) > 0);
  const ContextPtr context(X509_STORE_CTX_new());
  expect(context && X509_STORE_CTX_init(context.get(), store.get(), question.certificate.get(),
                                        untrusted.get()) == 1);
  X509_STORE_CTX_set0_crls(context.get(), stack.get());
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN |
                                              X509_V_FLAG_NO_CHECK_TIME |
                                              X509_V_FLAG_EXTENDED_CRL_SUPPORT);
  Outcome outcome;
  X509_STORE_CTX_set_app_data(context.get(), &outcome);
  X509_STORE_CTX_set_verify_cb(context.get(), &Outcome::on_result);
  const int result = X509_verify_cert(context.get());
  if (result != 1 && outcome.error == X509_V_OK && outcome.revoking == nullptr)
    outcome.error = X509_V_ERR_UNSPECIFIED;
  return outcome;
}

// Another key of the issuer's name. Its path is OpenSSL's to judge; here: valid then, not revoked.
std::optional<std::string> objection_to_other_key(const Question& question, const x509::Crl& crl,
                                                  const x509::Certificate& signer) {
  if (!is_valid_at(signer, crl.this_update()))
    return "was made outside the validity of its signer's certificate";
  if (is_signed_by(signer, question.issuer)) {
    if (crl.find(signer.serial())) return "is signed by a key that is revoked";
    return std::nullopt;
  }
  for (std::size_t i = 0; i < question.above.size(); ++i) {
    if (!is_signed_by(signer, question.above[i])) continue;
    std::vector<x509::Certificate> chain{signer};
    chain.insert(chain.end(), question.above.begin() + static_cast<std::ptrdiff_t>(i),
                 question.above.end());
    const auto own = check_revocation(chain, 0, question.evidence, question.at, question.rules);
    if (own.status == RevocationStatus::good || own.status == RevocationStatus::not_needed)
      return std::nullopt;
    return "is signed by a key that is revoked or whose status is not known";
  }
  return "is signed by a key that the issuer's chain did not certify";
}

// Whose key signed it: the issuer, one above it (both are the caller's to judge), or another.
std::optional<std::string> objection_to_signer(const Question& question, const x509::Crl& crl) {
  if (!is_valid_at(question.issuer, crl.this_update()))
    return "was made outside the validity of the issuer's certificate";
  if (crl.is_signed_by(question.issuer)) return std::nullopt;
  for (const x509::Certificate& upper : question.above)
    if (crl.is_signed_by(upper)) return std::nullopt;
  for (const x509::Certificate& other : question.evidence.certificates)
    if (crl.is_signed_by(other)) return objection_to_other_key(question, crl, other);
  return "is not signed by the issuer";
}

// A CRL may leave out what has expired, unless it says since when it does not.
bool may_lack(const x509::Crl& crl, const x509::Certificate& certificate) {
  if (certificate.not_after() >= crl.this_update()) return false;
  const auto since = crl.expired_certs_since();
  return !since || *since > certificate.not_after();
}

std::optional<std::string> objection_to_silence(const Question& question, const x509::Crl& crl) {
  if (!may_lack(crl, question.certificate)) return std::nullopt;
  return "was made after the certificate expired and does not keep such certificates";
}

RevocationVerdict verdict_by(const Question& question, std::size_t index) {
  const x509::Crl& crl = question.evidence.crls[index];
  RevocationVerdict out;
  out.status = RevocationStatus::good;
  out.source = RevocationSource::crl;
  out.index = index;
  out.this_update = crl.this_update();
  out.next_update = crl.next_update();
  out.fresh = is_fresh(out.this_update, out.next_update, question.at, question.rules);
  return out;
}

std::optional<std::string> take_revocation(const Question& question,
                                           const std::vector<std::size_t>& indices,
                                           const Outcome& outcome, Answers& answers) {
  for (std::size_t index : indices) {
    const x509::Crl& crl = question.evidence.crls[index];
    if (crl.get() != outcome.revoking) continue;
    const auto entry = crl.find(question.certificate.serial());
    if (!entry) break;
    RevocationVerdict verdict = verdict_by(question, index);
    verdict.status = RevocationStatus::revoked;
    verdict.revoked_at = entry->revoked_at;
    verdict.reason = entry->reason.empty() ? "unspecified" : entry->reason;
    answers.usable.push_back(std::move(verdict));
    return std::nullopt;
  }
  return "names the certificate in a way that is not understood";
}

// The answer of some CRLs taken together; `indices` are theirs.
std::optional<std::string> answer_of(const Question& question,
                                     const std::vector<std::size_t>& indices, Answers& answers) {
  const auto& all = question.evidence.crls;
  std::vector<const x509::Crl*> crls;
  for (std::size_t index : indices) crls.push_back(&all[index]);
  const Outcome outcome = ask(question, crls);
  if (outcome.revoking != nullptr) return take_revocation(question, indices, outcome, answers);
  if (outcome.error != X509_V_OK) return X509_verify_cert_error_string(outcome.error);
  // Together they are as old as the oldest of them.
  const std::size_t oldest = *std::ranges::min_element(
      indices, {}, [&](std::size_t index) { return all[index].this_update(); });
  for (std::size_t index : indices)
    if (const auto objection = objection_to_silence(question, all[index])) return objection;
  answers.usable.push_back(verdict_by(question, oldest));
  return std::nullopt;
}

std::string told(const x509::Crl& crl, const std::string& objection) {
  return "the CRL of " + to_rfc3339(crl.this_update()) + " by " + crl.issuer() + ": " + objection;
}

}  // namespace

void ask_crls(const Question& question, Answers& answers) {
  const crypto::QuietErrors quiet;
  const auto& all = question.evidence.crls;
  std::vector<std::size_t> narrowed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_by_issuers_name(question, all[i])) continue;
    auto objection = objection_to_time(question, all[i].this_update());
    if (!objection) objection = objection_to_signer(question, all[i]);
    if (!objection) {
      objection = answer_of(question, {i}, answers);
      if (objection) narrowed.push_back(i);
    }
    if (objection) answers.refused.push_back(told(all[i], *objection));
  }
  // Lists narrowed by reasons cover all reasons only together.
  const bool answered = std::ranges::any_of(answers.usable, [](const RevocationVerdict& verdict) {
    return verdict.source == RevocationSource::crl;
  });
  if (!answered && narrowed.size() > 1) answer_of(question, narrowed, answers);
}

}  // namespace tsp::trust
