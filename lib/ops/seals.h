// Seals of legal persons: windows in which a machine signs with a legal person's key, opened,
// approved and closed by operators (sam/seal_window.h, docs/formats/seal-window.md). Request in,
// receipt out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/provider.h"
#include "sam/seal_window.h"

namespace tsp::ops {

struct OpenSealWindow {
  std::string user, key;           // key empty: the newest active one of SCAL 1
  std::optional<Time> not_before;  // absent: now
  Time not_after{};
  std::int64_t count = 0;
  // Called with the machine's credential before the window is stored; what it throws ends the verb.
  std::function<void(const Secret&)> hand_out;
  bool dry_run = false;
};
// Exactly one of them; Error{usage}. At most a hundred years of seconds.
Time end_of_window(Time from, const std::optional<Time>& until,
                   const std::optional<std::int64_t>& seconds);
struct SealWindow {
  store::SealWindowRow row;
  sam::SealWindowState state = sam::SealWindowState::open;
  std::int64_t audit_seq = 0;
};
// Whoever calls is the first operator to approve. Error{policy_refused}, on record: a signer who is
// no legal person or not active, a group that is suspended or lets no machine sign, a key that is
// of SCAL 2, another's or destroyed, more or longer than the configuration allows. {not_found},
// {usage} for a window that ends before it begins or is over.
SealWindow open_seal_window(Provider& provider, const OpenSealWindow& request);
// By another operator than those before: Error{policy_refused}, on record; also for a window that
// is closed, over, or approved already. `id` is the window's, or 8 or more of its first digits.
SealWindow approve_seal_window(Provider& provider, const std::string& id, bool dry_run);
// For good; what was approved under it is void. One that is closed stays so.
SealWindow close_seal_window(Provider& provider, const std::string& id, bool dry_run);
// Latest first; `user` empty: of all.
std::vector<SealWindow> list_seal_windows(Provider& provider, const std::string& user);

Json to_json(const SealWindow& window);

}  // namespace tsp::ops
