// What signers are told: every use of a key and every new certificate, so that nobody signs in
// their name unnoticed. A queue in the store, written in the transaction of the thing told of, and
// emptied by whichever command comes next; it survives restarts.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ops/provider.h"

namespace tsp::ops {

// Queues a notice to a signer. Nothing where no channel is configured or he has no e-mail address.
// Throws only what the store throws.
void queue_notice(Provider& provider, store::Transaction& transaction, const std::string& user,
                  const std::string& subject, const std::string& body);

// One notice for each batch: key, time, how many, and the documents as they were shown when they
// were approved, the first hundred of them.
void tell_of_use(Provider& provider, store::Transaction& transaction, const sam::KeyUse& use);
// `row` with serial, owner, key, subject, profile and validity; nothing without an owner.
void tell_of_certificate(Provider& provider, store::Transaction& transaction,
                         const store::CertificateRow& row);

struct Flushed {
  std::size_t sent = 0, postponed = 0, given_up = 0;
  std::vector<std::string> why;  // of those that were not sent, for people
};
// Tries at most `most` notices that are due, oldest first, within `patience` together. One that
// cannot be delivered is due again after 1m, 5m, 30m, 2h, 6h, 12h, then every 24h; after 7 days,
// or where the address is none, it is given up. On record: notice.sent, notice.failed, without
// text or address. Two processes never take one at the same time, but one that is killed between
// delivery and record has it delivered twice. Throws what the store throws.
Flushed flush_notices(Provider& provider, std::size_t most, std::chrono::milliseconds patience);

// {channel, waiting, oldest}
Json notices_status(Provider& provider);

}  // namespace tsp::ops
