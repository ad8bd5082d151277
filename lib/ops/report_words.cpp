#include "ops/report_words.h"

#include <array>

namespace tsp::ops {
namespace {

struct Row {
  std::string_view sub_indication, words;
};

constexpr std::array kWords{
    Row{"FORMAT_FAILURE", "the signature does not have the form that its standard asks for"},
    Row{"HASH_FAILURE", "the document is not the one that was signed"},
    Row{"SIG_CRYPTO_FAILURE", "the signature was not made with the signer's key"},
    Row{"REVOKED", "the signer's certificate was revoked before the signature is proven to exist"},
    Row{"EXPIRED", "the signer's certificate had expired before the signature is proven to exist"},
    Row{"NOT_YET_VALID", "the signature was made before the signer's certificate was valid"},
    Row{"SIG_CONSTRAINTS_FAILURE", "the signature lacks something that the policy asks for"},
    Row{"CHAIN_CONSTRAINTS_FAILURE", "the certificates are not for this use"},
    Row{"CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certificates do not fit together"},
    Row{"CRYPTO_CONSTRAINTS_FAILURE", "an algorithm or key is too weak"},
    Row{"CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "an algorithm or key is too weak today, and nothing proves that the signature is older"},
    Row{"POLICY_PROCESSING_ERROR", "the signature policy cannot be processed"},
    Row{"SIGNATURE_POLICY_NOT_AVAILABLE", "the signature policy cannot be had"},
    Row{"TIMESTAMP_ORDER_FAILURE", "the time-stamps are not in order"},
    Row{"NO_SIGNING_CERTIFICATE_FOUND", "the signer's certificate is not there"},
    Row{"NO_CERTIFICATE_CHAIN_FOUND",
        "the signer's certificate does not lead to anybody who is trusted here"},
    Row{"NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
        "whom the certificate leads to is trusted no longer, and nothing proves that the signature "
        "is older"},
    Row{"REVOKED_NO_POE",
        "the signer's certificate is revoked, and nothing proves that the signature is older"},
    Row{"REVOKED_CA_NO_POE",
        "the certificate of an authority is revoked, and nothing proves that the signature is "
        "older"},
    Row{"OUT_OF_BOUNDS_NOT_REVOKED",
        "the signer's certificate has expired unrevoked, and nothing proves that the signature is "
        "older"},
    Row{"OUT_OF_BOUNDS_NO_POE",
        "the signer's certificate has expired, and nothing proves that the signature is older"},
    Row{"REVOCATION_OUT_OF_BOUNDS_NO_POE",
        "the certificate behind the revocation data has expired, and nothing proves that the data "
        "are older"},
    Row{"NO_POE", "nothing proves that something existed in time"},
    Row{"TRY_LATER", "whether the certificates were revoked is not known yet"},
    Row{"SIGNED_DATA_NOT_FOUND", "what was signed is not there"},
};

}  // namespace

std::string_view explain(std::string_view sub_indication) {
  for (const Row& row : kWords)
    if (row.sub_indication == sub_indication) return row.words;
  return {};
}

}  // namespace tsp::ops
