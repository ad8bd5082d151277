#include "trust/path.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/release.h"
#include "crypto/openssl.h"
#include "trust/path_search.h"
#include "trust/store_context.h"
#include "trust/strength.h"
#include "trust/subtrees.h"

namespace tsp::trust {
namespace {

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

struct ErrorRow {
  int error;
  std::string_view id;
};
constexpr std::array kErrors{
    ErrorRow{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, kNoPath},
    ErrorRow{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, kNoPath},
    ErrorRow{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, kNoPath},
    ErrorRow{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, kNoPath},
    ErrorRow{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, kNoPath},
    ErrorRow{X509_V_ERR_CERT_UNTRUSTED, kNoPath},
    ErrorRow{X509_V_ERR_CERT_SIGNATURE_FAILURE, kBadSignature},
    ErrorRow{X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, kBadSignature},
    ErrorRow{X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, kBadSignature},
    ErrorRow{X509_V_ERR_NO_ISSUER_PUBLIC_KEY, kBadSignature},
    ErrorRow{X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, kBadSignature},
    ErrorRow{X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, kBadSignature},
    ErrorRow{X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, kBadSignature},
    ErrorRow{X509_V_ERR_INVALID_CA, kNotCa},
    ErrorRow{X509_V_ERR_INVALID_NON_CA, kNotCa},
    ErrorRow{X509_V_ERR_PATH_LENGTH_EXCEEDED, kPathLength},
    ErrorRow{X509_V_ERR_KEYUSAGE_NO_CERTSIGN, kKeyUsage},
    ErrorRow{X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, kMalformed},
    ErrorRow{X509_V_ERR_INVALID_PURPOSE, kPurpose},
    ErrorRow{X509_V_ERR_PERMITTED_VIOLATION, kNameConstraints},
    ErrorRow{X509_V_ERR_EXCLUDED_VIOLATION, kNameConstraints},
    ErrorRow{X509_V_ERR_SUBTREE_MINMAX, kNameConstraints},
    ErrorRow{X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, kNameConstraints},
    ErrorRow{X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, kNameConstraints},
    ErrorRow{X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, kNameConstraints},
    ErrorRow{X509_V_ERR_INVALID_POLICY_EXTENSION, kPolicy},
    ErrorRow{X509_V_ERR_NO_EXPLICIT_POLICY, kPolicy},
    ErrorRow{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, kCriticalExtension},
    ErrorRow{X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, kMalformed},
    ErrorRow{X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, kMalformed},
    ErrorRow{X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, kMalformed},
    ErrorRow{X509_V_ERR_ISSUER_NAME_EMPTY, kMalformed},
    ErrorRow{X509_V_ERR_SUBJECT_NAME_EMPTY, kMalformed},
    ErrorRow{X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, kMalformed},
    ErrorRow{X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, kMalformed},
    ErrorRow{X509_V_ERR_EMPTY_SUBJECT_ALT_NAME, kMalformed},
    ErrorRow{X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL, kMalformed},
    ErrorRow{X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, kMalformed},
    ErrorRow{X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, kMalformed},
    ErrorRow{X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3, kMalformed},
};

std::string_view id_of(int error) {
  const auto row = std::ranges::find(kErrors, error, &ErrorRow::error);
  return row == kErrors.end() ? kInvalid : row->id;
}

// Collects every failure of one X509_verify_cert; the callback's home.
struct PathCollector {
  const Chain& chain;
  Form form;
  std::vector<PathFinding> findings;

  void add(std::string_view id, std::size_t depth, const std::string& detail) {
    const auto same = [&](const PathFinding& f) { return f.id == id && f.depth == depth; };
    if (std::ranges::any_of(findings, same)) return;
    const std::string subject = depth < chain.size() ? chain[depth].subject() + ": " : "";
    findings.push_back({id, depth, subject + detail});
  }

  void add_error(int error, int error_depth) {
    const auto depth = static_cast<std::size_t>(std::max(error_depth, 0));
    const std::string_view id = id_of(error);
    // Section 4.2.1.9 binds the issuer to make it critical; section 6.1.4 (k) does not ask.
    if (error == X509_V_ERR_CA_BCONS_NOT_CRITICAL) return;
    // An anchor is a name and a key; what its certificate leaves out is nobody's business.
    const bool of_anchor = depth + 1 == chain.size() && chain.size() > 1;
    if (id == kMalformed && (of_anchor || form == Form::lenient)) return;
    add(id, depth, X509_verify_cert_error_string(error));
  }

