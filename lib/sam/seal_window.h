// A legal person's key in the hands of a machine: operators open a window (from, until, how many
// signatures), and whoever holds the window's machine credential, a secret of 256 bits, has
// documents signed in it without PIN or code. docs/formats/seal-window.md. This is policy: the key
// is of SCAL 1, and whoever holds store and HSM needs no credential to use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "hsm/hsm.h"
#include "store/rows.h"

namespace tsp::sam {

inline constexpr std::int64_t kMostSealOperators = 2;

struct NewSealWindow {
  std::string user, key;
  Time not_before{}, not_after{};  // half open
  std::int64_t allowed = 0;        // signatures
  std::int64_t operators = 1;      // who must approve, whoever opens it included
};
struct MadeSealWindow {
  store::SealWindowRow row;
  Secret credential;  // for the machine alone: "tsp_seal_" and base32 of id and secret
};
// `by` opens it and is the first to approve. Does NOT judge dates, count or who may do so.
MadeSealWindow make_seal_window(hsm::Session& hsm, const NewSealWindow& order,
                                const std::string& by, Time now);
// The row with one approval more, or closed for good; its MAC made anew.
void approve_seal_window(hsm::Session& hsm, store::SealWindowRow& row, const std::string& by);
void close_seal_window(hsm::Session& hsm, store::SealWindowRow& row);

std::vector<std::string> approvers_of(const store::SealWindowRow& row);
enum class SealWindowState { closed, over, used_up, unapproved, early, open };
// The first of these that holds at `now`.
SealWindowState state_of(const store::SealWindowRow& row, Time now);
std::string_view name_of(SealWindowState state);  // "closed", "used-up", …

// Error{tampered} for a row that was changed by other means than these.
void check_seal_window(hsm::Session& hsm, const store::SealWindowRow& row);

// What a machine credential says. Nothing for a text that is none.
struct MachineCredential {
  Bytes window;  // id
  Secret secret;
};
std::optional<MachineCredential> parse_machine_credential(const Secret& text);
// Constant time, the same for a row that is not there.
bool is_credential_of(hsm::Session& hsm, const store::SealWindowRow* row,
                      const MachineCredential& credential);

}  // namespace tsp::sam
