// Which factors a signer must bring: a group's policy as text, "pin+totp", "pin+device|pin+ocra":
// alternatives, each a set of factors that are all required.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tsp::sam {

// device: approves and brings the share. ocra, oob: codes bound to the documents.
enum class Factor { pin, totp, hotp, ocra, oob, device };

std::string_view name_of(Factor factor);
std::optional<Factor> parse_factor(std::string_view name);
// Whether it is answered with a code that is typed.
bool is_code(Factor factor);
// Whether the answer is good for the shown documents only. Against whom: docs/sole-control.md.
bool binds_documents(Factor factor);

using Factors = std::set<Factor>;
std::string text_of(const Factors& factors);  // "pin+totp"

class Requirement {
 public:
  // Error{bad_input} for an unknown factor, one named twice, fewer than two, two kinds of code in
  // one alternative, and for SCAL 2 an alternative without the PIN or without a factor that binds
  // the documents; TOTP and HOTP count for SCAL 1 only (EN 419 241-1 SRA_SAP.2).
  static Requirement parse(std::string_view text, int scal);

  // What a key that is made for one approval asks for, by the policy of keys of that SCAL. There is
  // no share, so that at SCAL 2 only alternatives with the device count: it alone binds against the
  // operator. Nothing where the policy has none. Errors as parse().
  static std::optional<Requirement> for_one_shot(std::string_view text, int scal);

  std::string text() const;  // as parse() takes it
  const std::vector<Factors>& alternatives() const& { return alternatives_; }
  const std::vector<Factors>& alternatives() const&& = delete;  // it would dangle

 private:
  std::vector<Factors> alternatives_;
};

}  // namespace tsp::sam
