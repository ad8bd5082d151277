// Signing by a machine, in a window that operators opened.
#include "sam/machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "sam/sad.h"

namespace tsp::sam {
namespace {

// As for approvals: a clock further behind has stepped back.
constexpr const char* kMachineRefused = "the machine may not sign";

// The group's policy of this moment: it may have become stricter since the window was opened.
void check_operators(Context& context, const store::SealWindowRow& row) {
  const auto user = store::find_user(context.database, row.user);
  const auto group = store::find_group(context.database, user ? user->group : "");
  if (!user || user->kind != "legal" || !group || group->seal_operators == 0)
    throw refusal("machine-not-allowed", kMachineRefused, "no machine signs for this signer");
  if (static_cast<std::int64_t>(approvers_of(row).size()) < group->seal_operators)
    throw refusal("window-unapproved", kMachineRefused,
                  fmt::format("the group asks for {} operators", group->seal_operators));
}

// Throws Refusal where `count` signatures may not be made in the window now.
void check_open(Context& context, const store::SealWindowRow& row, std::size_t count, Time now) {
  check_operators(context, row);
  if (now + kClockSlack < std::max(row.opened_at, row.last_used_at))
    throw refusal("clock-stepped-back", kMachineRefused,
                  "the clock stands before the window's last use");
  const SealWindowState state = state_of(row, now);
  if (state != SealWindowState::open)
    throw refusal("window-" + std::string(name_of(state)), kMachineRefused,
                  fmt::format("its window is {}", name_of(state)));
  if (static_cast<std::int64_t>(count) > row.allowed - row.used)
    throw refusal("window-used-up", kMachineRefused,
                  fmt::format("{} signatures are left in its window", row.allowed - row.used));
}

void check_mac(Context& context, const store::SealWindowRow& row) {
  try {
    check_seal_window(*context.signers, row);
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) throw Refusal("window-forged", error);
    throw;
  }
}

// The window that the credential opens: of this signer and key. To staff a closed one is named.
store::SealWindowRow opened(Context& context, const Caller& caller, const std::string& signer,
                            const std::string& key, const Secret& credential) {
  const auto said = parse_machine_credential(credential);
  const MachineCredential none{Bytes(1), Secret::random(1)};
  auto row = said ? store::find_seal_window(context.database, said->window) : std::nullopt;
  const bool right = is_credential_of(*context.signers, row ? &*row : nullptr, said ? *said : none);
  if (caller.staff && row && row->credential_mac.empty())
    throw refusal("window-closed", kMachineRefused, "its window is closed");
  if (!right || row->user != signer || row->key != key)
    throw Refusal("machine-refused",
                  Error(Fault::factor_refused, "the machine's credential is refused",
                        "it is none of this key, or its window is closed", "nothing was signed"));
  check_mac(context, *row);
  return std::move(*row);
}

}  // namespace

Approval SignatureActivationModule::authorize_machine(
    const Caller& caller, const std::string& signer, const std::string& key,
    const Manifest& manifest, const Secret& credential, const std::optional<Sealing>& sealing) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("sign.authorize", caller, signer, key, manifest);
  event.details["factors"] = "machine";
  try {
    // Whoever is not staff learns what stands in the way only with the right credential.
    const SignerView view = view_of(context, signer);
    if (caller.staff) prepare(context, view, key, manifest, nullptr, now);
    const store::SealWindowRow window = opened(context, caller, signer, key, credential);
    event.details["window"] = to_hex(window.id);
    const Prepared prepared = prepare(context, view, key, manifest, nullptr, now);
    if (prepared.key.scal != 1)
      throw refusal("scal", kMachineRefused,
                    "a key of SCAL 2 opens with its signer's PIN and share");
    check_open(context, window, manifest.entries.size(), now);
    store::ApprovalRow row;
    row.user = signer;
    row.key = key;
    row.manifest_sha256 = manifest_hash(manifest);
    row.count = static_cast<std::int64_t>(manifest.entries.size());
    row.expires_at = std::min(now + view.group.lifetime, window.not_after);
    row.window = window.id;
    Sad sad = make_sad(*context.signers, std::move(row), Secret(Bytes()));
    const std::int64_t seq = put(context, [&](store::Transaction& transaction) {
      use_sealing(context, transaction, sealing);
      return store_approval(context, transaction, event, sad,
                            {prepared.group, prepared.key.scal, prepared.row.serial}, manifest,
                            now);
    });
    return {std::move(sad.secret), sad.row.expires_at, seq};
  } catch (const Refusal& refusal) {
    refuse(context, event, refusal);
  }
}

std::optional<store::SealWindowRow> window_of(Context& context,
                                              const store::ApprovalRow& approval) {
  if (approval.window.empty()) return std::nullopt;
  auto row = store::find_seal_window(context.database, approval.window);
  if (!row) throw refusal("window-unknown", kMachineRefused, "its window is not there");
  check_mac(context, *row);
  return row;
}

void use_window(Context& context, store::Transaction& transaction,
                const store::SealWindowRow& checked, std::size_t count, Time now) {
  const auto row = store::find_seal_window(context.database, checked.id);
  if (!row) throw refusal("window-unknown", kMachineRefused, "its window is not there");
  store::SealWindowRow same = *row;
  same.used = checked.used;
  same.last_used_at = checked.last_used_at;
  if (row->credential_mac.empty())
    throw refusal("window-closed", kMachineRefused, "its window is closed");
  if (same != checked)
    throw refusal("window-forged", kMachineRefused, "its window was changed in this moment");
  check_open(context, *row, count, now);
  if (!store::use_seal_window(transaction, row->id, static_cast<std::int64_t>(count), now))
    throw refusal("window-used-up", kMachineRefused, "its window has not so many signatures left");
}

}  // namespace tsp::sam
