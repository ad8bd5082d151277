// What ends for good, with its record and account, in the caller's transaction: for the verbs that
// end one thing or all that a signer has.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// Overwrites the wrapped key and deletes its shares. Answers the record's number. The write-ahead
// log still holds the key: overwrite_log().
std::int64_t destroy_in(Provider& provider, store::Transaction& transaction,
                        const store::KeyRow& key);
// For cessationOfOperation. The CRL is the caller's to issue.
std::int64_t revoke_in(Provider& provider, store::Transaction& transaction,
                       const store::CertificateRow& certificate);
// Empties the store's log after the commit; the error names `what`, "the key 3f2a…", which stays
// destroyed for us though not on the disk.
void overwrite_log(Provider& provider, const std::string& what);
// Which backups still hold keys that were made from `since` on; for people.
std::string remains_since(Time since);

}  // namespace tsp::ops
