#include "sam/seal_window.h"

#include <algorithm>

#include "base/error.h"
#include "sam/factors.h"
#include "sam/octets.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kPrefix = "tsp_seal_", kWindowContext = "tsp seal window 1",
                           kCredentialContext = "tsp machine credential 1";
constexpr std::size_t kSecretSize = 32, kMacSize = 32;  // octets

Bytes window_mac(hsm::Session& hsm, const store::SealWindowRow& row) {
  Bytes message;
  append_field(message, as_bytes(kWindowContext));
  append_field(message, row.id);
  append_field(message, as_bytes(row.user));
  append_field(message, as_bytes(row.key));
  for (const Time moment : {row.not_before, row.not_after, row.opened_at})
    append_u64(message, static_cast<std::uint64_t>(to_unix_ms(moment)));
  append_u64(message, static_cast<std::uint64_t>(row.allowed));
  append_u32(message, static_cast<std::uint32_t>(row.operators));
  append_field(message, as_bytes(row.approved_by));
  append_field(message, row.credential_mac);
  return hsm.mac(kLinkKey, message);
}

Bytes credential_mac(hsm::Session& hsm, const store::SealWindowRow& row, const Secret& secret) {
  Bytes message;
  message.reserve(kCredentialContext.size() + kIdSize + row.user.size() + row.key.size() +
                  kSecretSize + 5 * 4);
  append_field(message, as_bytes(kCredentialContext));
  append_field(message, row.id);
  append_field(message, as_bytes(row.user));
  append_field(message, as_bytes(row.key));
  append_field(message, secret.view());
  const Secret guarded(std::move(message));
  return hsm.mac(kPepperKey, guarded.view());
}

Secret text_of(ByteView id, const Secret& secret) {
  Bytes octets;
  octets.reserve(kIdSize + kSecretSize);
  append(octets, id);
  append(octets, secret.view());
  const Secret both(std::move(octets));
  std::string encoded = to_base32(both.view());
  Bytes text;
  text.reserve(kPrefix.size() + encoded.size());
  append(text, as_bytes(kPrefix));
  append(text, as_bytes(encoded));
  wipe({reinterpret_cast<std::uint8_t*>(encoded.data()), encoded.size()});
  return Secret(std::move(text));
}

}  // namespace

MadeSealWindow make_seal_window(hsm::Session& hsm, const NewSealWindow& order,
                                const std::string& by, Time now) {
  const Secret secret = Secret::random(kSecretSize);
  store::SealWindowRow row;
  row.id = random_bytes(kIdSize);
  row.user = order.user;
  row.key = order.key;
  row.not_before = order.not_before;
  row.not_after = order.not_after;
  row.allowed = order.allowed;
  row.operators = order.operators;
  row.approved_by = by;
  row.opened_at = now;
  row.last_used_at = now;
  row.credential_mac = credential_mac(hsm, row, secret);
  row.mac = window_mac(hsm, row);
  Secret text = text_of(row.id, secret);
  return {std::move(row), std::move(text)};
}

void approve_seal_window(hsm::Session& hsm, store::SealWindowRow& row, const std::string& by) {
  row.approved_by += "\n" + by;
  row.mac = window_mac(hsm, row);
}

void close_seal_window(hsm::Session& hsm, store::SealWindowRow& row) {
  row.credential_mac.clear();
  row.mac = window_mac(hsm, row);
}

std::vector<std::string> approvers_of(const store::SealWindowRow& row) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= row.approved_by.size();) {
    const auto end = std::min(row.approved_by.find('\n', from), row.approved_by.size());
    out.push_back(row.approved_by.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

SealWindowState state_of(const store::SealWindowRow& row, Time now) {
  if (row.credential_mac.empty()) return SealWindowState::closed;
  if (now >= row.not_after) return SealWindowState::over;
  if (row.used >= row.allowed) return SealWindowState::used_up;
  if (static_cast<std::int64_t>(approvers_of(row).size()) < row.operators)
    return SealWindowState::unapproved;
  return now < row.not_before ? SealWindowState::early : SealWindowState::open;
}

std::string_view name_of(SealWindowState state) {
  switch (state) {
    case SealWindowState::closed:
      return "closed";
    case SealWindowState::over:
      return "over";
    case SealWindowState::used_up:
      return "used-up";
    case SealWindowState::unapproved:
      return "unapproved";
    case SealWindowState::early:
      return "early";
    case SealWindowState::open:
      break;
  }
  return "open";
}

void check_seal_window(hsm::Session& hsm, const store::SealWindowRow& row) {
  if (!equal_in_constant_time(window_mac(hsm, row), row.mac))
    throw Error(Fault::tampered, "the window " + to_hex(row.id) + " is refused",
                "its record in the store was changed: the MAC is not the one of its content",
                "nothing was signed; compare the store with a backup and the audit log");
}

std::optional<MachineCredential> parse_machine_credential(const Secret& text) {
  if (!text.text().starts_with(kPrefix)) return std::nullopt;
  auto octets = from_base32(text.text().substr(kPrefix.size()));
  if (!octets) return std::nullopt;
  const Secret both(std::move(*octets));
  if (both.size() != kIdSize + kSecretSize) return std::nullopt;
  return MachineCredential{to_bytes(both.view().first(kIdSize)),
                           Secret::copy_of(both.view().subspan(kIdSize))};
}

bool is_credential_of(hsm::Session& hsm, const store::SealWindowRow* row,
                      const MachineCredential& credential) {
  const store::SealWindowRow none;
  const Bytes mac = credential_mac(hsm, row != nullptr ? *row : none, credential.secret);
  const bool closed = row == nullptr || row->credential_mac.size() != kMacSize;
  return equal_in_constant_time(mac, closed ? Bytes(kMacSize) : row->credential_mac) && !closed;
}

}  // namespace tsp::sam
