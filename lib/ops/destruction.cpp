#include "ops/destruction.h"

#include "base/error.h"
#include "ops/accounting.h"

namespace tsp::ops {
namespace {

constexpr const char* kReason = "cessationOfOperation";

}  // namespace

std::int64_t destroy_in(Provider& provider, store::Transaction& transaction,
                        const store::KeyRow& key) {
  store::destroy_key(transaction, key.id, provider.now());
  store::delete_shares_of_key(transaction, key.id);
  return record_call(provider, transaction, group_of_user(provider.database(), key.owner),
                     provider.event("key.destroy", audit::Outcome::done, key.id,
                                    {{"user", key.owner}, {"blob_overwritten", true}}));
}

std::int64_t revoke_in(Provider& provider, store::Transaction& transaction,
                       const store::CertificateRow& certificate) {
  store::revoke_certificate(transaction, certificate.serial, provider.now(), kReason);
  return record_call(
      provider, transaction, group_of_user(provider.database(), certificate.owner),
      provider.event("cert.revoke", audit::Outcome::done, certificate.serial,
                     {{"reason", kReason}, {"key", certificate.key}, {"user", certificate.owner}}));
}

void overwrite_log(Provider& provider, const std::string& what) {
  try {
    provider.database().truncate_log();
  } catch (const Error& error) {
    throw Error(error.fault, what + " is destroyed, but the store's log still holds it",
                error.message,
                "it cannot be used any more; the log is emptied when the last process that uses "
                "the store ends");
  }
}

std::string remains_since(Time since) {
  return "Backups of the store made since " + to_rfc3339(since) +
         " still hold the wrapped key; it can be used only with the HSM's master key and this "
         "provider's store.";
}

}  // namespace tsp::ops
