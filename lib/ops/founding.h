// The parts of founding that are not making: the folder it is made in, and what is refused before.
#pragma once

#include <map>

#include "base/files.h"
#include "hsm/hsm.h"
#include "ops/found.h"

namespace tsp::ops {

// The folder beside HOME in which everything is made, locked for as long as this lives. Leaving
// scope removes it, unless a claim on foreign tokens is pending in it; only move_to() keeps it, as
// HOME. Error{busy} when another founding holds it.
class Scaffold {
 public:
  explicit Scaffold(const Home& home);
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;
  ~Scaffold();

  void empty();
  // One rename over nothing or over an empty folder.
  void move_to(const Home& home);
  Home home() const { return {path_}; }

 private:
  std::string path_;
  Fd lock_;
  bool moved_ = false;
};

// Error{bad_input} for names that no certificate can carry, {policy_refused} for weak PIN
// verifiers.
void check_names(const Founding& founding);
// Error{already_exists} when anything stands in HOME.
void check_free(const Home& home);
// Token labels by role. Error{usage} for unknown roles and roles without a token.
std::map<std::string, std::string> labels_of(const Founding& founding);

// A founding's claim on the tokens of a foreign HSM, which outlives the process: a file in the
// founding's folder, FOLDER/foreign-hsm, and on each token a MAC key named "founding-1" whose MAC
// stands in that file. So an interrupted founding finds the keys it made and destroys these alone,
// never those of a TSP that was founded on the same token since. Does nothing for embedded tokens.
class TokenClaim {
 public:
  // True where a claim stands in `site`.
  static bool pending(const Home& site);

  TokenClaim(const Home& site, const Founding& founding) : site_(site), founding_(founding) {}

  // Destroys what the claim in the folder covers. Error{already_exists} when it is on other tokens
  // than those that are named now.
  void recover();
  // Error{already_exists} for tokens that hold a TSP's keys or another founding's claim.
  void check_free();
  void stake();
  // The TSP stands in `home`: its keys stay. Never fails, because the TSP is whole without it.
  void release(const Home& home) noexcept;

 private:
  using Sessions = std::map<std::string, std::shared_ptr<hsm::Session>>;  // by label
  Sessions sessions(const Home& site) const;
  void write(const std::map<std::string, std::string>& macs) const;

  Home site_;
  const Founding& founding_;
};

}  // namespace tsp::ops