  static int on_result(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    auto* self = static_cast<PathCollector*>(X509_STORE_CTX_get_app_data(context));
    self->add_error(X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context));
    return 1;  // go on, to see all; the verdict is made of the findings
  }
};

void expect_path_memory(bool done) {
  if (!done) throw Error(Fault::failed, "cannot judge a certification path", "out of memory");
}

void set_rules(X509_VERIFY_PARAM* parameters, const Chain& chain, const PathRules& rules) {
  // Dates are ours: OpenSSL's notAfter excludes its last second.
  unsigned long flags =
      X509_V_FLAG_X509_STRICT | X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_POLICY_CHECK;
  // The store holds one anchor, chosen by us, which need not be self-signed.
  if (!is_signed_by(chain.back(), chain.back())) flags |= X509_V_FLAG_PARTIAL_CHAIN;
  if (rules.explicit_policy == Explicit::yes) flags |= X509_V_FLAG_EXPLICIT_POLICY;
  if (rules.inhibit_mapping == Explicit::yes) flags |= X509_V_FLAG_INHIBIT_MAP;
  if (rules.inhibit_any_policy == Explicit::yes) flags |= X509_V_FLAG_INHIBIT_ANY;
  expect_path_memory(X509_VERIFY_PARAM_set_flags(parameters, flags) == 1);
  const int purpose =
      rules.usage == Usage::timestamping ? X509_PURPOSE_TIMESTAMP_SIGN : X509_PURPOSE_ANY;
  expect_path_memory(X509_VERIFY_PARAM_set_purpose(parameters, purpose) == 1);
  // For OpenSSL no policy would mean none at all.
  const std::vector<std::string> any_policy{"2.5.29.32.0"};
  for (const std::string& policy : rules.policies.empty() ? any_policy : rules.policies) {
    ASN1_OBJECT* object = OBJ_txt2obj(policy.c_str(), 1);
    if (object == nullptr) throw Error(Fault::failed, "no policy identifier: " + policy);
    expect_path_memory(X509_VERIFY_PARAM_add0_policy(parameters, object) == 1);
  }
}

void judge_by_openssl(const Chain& chain, const PathRules& rules, PathCollector& collector) {
  const StorePtr store(X509_STORE_new());
  expect_path_memory(store && X509_STORE_add_cert(store.get(), chain.back().get()) == 1);
  const StackPtr untrusted(sk_X509_new_null());
  expect_path_memory(untrusted != nullptr);
  for (std::size_t i = 1; i + 1 < chain.size(); ++i)
    expect_path_memory(sk_X509_push(untrusted.get(), chain[i].get()) > 0);
  const StoreContextPtr context(X509_STORE_CTX_new());
  expect_path_memory(context && X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(),
                                                    untrusted.get()) == 1);
  set_rules(X509_STORE_CTX_get0_param(context.get()), chain, rules);
  X509_STORE_CTX_set_app_data(context.get(), &collector);
  X509_STORE_CTX_set_verify_cb(context.get(), &PathCollector::on_result);
  const int result = X509_verify_cert(context.get());
  if (result != 1 && collector.findings.empty())
    collector.add(kInvalid, 0,
                  X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  // What was judged must be what is told.
  const STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context.get());
  bool same = built != nullptr && sk_X509_num(built) == static_cast<int>(chain.size());
  for (std::size_t i = 0; same && i < chain.size(); ++i)
    same = X509_cmp(sk_X509_value(built, static_cast<int>(i)), chain[i].get()) == 0;
  if (!same && collector.findings.empty())
    collector.add(kNoPath, 0, "its issuers do not fit together");
}

PathVerdict judge(const Chain& chain, Time at, const PathRules& rules) {
  PathCollector collector{chain, rules.form, {}};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (at < chain[i].not_before())
      collector.add(kNotYetValid, i, "valid from " + to_rfc3339(chain[i].not_before()));
    else if (!is_valid_at(chain[i], at))
      collector.add(kExpired, i, "valid until " + to_rfc3339(chain[i].not_after()));
  }
  judge_by_openssl(chain, rules, collector);
  if (rules.strength == Strength::judge)
    for (PathFinding& weakness : weaknesses(chain, at, rules.suite))
      collector.findings.push_back(std::move(weakness));
  for (PathFinding& name : names_outside(chain, rules))
    collector.findings.push_back(std::move(name));
  return {collector.findings.empty(), chain, std::move(collector.findings)};
}

PathVerdict no_path(const PathSearch& search) {
  const std::size_t top = search.longest.size() - 1;
  const x509::Certificate& subject = search.longest[top];
  PathVerdict out{false, search.longest, {}};
  if (search.impostor)
    out.findings.push_back({kBadSignature, top,
                            subject.subject() + ": " + search.impostor->subject() +
                                ", which is at hand, did not sign it"});
  out.findings.push_back(
      {kNoPath, top,
       subject.subject() + ": no issuer leads to a trust anchor; wanted is " + subject.issuer()});
  return out;
}

}  // namespace

bool PathVerdict::has(std::string_view id) const {
  return std::ranges::any_of(findings, [&](const PathFinding& f) { return f.id == id; });
}

PathVerdict verify_path(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at, const PathRules& rules) {
  const crypto::QuietErrors quiet;
  const Service service =
      rules.usage == Usage::timestamping ? Service::timestamps : Service::certificates;
  const TrustStore counting = store.has_terms() ? store.counting(service, at) : store;
  std::optional<PathVerdict> best;
  const PathSearch search = search_paths(leaf, pool, counting, at, [&](const Chain& chain) {
    PathVerdict verdict = judge(chain, at, rules);
    if (!best || verdict.ok || verdict.findings.size() < best->findings.size())
      best = std::move(verdict);
    return best->ok;
  });
  return best ? std::move(*best) : no_path(search);
}

}  // namespace tsp::trust
