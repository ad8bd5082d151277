#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/release.h"
#include "crypto/openssl.h"
#include "crypto/public_key.h"
#include "trust/crl_scope.h"
#include "trust/store_context.h"

namespace tsp::trust {
namespace {

struct FreeStacks {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
  void operator()(STACK_OF(X509_CRL) * stack) const noexcept { sk_X509_CRL_free(stack); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeStacks>;
using CrlsPtr = std::unique_ptr<STACK_OF(X509_CRL), FreeStacks>;

void expect_scope_memory(bool done) {
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

struct ScopeCollector {
  CrlOutcome outcome;

  static int on_result(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    // The path of a key that signs CRLs must hold without exception; whether it is revoked was
    // judged before, by CRLs that OpenSSL was not shown.
    if (X509_STORE_CTX_get0_parent_ctx(context) != nullptr)
      return X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL ? 1 : 0;
    auto& outcome = static_cast<ScopeCollector*>(X509_STORE_CTX_get_app_data(context))->outcome;
    const int error = X509_STORE_CTX_get_error(context);
    if (is_about_the_path(error)) return 1;
    if (error == X509_V_ERR_CERT_REVOKED) {
      outcome.revoking = X509_STORE_CTX_get0_current_crl(context);
      return 1;
    }
    outcome.error = error;
    return 0;
  }
};

// For another key that signs CRLs OpenSSL wants a CRL too. A complete one of another issuer can
// never be taken for the certificate itself.
bool may_cover_a_signer(const Question& question, const x509::Crl& crl) {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl.get()),
                       X509_get_issuer_name(question.certificate.get())) != 0 &&
         X509_CRL_get_ext_by_NID(crl.get(), NID_issuing_distribution_point, -1) < 0;
}

// One that signs one of these CRLs, or an authority above it.
bool may_sign(const x509::Certificate& certificate, const std::vector<const x509::Crl*>& crls) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr || !crypto::is_tractable(key)) return false;
  if (certificate.is_ca()) return true;
  for (const x509::Crl* crl : crls)
    if (X509_NAME_cmp(X509_get_subject_name(certificate.get()), X509_CRL_get_issuer(crl->get())) ==
        0)
      return true;
  return false;
}

// OpenSSL compares key identifiers of certificates that it has not looked at yet as if there were
// none, and then takes the wrong key for a CRL's; X509_check_purpose makes it look.
void push(STACK_OF(X509) * stack, const x509::Certificate& certificate) {
  X509_check_purpose(certificate.get(), -1, 0);
  expect_scope_memory(sk_X509_push(stack, certificate.get()) > 0);
}

}  // namespace

CrlOutcome ask_openssl(const Question& question, const std::vector<const x509::Crl*>& crls) {
  const StorePtr store(X509_STORE_new());
  const x509::Certificate& anchor =
      question.above.empty() ? question.issuer : question.above.back();
  expect_scope_memory(store && X509_STORE_add_cert(store.get(), anchor.get()) == 1);
  const CertificatesPtr untrusted(sk_X509_new_null());
  const CrlsPtr stack(sk_X509_CRL_new_null());
  expect_scope_memory(untrusted && stack);
  push(untrusted.get(), question.issuer);
  for (const x509::Certificate& certificate : question.above) push(untrusted.get(), certificate);
  for (const x509::Certificate& certificate : question.evidence.certificates)
    if (may_sign(certificate, crls)) push(untrusted.get(), certificate);
  for (const x509::Crl* crl : crls)
    expect_scope_memory(sk_X509_CRL_push(stack.get(), crl->get()) > 0);
  for (const x509::Crl& other : question.evidence.crls)
    if (may_cover_a_signer(question, other))
      expect_scope_memory(sk_X509_CRL_push(stack.get(), other.get()) > 0);
  const StoreContextPtr context(X509_STORE_CTX_new());
  expect_scope_memory(context &&
                      X509_STORE_CTX_init(context.get(), store.get(), question.certificate.get(),
                                          untrusted.get()) == 1);
  X509_STORE_CTX_set0_crls(context.get(), stack.get());
  X509_STORE_CTX_set_flags(
      context.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME |
                         X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS);
  ScopeCollector collector;
  CrlOutcome& outcome = collector.outcome;
  X509_STORE_CTX_set_app_data(context.get(), &collector);
  X509_STORE_CTX_set_verify_cb(context.get(), &ScopeCollector::on_result);
  const int result = X509_verify_cert(context.get());
  if (result != 1 && outcome.error == X509_V_OK && outcome.revoking == nullptr)
    outcome.error = X509_V_ERR_UNSPECIFIED;
  return outcome;
}

}  // namespace tsp::trust
