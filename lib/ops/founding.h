// The parts of founding that are not making: the folder it is made in, and what is refused before.
#pragma once

#include <map>

#include "base/files.h"
#include "ops/found.h"

namespace tsp::ops {

// The folder beside HOME in which everything is made, locked for as long as this lives. Leaving
// scope removes it; only move_to() keeps it, as HOME. Error{busy} when another founding holds it.
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

// Destroys the keys that an interrupted founding left on a foreign HSM: its folder says that it had
// begun there, and nothing that stands uses them.
void remove_leftover_keys(const Home& site, const Founding& founding);
// Error{already_exists} for tokens that hold a TSP's keys.
void check_tokens_free(const Home& site, const Founding& founding);
// Marks a folder as one that has begun on a foreign HSM.
void mark_foreign_hsm(const Home& site, const Founding& founding);
void unmark_foreign_hsm(const Home& site);

}  // namespace tsp::ops
