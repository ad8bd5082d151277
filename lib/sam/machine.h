// What a machine's approval is held to, when it is given and when it is used. For this room alone.
#pragma once

#include "sam/context.h"
#include "sam/seal_window.h"

namespace tsp::sam {

// The window of a machine's approval, its MAC checked; nothing for a signer's approval. Before the
// transaction, since only the HSM can tell. Throws Refusal.
std::optional<store::SealWindowRow> window_of(Context& context, const store::ApprovalRow& approval);
// In the transaction that records the intents: the window is as it was checked but for its use, and
// open; `count` signatures are taken from it. Throws Refusal.
void use_window(Context& context, store::Transaction& transaction,
                const store::SealWindowRow& checked, std::size_t count, Time now);

}  // namespace tsp::sam
