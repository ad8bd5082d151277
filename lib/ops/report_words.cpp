#include "ops/report_words.h"

#include <array>

namespace tsp::ops {
namespace {

struct Wording {
  std::string_view sub_indication, words;
};

constexpr std::array kWords{
    Wording{"FORMAT_FAILURE", "the signature does not have the form that its standard asks for"},
    Wording{"HASH_FAILURE", "the document is not the one that was signed"},
    Wording{"SIG_CRYPTO_FAILURE", "the signature was not made with the signer's key"},
    Wording{"REVOKED",
            "the signer's certificate was revoked before the signature is proven to exist"},
    Wording{"EXPIRED",
            "the signer's certificate had expired before the signature is proven to exist"},
    Wording{"NOT_YET_VALID", "the signature was made before the signer's certificate was valid"},
    Wording{"SIG_CONSTRAINTS_FAILURE", "the signature lacks something that the policy asks for"},
    Wording{"CHAIN_CONSTRAINTS_FAILURE", "the certificates are not for this use"},
    Wording{"CERTIFICATE_CHAIN_GENERAL_FAILURE", "the certificates do not fit together"},
    Wording{"CRYPTO_CONSTRAINTS_FAILURE", "an algorithm or key is too weak"},
    Wording{
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "an algorithm or key is too weak today, and nothing proves that the signature is older"},
    Wording{"POLICY_PROCESSING_ERROR", "the signature policy cannot be processed"},
    Wording{"SIGNATURE_POLICY_NOT_AVAILABLE", "the signature policy cannot be had"},
    Wording{"TIMESTAMP_ORDER_FAILURE", "the time-stamps are not in order"},
    Wording{"NO_SIGNING_CERTIFICATE_FOUND", "the signer's certificate is not there"},
    Wording{"NO_CERTIFICATE_CHAIN_FOUND",
            "the signer's certificate does not lead to anybody who is trusted here"},
    Wording{
        "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
        "whom the certificate leads to is trusted no longer, and nothing proves that the signature "
        "is older"},
    Wording{"REVOKED_NO_POE",
            "the signer's certificate is revoked, and nothing proves that the signature is older"},
    Wording{"REVOKED_CA_NO_POE",
            "the certificate of an authority is revoked, and nothing proves that the signature is "
            "older"},
    Wording{
        "OUT_OF_BOUNDS_NOT_REVOKED",
        "the signer's certificate has expired unrevoked, and nothing proves that the signature is "
        "older"},
    Wording{"OUT_OF_BOUNDS_NO_POE",
            "the signer's certificate has expired, and nothing proves that the signature is older"},
    Wording{
        "REVOCATION_OUT_OF_BOUNDS_NO_POE",
        "the certificate behind the revocation data has expired, and nothing proves that the data "
        "are older"},
    Wording{"NO_POE", "nothing proves that something existed in time"},
    Wording{"TRY_LATER", "whether the certificates were revoked is not known yet"},
    Wording{"SIGNED_DATA_NOT_FOUND", "what was signed is not there"},
};

}  // namespace

std::string_view explain(std::string_view sub_indication) {
  for (const Wording& row : kWords)
    if (row.sub_indication == sub_indication) return row.words;
  return {};
}

}  // namespace tsp::ops
